/** What a log tells about its work, for metrics. */
import type { TlogError } from './errors.ts'

/** A step that is done. */
export interface StepDone {
  /** How many entries it was for. */
  readonly count: number
  /** The number of entries of the log after it. */
  readonly size: bigint
  /** How long it took, in milliseconds, by a clock that does not jump. */
  readonly durationMs: number
}

/** Told of each step. What it throws is ignored: no metric stops a log. */
export interface LogObserver {
  /** Entries were staged: one write and one sync, of `bytes` bytes of entries. */
  sequenced?(step: StepDone & { readonly bytes: number }): void
  /** A checkpoint over them was signed and stored in the lock. */
  integrated?(step: StepDone): void
  /** Their tiles and the checkpoint are visible, cosignatures included. */
  published?(step: StepDone): void
}

/** How far a log is. */
export interface LogStatus {
  /** Entries with an index, staged or further. */
  readonly sequenced: bigint
  /** Entries under a signed checkpoint. */
  readonly integrated: bigint
  /** Entries under the published checkpoint. */
  readonly published: bigint
  /** Entries that wait for an index. */
  readonly queued: number
  /** Milliseconds since this process last published or found all published. */
  readonly publishedAgeMs: number
  /** Why nothing more is taken until the log is opened again; undefined while it works. */
  readonly failure: TlogError | undefined
}
