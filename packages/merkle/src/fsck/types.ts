/** What checking a log takes and gives. */
import type { BatchHasher } from '../rfc6962.ts'
import type { TileFailure } from '../tiles/source.ts'

/** Something wrong with a log's files. */
export interface FsckProblem {
  readonly code: TileFailure['code'] | 'PARTIAL_MISMATCH'
  /**
   * The file that is wrong or missing. Where there are several, at least one of them is: only where
   * copies of one hash in different files were lost together can't it be told which.
   */
  readonly paths: readonly string[]
  /** For people. */
  readonly detail: string
}

/** How far a check has come. */
export interface FsckProgress {
  /** How many entries were checked, from the first on. */
  readonly entries: bigint
  /** How many there are. */
  readonly size: bigint
  readonly problems: readonly FsckProblem[]
  /** Makes the token to go on from here, as in {@link FsckReport}. */
  token(): string
}

/** How to check a log. */
export interface FsckOptions {
  /** What hashes; by default one that runs anywhere. `loadSimdHasher` of `./simd` is the fast one. */
  readonly hasher?: BatchHasher
  /**
   * The names in a directory of the log, none where it does not exist. Where given, older partial
   * tiles and bundles, which clients with an older checkpoint still read, are checked too.
   */
  readonly list?: (directory: string) => Promise<readonly string[]>
  /** How many files are read at once: 1 to 256, by default 8. Each may have up to 16 MiB. */
  readonly concurrency?: number
  /** After how many problems to stop: at least 1, by default 100. */
  readonly maxProblems?: number
  /** The token of an earlier check of the same head: it goes on from there. */
  readonly token?: string
  /** Called after each bundle of 256 entries; awaited. */
  readonly onProgress?: (progress: FsckProgress) => void | Promise<void>
  /** Stops the check, which then gives a report that is not complete. Given to the source, too. */
  readonly signal?: AbortSignal
}

/** What a check found. */
export interface FsckReport {
  /** Whether all files were checked; not where it was stopped, or had its fill of problems. */
  readonly complete: boolean
  /** None for a sound log. With those of the check that the token came from. */
  readonly problems: readonly FsckProblem[]
  /** How many entries were checked, from the first on. */
  readonly entries: bigint
  /**
   * Where a later check can go on: text that holds the head, the place and the problems. Nothing
   * protects it: keep it where the one who runs the check keeps what he trusts.
   */
  readonly token: string
}
