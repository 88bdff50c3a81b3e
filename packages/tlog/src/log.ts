/** Makes and opens logs. */
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { emptyRoot } from '@vaultmesh/merkle/rfc6962'
import { isContradiction } from './cosign.ts'
import { TlogError, toTlogError } from './errors.ts'
import { findHeads, readSignedHead, requireSigned } from './found.ts'
import type { Head } from './head.ts'
import { type Log, OpenLog } from './log-handle.ts'
import {
  type LogOptions,
  type StorageOptions,
  type WriterContext,
  writerContext,
} from './options.ts'
import type { TakeUp } from './session.ts'
import { LogWriter, signHead } from './writer.ts'

/** Takes up a log that is there, unless nobody else wrote since `before`. */
function takeUp(context: WriterContext): TakeUp {
  return async (before) => {
    const staged = before && (await context.storage.stage.open())
    const isSame =
      before !== undefined &&
      before.published?.size === before.signed.size &&
      (staged === undefined || staged.next <= before.signed.size) &&
      (await before.isCurrent())
    if (isSame) return before
    const found = await findHeads(context)
    return LogWriter.resume(context, requireSigned(found, context), found.published)
  }
}

/**
 * Gives a log that was first taken up with `first`. Whatever is thrown that is not a
 * {@link TlogError} or the signal's reason comes out as LOG_IO or LOG_NO_SPACE.
 */
export async function openWith(context: WriterContext, first: TakeUp): Promise<Log> {
  const { signal, storage } = context
  try {
    return await OpenLog.open(context, first, takeUp(context))
  } catch (error) {
    if (signal?.aborted === true && error === signal.reason) throw error
    throw toTlogError(error, `opening the log in ${storage.tiles.name}`)
  }
}

/**
 * Makes a log without entries, and where it is kept.
 *
 * Rejects with LOG_EXISTS where the tree or the state is there already, and as {@link openLog}
 * does for its options and the lock.
 */
export async function createLog(options: LogOptions | StorageOptions): Promise<Log> {
  const context = writerContext(options)
  const { lock, tiles, stage } = context.storage
  options.signal?.throwIfAborted()
  await lock.prepare()
  return openWith(context, async () => {
    for await (const path of tiles.list('tile/')) throw exists(tiles.name, path)
    if ((await tiles.read('checkpoint', Number.MAX_SAFE_INTEGER)) !== undefined) {
      throw exists(tiles.name, 'checkpoint')
    }
    if ((await lock.read()) !== undefined) {
      throw new TlogError(
        'LOG_EXISTS',
        `${lock.name} holds the state of a log already; open that log instead`,
      )
    }
    if ((await stage.open()) !== undefined) {
      throw new TlogError(
        'LOG_EXISTS',
        `${stage.name} holds entries of a log already; move them away if you know where they are from`,
      )
    }
    await tiles.prepare()
    const signed = await signHead(context, { size: 0n, root: emptyRoot() })
    if (!(await lock.replace(undefined, encodeUtf8(signed.checkpoint)))) {
      throw new TlogError('LOG_EXISTS', `${lock.name} holds the state of a log by now; open it`)
    }
    return LogWriter.resume(context, signed, undefined)
  })
}

function exists(place: string, path: string): TlogError {
  return new TlogError(
    'LOG_EXISTS',
    `there is a log in ${place} already (${path}); open it instead`,
  )
}

/**
 * Refuses a log that a witness knows to have gone further than `head`: tree and state were restored
 * together, which nothing else can show. Asked before anything is signed.
 */
export async function requireNewest({ cosign }: WriterContext, head: Head): Promise<void> {
  try {
    await cosign(head.checkpoint)
  } catch (error) {
    // Witnesses that can't be reached say nothing; they are asked again before anything is published.
    if (isContradiction(error)) throw error
  }
}

/**
 * Opens a log to add entries, and ends what a writer that was stopped had begun. Asks `cosign` about
 * the last signed checkpoint first.
 *
 * Rejects with LOG_NOT_FOUND; LOG_STATE_MISSING, LOG_STATE_BEHIND, LOG_STATE_DAMAGED,
 * LOG_TREE_BEHIND, LOG_TREE_DAMAGED, LOG_CHECKPOINT_INVALID or LOG_FORKED where to go on would risk
 * a second history; LOG_LOCKED or the signal's reason where another writer has the log; LOG_OPTIONS
 * or LOG_SIGNER for the options; LOG_IO or LOG_NO_SPACE for the files.
 */
export async function openLog(options: LogOptions | StorageOptions): Promise<Log> {
  const context = writerContext(options)
  // Before the lock, which would make a file even where there is no log, and which others would
  // wait for while witnesses are asked.
  let signed = requireSigned(await findHeads(context), context)
  for (;;) {
    const asked = signed
    try {
      await requireNewest(context, asked)
      break
    } catch (error) {
      // Another writer may have gone on since: what witnesses know was in the lock before.
      signed = (await readSignedHead(context)) ?? asked
      if (signed.size <= asked.size) throw error
    }
  }
  return openWith(context, takeUp(context))
}
