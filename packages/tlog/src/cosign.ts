/** The gate between a signed checkpoint and its publication. */

/**
 * Gives a signed checkpoint with further signature lines, such as those of witnesses; the text
 * above them stays as it is. Called after the checkpoint is in the lock, with its tiles in place.
 * What it throws keeps the checkpoint unpublished until the next attempt: at the next entries, at
 * `Log.publish`, or when the log is opened again.
 *
 * Called when the log is opened, too, with the checkpoint that was signed last. A LOG_STATE_BEHIND
 * that it throws says that somebody knows a larger tree of this log: then nothing more is signed.
 */
export type Cosign = (checkpoint: string) => Promise<string>
