/** Gives a log a new state, on the word of its operator. */
import { encodeUtf8, equalBytes } from '@vaultmesh/merkle/bytes'
import { checkTree } from './check.ts'
import { TlogError } from './errors.ts'
import { readSignedHead } from './found.ts'
import type { Head, Tree } from './head.ts'
import { openWith, requireNewest } from './log.ts'
import type { Log } from './log-handle.ts'
import {
  type LogOptions,
  type StorageOptions,
  type WriterContext,
  writerContext,
} from './options.ts'
import { readPublishedHead } from './tree-files.ts'
import { rootAt } from './tree-reads.ts'
import { openTiles } from './tree-source.ts'
import { LogWriter } from './writer.ts'

/** What is known of a log that is to be recovered. */
interface Expectation {
  /**
   * The number of entries that the operator knows the log to have had last, from a witness, a
   * mirror, or notes: not from the tree itself, which may have been restored from a backup.
   */
  readonly expectedSize: bigint
}

/** What is needed to recover a log. */
export type RecoverOptions = Expectation & (LogOptions | StorageOptions)

/** The published head, of the expected size, with every file of its tree verified. */
async function requireSoundTree(context: WriterContext, expectedSize: bigint): Promise<Head> {
  const { name: directory } = context.tree
  const published = await readPublishedHead(context.tree, context.identity)
  if (published === undefined) {
    throw new TlogError('LOG_NOT_FOUND', `there is no log in ${directory} to recover`)
  }
  if (published.size !== expectedSize) {
    throw new TlogError(
      'LOG_SIZE_MISMATCH',
      `the log in ${directory} has ${published.size} entries, not the ${expectedSize} that you expect; find out which is right, and restore a newer tree if it has fewer`,
    )
  }
  const { problems } = await checkTree(context.tree, published)
  const [first] = problems
  if (first === undefined) return published
  throw new TlogError(
    'LOG_TREE_DAMAGED',
    `the log in ${directory} has ${problems.length} damaged files and can't be recovered before they are restored; the first: ${first.path}: ${first.detail}`,
  )
}

/** The head in the state, where there is one that can be read. */
async function readKnownHead(context: WriterContext): Promise<Head | undefined> {
  try {
    return await readSignedHead(context)
  } catch (error) {
    // A damaged state is one reason to recover.
    if (error instanceof TlogError && error.code === 'LOG_STATE_DAMAGED') return undefined
    throw error
  }
}

/** Refuses a tree that is known not to be the one this writer signed. */
async function requireSameHistory(
  context: WriterContext,
  published: Head,
  { size, root }: Tree,
): Promise<void> {
  if (size > published.size) {
    throw new TlogError(
      'LOG_TREE_BEHIND',
      `the log has ${published.size} entries, but this writer signed ${size}: restore a newer tree, from a backup or a mirror`,
    )
  }
  const tree = await openTiles(published, context.tree)
  if (equalBytes(await rootAt(tree, size), root)) return
  throw new TlogError(
    'LOG_FORKED',
    `the log and the state of this writer have different roots for ${size} entries; never sign with this key again: keep both as evidence and begin a log with another origin`,
  )
}

/**
 * Opens a log whose state is missing, damaged or behind, after the whole published tree was
 * verified. A state that is there and as new as the tree is used as {@link openLog} uses it.
 *
 * Rejects with LOG_SIZE_MISMATCH where the tree has not `expectedSize` entries, LOG_TREE_DAMAGED
 * where a file of it is wrong, LOG_STATE_BEHIND where a witness knows a larger tree, LOG_TREE_BEHIND
 * or LOG_FORKED where what is left of the state
 * contradicts the tree, and as {@link openLog} does.
 */
export async function recoverLog(options: RecoverOptions): Promise<Log> {
  const context = writerContext(options)
  const { lock, stage } = context.storage
  options.signal?.throwIfAborted()
  await lock.prepare()
  return openWith(context, async () => {
    const published = await requireSoundTree(context, options.expectedSize)
    await requireNewest(context, published)
    const known = await readKnownHead(context)
    if (known !== undefined && known.size >= published.size) {
      return LogWriter.resume(context, known, published)
    }
    if (known !== undefined) await requireSameHistory(context, published, known)
    // Entries that come next may have been signed before the state was lost: they stay next.
    const staged = await stage.open()
    if (staged !== undefined) await requireSameHistory(context, published, staged.base)
    if (!(await lock.replace(await lock.read(), encodeUtf8(published.checkpoint)))) {
      throw new Error(`someone else changed the state in ${lock.name} meanwhile`)
    }
    return LogWriter.resume(context, published, published)
  })
}
