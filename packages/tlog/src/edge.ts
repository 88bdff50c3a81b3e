/** The right edge of a log: what must be known of it to add entries. Pure. */
import { concatBytes } from '@vaultmesh/merkle/bytes'
import { CompactRange } from '@vaultmesh/merkle/compact'
import { nodeHasher } from '@vaultmesh/merkle/node'
import { hashLength } from '@vaultmesh/merkle/rfc6962'
import { encodeEntryBundle, entryBundlePath, tilePath, tileWidth } from '@vaultmesh/merkle/tiles'

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
export function extendEdge(edge: Edge, added: readonly Uint8Array[]): Growth {
  const range = CompactRange.from(edge.size, edge.hashes, nodeHasher)
  const tiles = edge.tiles.map((hashes) => [...hashes])
  const files: TreeFile[] = []
  let entries = [...edge.entries]

  const addToTile = (level: number, index: bigint, hash: Uint8Array): void => {
    if (level % tileHeight !== 0) return
    const tileLevel = level / tileHeight
    const tile = tiles[tileLevel] ?? []
    tiles[tileLevel] = tile
    tile.push(hash)
    if (tile.length < tileWidth) return
    const path = tilePath(tileLevel, index / BigInt(tileWidth))
    files.push({ path, bytes: concatBytes(...tile) })
    tile.length = 0
  }

  for (const entry of added) {
    entries.push(entry)
    if (entries.length === tileWidth) {
      const path = entryBundlePath(range.size / BigInt(tileWidth))
      files.push({ path, bytes: encodeEntryBundle(entries) })
      entries = []
    }
    range.append(nodeHasher.hashLeaf(entry), addToTile)
  }

  const { size } = range
  if (entries.length > 0) {
    const path = entryBundlePath(size / BigInt(tileWidth), entries.length)
    files.push({ path, bytes: encodeEntryBundle(entries) })
  }
  for (const [level, tile] of tiles.entries()) {
    const shift = BigInt(tileHeight * level)
    const hasGrown = size >> shift > edge.size >> shift
    if (tile.length === 0 || !hasGrown) continue
    const path = tilePath(level, (size >> shift) / BigInt(tileWidth), tile.length)
    files.push({ path, bytes: concatBytes(...tile) })
  }
  return { edge: { size, hashes: range.hashes, tiles, entries }, root: range.root(), files }
}
