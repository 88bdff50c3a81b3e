/** What a mirror takes and gives. */
import type { TlogPolicy } from '@vaultmesh/merkle/policy'
import type { LockBackend, TileReader, TileStore } from '@vaultmesh/tlog'
import type { SignedHead } from '../head.ts'
import type { TrustedPrefix } from '../trusted-prefix.ts'
import type { EvidenceStore } from './evidence-store.ts'

/** Why a source was of no use. None of these says anything against the log. */
export type SourceProblem =
  /** The source can't be reached or read, or took too long. */
  | 'SOURCE_UNREADABLE'
  /** The source has no checkpoint. */
  | 'CHECKPOINT_MISSING'
  /** Its checkpoint is malformed, of another log, or not signed by a key of the policy. */
  | 'CHECKPOINT_REFUSED'
  /** The log signed it, and the policy's quorum did not cosign it. */
  | 'NO_QUORUM'
  /** Tiles or entries are missing, or not what the signed root stands for. */
  | 'TILES_REFUSED'

/** What came of one look at a source. `head` is what the mirror has after it. */
export type MirrorAdvance =
  | {
      readonly status: 'advanced'
      /** What the mirror had before. */
      readonly from: bigint
      readonly head: SignedHead
      /** How many files were taken from the source; the others were there already. */
      readonly fetched: number
    }
  | { readonly status: 'in-sync'; readonly head: SignedHead }
  | {
      readonly status: 'behind'
      readonly head: SignedHead
      /** The size that the source has; its tree is a prefix of the mirror's. */
      readonly sourceSize: bigint
    }
  | {
      readonly status: 'forked'
      readonly head: SignedHead | undefined
      /** The SHA-256 of the fork proof's file, in hex: its name in the evidence store. */
      readonly proof: string
      /** Whether the mirror takes nothing more: see {@link Mirror.isQuarantined}. */
      readonly isQuarantined: boolean
    }
  | { readonly status: 'quarantined'; readonly head: SignedHead | undefined }
  | {
      readonly status: 'failed'
      readonly head: SignedHead | undefined
      readonly code: SourceProblem
      readonly detail: string
    }

/** How far an advance is. */
export interface MirrorProgress {
  readonly origin: string
  /** Entries that are on the disk and verified. */
  readonly done: bigint
  /** The size that the mirror will have. */
  readonly size: bigint
}

/** How to advance a mirror. */
export interface AdvanceOptions {
  /** Ends the advance, which then rejects with the signal's reason; what is on the disk stays. */
  readonly signal?: AbortSignal | undefined
  /** Told after each group of files. */
  readonly onProgress?: ((progress: MirrorProgress) => void) | undefined
}

/** A verified copy of one log. */
export interface Mirror {
  readonly origin: string
  /** The published files: a C2SP tree that any web server can host. */
  readonly tiles: TileReader
  /**
   * The head that the mirror has, its signatures verified; undefined where it has none yet. Rejects
   * with MIRROR_DAMAGED.
   */
  head(): Promise<SignedHead | undefined>
  /**
   * What is trusted of the log, by the mirror's head, what its tiles prove of the fork proofs that are
   * kept, and those. Rejects as `head` does.
   */
  trusted(): Promise<TrustedPrefix>
  /**
   * Whether two heads that count under the policy are proven to contradict each other. The mirror
   * then stays where it is, for ever.
   */
  isQuarantined(): Promise<boolean>
  /**
   * Takes what a source has more, each file verified before it is written, the checkpoint last.
   *
   * Whatever the source does wrong is a result. Rejects with MIRROR_LOCKED, MIRROR_DAMAGED,
   * FEDERATION_IO, FEDERATION_NO_SPACE, or the signal's reason.
   */
  advance(source: TileReader, options?: AdvanceOptions): Promise<MirrorAdvance>
  /**
   * Adds the cosignatures of a checkpoint to the one that the mirror publishes, where both are of one
   * tree; says whether there were new ones. Rejects as `advance` does.
   */
  addCosignatures(checkpoint: string): Promise<boolean>
}

/** What {@link openMirror} needs. */
export interface MirrorOptions {
  readonly origin: string
  /** The log's keys, its witnesses and its quorum: only heads that it accepts are followed. */
  readonly policy: TlogPolicy
  /** Where fork proofs are kept. */
  readonly evidence: EvidenceStore
  /** The vkeys (type 4) of further witnesses, whose cosignatures are passed on and count for nothing. */
  readonly witnesses?: readonly string[]
  /** The folder of the mirror, or where else its files and its lock are. */
  readonly directory: string | { readonly tiles: TileStore; readonly lock: LockBackend }
  /** How long to wait for another process that advances it, in milliseconds: 10,000 by default. */
  readonly lockTimeoutMs?: number
}
