/** Reads a log's published files by way of merkle, which verifies them. */
import { nodeHasher } from '@vaultmesh/merkle/node'
import { type TileFailure, type TileSource, VerifiedTiles } from '@vaultmesh/merkle/tiles'
import { TlogError } from './errors.ts'
import type { Tree } from './head.ts'
import type { TileReader } from './storage.ts'
import { maxTreeFileLength } from './tree-files.ts'

/** The tiles and bundles of a reader. */
export function sourceOf(reader: TileReader): TileSource {
  return (path) => reader.read(path, maxTreeFileLength)
}

/** What a file of a tree that is missing or wrong means for whoever needs it. */
export function treeError({ code, detail, cause }: TileFailure): Error {
  if (cause instanceof TlogError) return cause
  const isUnread = code === 'SOURCE_FAILED'
  return new TlogError(
    isUnread ? 'LOG_IO' : 'LOG_TREE_DAMAGED',
    isUnread ? detail : `${detail}; restore it from a backup or a mirror of the log`,
    { cause },
  )
}

/** The tiles of a tree that was signed. Rejects as {@link treeError} says. */
export async function openTiles(head: Tree, reader: TileReader): Promise<VerifiedTiles> {
  const opened = await VerifiedTiles.open(head, sourceOf(reader), { hasher: nodeHasher })
  if (opened.ok) return opened.tiles
  throw treeError(opened)
}
