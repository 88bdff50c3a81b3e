/** Makes and opens logs. */
import { emptyRoot } from '@vaultmesh/merkle/rfc6962'
import { makeDirectories } from './durable.ts'
import { TlogError, toTlogError } from './errors.ts'
import type { Head } from './head.ts'
import { acquireLock } from './lock.ts'
import { type Log, OpenLog } from './log-handle.ts'
import { type LogOptions, type WriterContext, writerContext } from './options.ts'
import { TreeReader } from './reader.ts'
import { LogState } from './state.ts'
import { readPublishedHead } from './tree-files.ts'
import { TreeWriter } from './tree-writer.ts'
import { LogWriter, signHead } from './writer.ts'

const defaultLockTimeoutMs = 10_000

/** What there is of a log. */
interface Found {
  readonly signed: Head | undefined
  readonly published: Head | undefined
}

async function find(context: WriterContext, state: LogState): Promise<Found> {
  const signed = await state.readHead()
  return { signed, published: await readPublishedHead(context.tree, context.identity) }
}

/** The last signed head. Throws LOG_NOT_FOUND or LOG_STATE_MISSING where there is none. */
function requireSigned({ signed, published }: Found, context: WriterContext): Head {
  if (signed !== undefined) return signed
  const { directory } = context.tree
  if (published === undefined) {
    throw new TlogError('LOG_NOT_FOUND', `there is no log in ${directory}; create it first`)
  }
  throw new TlogError(
    'LOG_STATE_MISSING',
    `the log in ${directory} has no state in ${context.stateDirectory}, so what was last signed is not known and nothing is added; bring the state back, or recover the log with the size that you know to be its last`,
  )
}

/**
 * Runs `open` with the writer's lock and gives a log that keeps it. Whatever is thrown that is not
 * a {@link TlogError} or the signal's reason comes out as LOG_IO or LOG_NO_SPACE.
 */
export async function withLock(
  options: LogOptions,
  context: WriterContext,
  open: (state: LogState) => Promise<LogWriter>,
): Promise<Log> {
  const { lockTimeoutMs: timeoutMs = defaultLockTimeoutMs, signal } = options
  const lock = await acquireLock(context.stateDirectory, { timeoutMs, signal })
  try {
    const state = new LogState(context.tree.fs, context.stateDirectory, context.identity)
    return new OpenLog(new TreeReader(context), await open(state), lock)
  } catch (error) {
    lock.release()
    throw toTlogError(error, `opening the log in ${context.tree.directory}`)
  }
}

/** Makes the folder of the state, for its owner only. */
export async function makeStateDirectory(context: WriterContext): Promise<void> {
  try {
    await makeDirectories(context.tree.fs, context.stateDirectory, 0o700)
  } catch (error) {
    throw toTlogError(error, `making ${context.stateDirectory}`)
  }
}

/**
 * Makes a log without entries, and its two folders where they are missing.
 *
 * Rejects with LOG_EXISTS where the tree or the state is there already, and as {@link openLog}
 * does for its options and the lock.
 */
export async function createLog(options: LogOptions): Promise<Log> {
  const context = writerContext(options)
  options.signal?.throwIfAborted()
  await makeStateDirectory(context)
  return withLock(options, context, async (state) => {
    const { directory, fs } = context.tree
    const names = await fs.list(directory)
    if (names.includes('checkpoint') || names.includes('tile')) {
      throw new TlogError('LOG_EXISTS', `there is a log in ${directory} already; open it instead`)
    }
    if ((await state.readCheckpoint()) !== undefined) {
      throw new TlogError(
        'LOG_EXISTS',
        `${state.directory} holds the state of a log already; open that log instead`,
      )
    }
    await new TreeWriter(context.tree).prepare()
    const signed = await signHead(context, { size: 0n, root: emptyRoot() })
    await state.writeStage(undefined)
    await state.writeHead(signed)
    return LogWriter.resume(context, state, signed, undefined)
  })
}

/**
 * Opens a log to add entries, and ends what a writer that was stopped had begun.
 *
 * Rejects with LOG_NOT_FOUND; LOG_STATE_MISSING, LOG_STATE_BEHIND, LOG_STATE_DAMAGED,
 * LOG_TREE_BEHIND, LOG_TREE_DAMAGED, LOG_CHECKPOINT_INVALID or LOG_FORKED where to go on would risk
 * a second history; LOG_LOCKED or the signal's reason where another writer has the log; LOG_OPTIONS
 * or LOG_SIGNER for the options; LOG_IO or LOG_NO_SPACE for the files.
 */
export async function openLog(options: LogOptions): Promise<Log> {
  const context = writerContext(options)
  const state = new LogState(context.tree.fs, context.stateDirectory, context.identity)
  // Before the lock, which would make a file even where there is no log.
  requireSigned(await find(context, state), context)
  return withLock(options, context, async (locked) => {
    const found = await find(context, locked)
    return LogWriter.resume(context, locked, requireSigned(found, context), found.published)
  })
}
