/** The right edge of a log: what must be known of it to add entries. Pure. */
import { concatBytes } from '@vaultmesh/merkle/bytes'
import { CompactRange } from '@vaultmesh/merkle/compact'
import { nodeHasher } from '@vaultmesh/merkle/node'
import { type BatchHasher, hashLength } from '@vaultmesh/merkle/rfc6962'
import { encodeEntryBundle, entryBundlePath, tilePath, tileWidth } from '@vaultmesh/merkle/tiles'
import { oneByOne } from './batch-hasher.ts'

/** The growing end of a log. */
export interface Edge {
  readonly size: bigint
  /** The hashes of the complete subtrees, largest first. */
  readonly hashes: readonly Uint8Array[]
  /** Per tile level, the hashes of its partial tile. */
  readonly tiles: readonly (readonly Uint8Array[])[]
  /** The entries of the partial entry bundle. */
  readonly entries: readonly Uint8Array[]
}

/** A file of the published tree: its path below the tree's folder, as tlog-tiles names it. */
export interface TreeFile {
  readonly path: string
  readonly bytes: Uint8Array
}

/** A log that has grown. */
export interface Growth {
  readonly edge: Edge
  /** The root of the log with the new entries: 32 bytes. */
  readonly root: Uint8Array
  /** All tiles and entry bundles that the new size needs and the old one did not have. */
  readonly files: readonly TreeFile[]
}

/** A log without entries. */
export const emptyEdge: Edge = { size: 0n, hashes: [], tiles: [], entries: [] }

/** How many levels of the tree one tile spans. */
export const tileHeight = 8

const wide = BigInt(tileWidth)

/** The hashes of a tile, each on its own. */
export function splitTile(tile: Uint8Array): Uint8Array[] {
  return Array.from({ length: tile.length / hashLength }, (_, i) =>
    tile.slice(i * hashLength, (i + 1) * hashLength),
  )
}

/** The root of a log: 32 bytes. */
export function rootOfEdge({ size, hashes }: Edge): Uint8Array {
  return CompactRange.from(size, hashes, nodeHasher).root()
}

/** Adds at least one entry. */
export function extendEdge(
  edge: Edge,
  added: readonly Uint8Array[],
  hasher: BatchHasher = oneByOne,
): Growth {
  let range = CompactRange.from(edge.size, edge.hashes, nodeHasher)
  const tiles = edge.size === 0n ? [[]] : edge.tiles.map((hashes) => [...hashes])
  const files: TreeFile[] = []
  let entries = [...edge.entries, ...added]
  for (let bundle = edge.size / wide; entries.length >= tileWidth; bundle += 1n) {
    const bytes = encodeEntryBundle(entries.slice(0, tileWidth))
    files.push({ path: entryBundlePath(bundle), bytes })
    entries = entries.slice(tileWidth)
  }

  const addToTile = (level: number, index: bigint, hash: Uint8Array): void => {
    if (level % tileHeight !== 0) return
    const tileLevel = level / tileHeight
    const tile = tiles[tileLevel] ?? []
    tiles[tileLevel] = tile
    tile.push(hash)
    if (tile.length < tileWidth) return
    files.push({ path: tilePath(tileLevel, index / wide), bytes: concatBytes(...tile) })
    tile.length = 0
  }
  /** Adds 256 leaves at once, which begin where a tile does. */
  const addTile = (bytes: Uint8Array): void => {
    const index = range.size / wide
    files.push({ path: tilePath(0, index), bytes })
    const root = hasher.hashSubtree(bytes)
    addToTile(tileHeight, index, root)
    const next = CompactRange.between(range.size, range.size + wide, [root], nodeHasher)
    range = range.merge(next, addToTile)
  }

  const leaves = hasher.hashLeaves(added)
  for (let at = 0; at < leaves.length; ) {
    const isTile = range.size % wide === 0n && leaves.length - at >= tileWidth * hashLength
    const hashes = leaves.subarray(at, at + (isTile ? tileWidth : 1) * hashLength)
    if (isTile) addTile(hashes)
    else range.append(hashes, addToTile)
    at += hashes.length
  }

  const { size } = range
  if (entries.length > 0) {
    const path = entryBundlePath(size / wide, entries.length)
    files.push({ path, bytes: encodeEntryBundle(entries) })
  }
  for (const [level, tile] of tiles.entries()) {
    const shift = BigInt(tileHeight * level)
    const hasGrown = size >> shift > edge.size >> shift
    if (tile.length === 0 || !hasGrown) continue
    const path = tilePath(level, (size >> shift) / wide, tile.length)
    files.push({ path, bytes: concatBytes(...tile) })
  }
  return { edge: { size, hashes: range.hashes, tiles, entries }, root: range.root(), files }
}
