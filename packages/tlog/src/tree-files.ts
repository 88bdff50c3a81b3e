/** The checkpoint of a published tree, and how long its other files may be. */
import { maxNoteLength } from '@vaultmesh/merkle/note'
import { maxEntryLength, tileWidth } from '@vaultmesh/merkle/tiles'
import { TlogError, toTlogError } from './errors.ts'
import { type Head, type LogIdentity, openHead } from './head.ts'
import type { TileReader } from './storage.ts'

/** The longest a file of a tree can be: a full bundle of entries, each with its length before it. */
export const maxTreeFileLength: number = tileWidth * (2 + maxEntryLength)

/**
 * The verified head that a tree publishes, or undefined where it has no checkpoint.
 *
 * `known` is given back, without verifying again, where it is the one that is published. Throws
 * LOG_CHECKPOINT_INVALID or LOG_IO.
 */
export async function readPublishedHead(
  tree: TileReader,
  identity: LogIdentity,
  known?: Head,
): Promise<Head | undefined> {
  let bytes: Uint8Array | undefined
  try {
    bytes = await tree.read('checkpoint', maxNoteLength)
  } catch (error) {
    throw toTlogError(error, `reading the checkpoint of ${tree.name}`)
  }
  if (bytes === undefined) return undefined
  if (known !== undefined && Buffer.from(known.checkpoint).equals(bytes)) return known
  const head = await openHead(bytes, identity)
  if (typeof head !== 'string') return head
  throw new TlogError(
    'LOG_CHECKPOINT_INVALID',
    `the checkpoint of ${tree.name} is not to be believed: ${head}; check the origin and keys, or restore the file from a backup or a mirror`,
  )
}

/** As {@link readPublishedHead}; LOG_NOT_FOUND where there is none. */
export async function requireHead(
  tree: TileReader,
  identity: LogIdentity,
  known?: Head,
): Promise<Head> {
  const head = await readPublishedHead(tree, identity, known)
  if (head !== undefined) return head
  throw new TlogError(
    'LOG_NOT_FOUND',
    `${tree.name} has no file "checkpoint": there is no log, or it was moved`,
  )
}
