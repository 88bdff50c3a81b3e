/** What a writer and a reader take out of a verified tree. Throws where files are missing or wrong. */
import {
  partialWidth,
  type TileFailure,
  tileCount,
  tileWidth,
  type VerifiedTiles,
} from '@vaultmesh/merkle/tiles'
import { type Edge, splitTile, tileHeight } from './edge.ts'
import { treeError } from './tree-source.ts'

/** What was read, or the error that it stands for: LOG_TREE_DAMAGED or LOG_IO. */
export function sound<T extends { readonly ok: true }>(read: T | TileFailure): T {
  if (read.ok) return read
  throw treeError(read)
}

/** The entries of a bundle. */
export async function bundleOf(tree: VerifiedTiles, index: bigint): Promise<readonly Uint8Array[]> {
  return sound(await tree.bundle(index)).entries
}

/** The root of the first `size` leaves. */
export async function rootAt(tree: VerifiedTiles, size: bigint): Promise<Uint8Array> {
  return sound(await tree.rootAt(size)).root
}

/** The growing end of a tree. */
export async function readEdge(tree: VerifiedTiles): Promise<Edge> {
  const { size } = tree
  const tiles: Uint8Array[][] = []
  for (let level = 0; size >> BigInt(tileHeight * level) > 0n; level += 1) {
    const isOpen = partialWidth(size, level) > 0
    const last = tileCount(size, level) - 1n
    tiles.push(isOpen ? splitTile(sound(await tree.tile(level, last)).hashes) : [])
  }
  const isBundleOpen = partialWidth(size, 0) > 0
  const entries = isBundleOpen ? await bundleOf(tree, size / BigInt(tileWidth)) : []
  return { size, hashes: tree.edge, tiles, entries }
}
