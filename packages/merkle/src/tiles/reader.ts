/** Reads the nodes of a tree out of its tiles. */
import { CompactRange } from '../compact.ts'
import { MerkleError } from '../errors.ts'
import type { NodeReader } from '../proof/build.ts'
import { type Hasher, hashLength, sha256Hasher } from '../rfc6962.ts'
import { tilePath } from './path.ts'
import { tileHeight, tileWidth, widthOfTile } from './width.ts'

/** Gives the bytes of the tile at a path of `tilePath`; rejects where there is none. */
export type TileFetcher = (path: string) => Promise<Uint8Array>

/** How many tiles a reader keeps: more than one proof touches. */
const maxKeptTiles = 64

function requireLength(tile: Uint8Array, path: string, wanted: number): Uint8Array {
  if (tile.length === wanted) return tile
  throw new MerkleError(
    'TILE_LENGTH',
    `${path} has ${tile.length} bytes instead of ${wanted}: it is damaged, or not a tile`,
  )
}

async function fetchHashes(
  fetchTile: TileFetcher,
  level: number,
  index: bigint,
  width: number,
): Promise<Uint8Array> {
  const wanted = width * hashLength
  const fullPath = tilePath(level, index)
  if (width === tileWidth) return requireLength(await fetchTile(fullPath), fullPath, wanted)
  const path = tilePath(level, index, width)
  try {
    return requireLength(await fetchTile(path), path, wanted)
  } catch (error) {
    // A log may delete a partial tile once the full one is there (tlog-tiles, "Partial Tiles").
    const full = await fetchTile(fullPath).catch(() => undefined)
    if (full === undefined) throw error
    return requireLength(full, fullPath, tileWidth * hashLength).subarray(0, wanted)
  }
}

/** The root over `count` hashes that stand one after the other, the first at `begin`. */
function subtreeHash(tile: Uint8Array, begin: number, count: number, hasher: Hasher): Uint8Array {
  const range = CompactRange.empty(hasher)
  for (let i = begin; i < begin + count; i += 1) {
    range.append(tile.slice(i * hashLength, (i + 1) * hashLength))
  }
  return range.root()
}

/**
 * A {@link NodeReader} over the tiles of a tree of `size` leaves.
 *
 * It keeps the last tiles that it read, so make one per proof or per short series of proofs. What
 * it gives is as good as the tiles: check the proof or root that you make of it against a
 * checkpoint. Rejects with NODE_OUTSIDE_TREE for a subtree that is not complete in this tree, with
 * TILE_LENGTH for a damaged tile, and with whatever `fetchTile` rejects with.
 */
export function nodeReader(
  size: bigint,
  fetchTile: TileFetcher,
  hasher: Hasher = sha256Hasher,
): NodeReader {
  const kept = new Map<string, Promise<Uint8Array>>()

  function readTile(level: number, index: bigint): Promise<Uint8Array> {
    const key = `${level}/${index}`
    const known = kept.get(key)
    if (known !== undefined) return known
    const tile = fetchHashes(fetchTile, level, index, widthOfTile(size, level, index))
    kept.set(key, tile)
    // A failure is not kept: the tile may be there at the next read.
    tile.catch(() => kept.delete(key))
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKeptTiles) break
      kept.delete(oldest)
    }
    return tile
  }

  return async (level, index) => {
    if (!(level >= 0 && level <= 63) || index < 0n || (index + 1n) << BigInt(level) > size) {
      throw new MerkleError(
        'NODE_OUTSIDE_TREE',
        `subtree ${index} at level ${level} is not complete in a tree of ${size} leaves`,
      )
    }
    const inside = level % tileHeight
    const first = index << BigInt(inside)
    const tile = await readTile((level - inside) / tileHeight, first / BigInt(tileWidth))
    return subtreeHash(tile, Number(first % BigInt(tileWidth)), 2 ** inside, hasher)
  }
}
