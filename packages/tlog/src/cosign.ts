/** The gate between a signed checkpoint and its publication. */
import { TlogError } from './errors.ts'

/**
 * Gives a signed checkpoint with further signature lines, such as those of witnesses; the text
 * above them stays as it is. Called after the checkpoint is in the lock, with its tiles in place.
 * What it throws keeps the checkpoint unpublished until the next attempt: at the next entries, at
 * `Log.publish`, or when the log is opened again.
 *
 * Called when the log is opened, too, with the checkpoint that was signed last. A LOG_STATE_BEHIND
 * that it throws says that somebody knows a larger tree of this log, and a LOG_FORKED that somebody
 * knows another one: then nothing more is signed.
 */
export type Cosign = (checkpoint: string) => Promise<string>

/** Whether what {@link Cosign} threw says that going on could sign a second history. */
export function isContradiction(error: unknown): boolean {
  return (
    error instanceof TlogError && (error.code === 'LOG_STATE_BEHIND' || error.code === 'LOG_FORKED')
  )
}
