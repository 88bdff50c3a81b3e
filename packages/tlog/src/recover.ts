/** Gives a log a new state, on the word of its operator. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { nodeHasher } from '@vaultmesh/merkle/node'
import { buildRoot } from '@vaultmesh/merkle/proof'
import { checkTree } from './check.ts'
import { TlogError } from './errors.ts'
import type { Head } from './head.ts'
import { makeStateDirectory, withLock } from './log.ts'
import type { Log } from './log-handle.ts'
import { type LogOptions, type WriterContext, writerContext } from './options.ts'
import type { LogState } from './state.ts'
import { readPublishedHead } from './tree-files.ts'
import { VerifiedTree } from './verified-tree.ts'
import { LogWriter } from './writer.ts'

/** What is needed to recover a log. */
export interface RecoverOptions extends LogOptions {
  /**
   * The number of entries that the operator knows the log to have had last, from a witness, a
   * mirror, or notes: not from the tree itself, which may have been restored from a backup.
   */
  readonly expectedSize: bigint
}

/** The published head, of the expected size, with every file of its tree verified. */
async function requireSoundTree(context: WriterContext, expectedSize: bigint): Promise<Head> {
  const { directory } = context.tree
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
async function readKnownHead(state: LogState): Promise<Head | undefined> {
  try {
    return await state.readHead()
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
  size: bigint,
  root: Uint8Array,
): Promise<void> {
  if (size > published.size) {
    throw new TlogError(
      'LOG_TREE_BEHIND',
      `the log has ${published.size} entries, but this writer signed ${size}: restore a newer tree, from a backup or a mirror`,
    )
  }
  const tree = await VerifiedTree.open(context.tree, published)
  if (equalBytes(await buildRoot(size, tree.nodes(), nodeHasher), root)) return
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
 * where a file of it is wrong, LOG_TREE_BEHIND or LOG_FORKED where what is left of the state
 * contradicts the tree, and as {@link openLog} does.
 */
export async function recoverLog(options: RecoverOptions): Promise<Log> {
  const context = writerContext(options)
  options.signal?.throwIfAborted()
  await makeStateDirectory(context)
  return withLock(options, context, async (state) => {
    const published = await requireSoundTree(context, options.expectedSize)
    const known = await readKnownHead(state)
    if (known !== undefined && known.size >= published.size) {
      return LogWriter.resume(context, state, known, published)
    }
    if (known !== undefined) {
      await requireSameHistory(context, published, known.size, known.root)
    }
    const stage = await state.readStage()
    if (stage !== undefined) await requireSameHistory(context, published, stage.size, stage.root)
    // A stage that comes next may have been signed before the state was lost: it stays next.
    if (stage?.size !== published.size) await state.writeStage(undefined)
    await state.writeHead(published)
    return LogWriter.resume(context, state, published, published)
  })
}
