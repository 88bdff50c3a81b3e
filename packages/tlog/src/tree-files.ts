/** Reads the files of a published tree. Anybody may have written them: nothing is verified here. */
import { join } from 'node:path'
import { maxNoteLength } from '@vaultmesh/merkle/note'
import { hashLength } from '@vaultmesh/merkle/rfc6962'
import {
  decodeEntryBundle,
  entryBundlePath,
  maxEntryLength,
  tilePath,
  tileWidth,
} from '@vaultmesh/merkle/tiles'
import { TlogError, toTlogError } from './errors.ts'
import type { FileSystem } from './fs.ts'
import { type Head, type LogIdentity, openHead } from './head.ts'

/** The longest a file of a tree can be: a full bundle of entries, each with its length before it. */
export const maxTreeFileLength: number = tileWidth * (2 + maxEntryLength)

/** Where a published tree is. */
export interface TreeLocation {
  readonly fs: FileSystem
  readonly directory: string
}

function damaged(path: string, problem: string): TlogError {
  return new TlogError(
    'LOG_TREE_DAMAGED',
    `${path} ${problem}; restore it from a backup or a mirror of the log`,
  )
}

/** The `width` that `tilePath` wants: left out for a full tile. */
function partial(width: number): number | undefined {
  return width === tileWidth ? undefined : width
}

/** A file below the tree's folder, or undefined where it is missing. Throws LOG_IO. */
export async function readTreeFile(
  tree: TreeLocation,
  path: string,
): Promise<Uint8Array | undefined> {
  try {
    return await tree.fs.read(join(tree.directory, path), maxTreeFileLength)
  } catch (error) {
    throw toTlogError(error, `reading ${path}`)
  }
}

/** The partial file, or the full one that a log may have kept in its place; and which it is. */
async function readPartialOrFull(
  tree: TreeLocation,
  path: string,
  fullPath: string,
): Promise<{ bytes: Uint8Array; foundPath: string }> {
  for (const foundPath of new Set([path, fullPath])) {
    const bytes = await readTreeFile(tree, foundPath)
    if (bytes !== undefined) return { bytes, foundPath }
  }
  throw damaged(path, 'is missing')
}

/**
 * The first `width` hashes (1 to 256) of a tile, one after the other.
 *
 * Throws LOG_TREE_DAMAGED where the file is missing or has another length, or LOG_IO.
 */
export async function readTile(
  tree: TreeLocation,
  level: number,
  index: bigint,
  width: number,
): Promise<Uint8Array> {
  const path = tilePath(level, index, partial(width))
  const fullPath = tilePath(level, index)
  const { bytes, foundPath } = await readPartialOrFull(tree, path, fullPath)
  const length = (foundPath === fullPath ? tileWidth : width) * hashLength
  if (bytes.length !== length) {
    throw damaged(foundPath, `has ${bytes.length} bytes instead of ${length}`)
  }
  return bytes.subarray(0, width * hashLength)
}

/** The first `width` entries (1 to 256) of a bundle. Throws as {@link readTile} does. */
export async function readBundle(
  tree: TreeLocation,
  index: bigint,
  width: number,
): Promise<Uint8Array[]> {
  const path = entryBundlePath(index, partial(width))
  const fullPath = entryBundlePath(index)
  const { bytes, foundPath } = await readPartialOrFull(tree, path, fullPath)
  const count = foundPath === fullPath ? tileWidth : width
  const entries = decodeEntryBundle(bytes, count)
  if (entries === undefined) throw damaged(foundPath, `is not a bundle of ${count} entries`)
  return entries.slice(0, width)
}

/**
 * The verified head that a tree publishes, or undefined where it has no checkpoint.
 *
 * `known` is given back, without verifying again, where it is the one that is published. Throws
 * LOG_CHECKPOINT_INVALID or LOG_IO.
 */
export async function readPublishedHead(
  tree: TreeLocation,
  identity: LogIdentity,
  known?: Head,
): Promise<Head | undefined> {
  const path = join(tree.directory, 'checkpoint')
  let bytes: Uint8Array | undefined
  try {
    bytes = await tree.fs.read(path, maxNoteLength)
  } catch (error) {
    throw toTlogError(error, `reading ${path}`)
  }
  if (bytes === undefined) return undefined
  if (known !== undefined && Buffer.from(known.checkpoint).equals(bytes)) return known
  const head = await openHead(bytes, identity)
  if (typeof head !== 'string') return head
  throw new TlogError(
    'LOG_CHECKPOINT_INVALID',
    `${path} is not to be believed: ${head}; check the origin and keys, or restore the file from a backup or a mirror`,
  )
}
