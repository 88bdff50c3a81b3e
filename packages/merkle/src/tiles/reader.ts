/** Reads the nodes of a tree out of its tiles. */
import { MerkleError } from '../errors.ts'
import type { NodeReader } from '../proof/build.ts'
import { type Hasher, hashLength, sha256Hasher } from '../rfc6962.ts'
import { ReadCache } from './cache.ts'
import { tileNode } from './edge.ts'
import { placeOfNode } from './needed.ts'
import { tilePath } from './path.ts'
import { tileWidth, widthOfTile } from './width.ts'

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
  const kept = new ReadCache<Uint8Array>(maxKeptTiles)

  function readTile(level: number, index: bigint): Promise<Uint8Array> {
    const width = widthOfTile(size, level, index)
    return kept.get(
      `${level}/${index}`,
      () => fetchHashes(fetchTile, level, index, width),
      () => true,
    )
  }

  return async (level, index) => {
    const isLevel = Number.isInteger(level) && level >= 0 && level <= 63
    if (!isLevel || index < 0n || (index + 1n) << BigInt(level) > size) {
      throw new MerkleError(
        'NODE_OUTSIDE_TREE',
        `subtree ${index} at level ${level} is not complete in a tree of ${size} leaves`,
      )
    }
    const place = placeOfNode({ level, index })
    const tile = await readTile(place.level, place.index)
    return tileNode(tile, place.begin, place.count, hasher)
  }
}
