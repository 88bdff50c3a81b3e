/** What a node takes and gives. */
import type { NoteSigner } from '@vaultmesh/merkle/note'
import type { TlogPolicy } from '@vaultmesh/merkle/policy'
import type { LogVerifiers, OpenedAddCheckpoint } from '@vaultmesh/merkle/witness'
import type { TileReader } from '@vaultmesh/tlog'
import type { SignedHead } from '../head.ts'
import type { FederationConfig } from './config.ts'
import type { NodeDescription } from './descriptor.ts'
import type { EvidenceStore } from './evidence-store.ts'
import type { HeadsDocument } from './heads.ts'
import type { Knowledge } from './knowledge.ts'
import type { Mirror, MirrorAdvance, MirrorProgress } from './mirror-types.ts'
import type { FederationPaths } from './paths.ts'
import type { OpenWitnessStore } from './witness-store.ts'

/** A log that is written on this machine, to be shared and guarded. */
export interface OwnLog {
  readonly origin: string
  /** The folder of its published tree. */
  readonly directory: string
  /** Its keys, its witnesses and its quorum. */
  readonly policy: TlogPolicy
}

/** What {@link openFederation} needs. */
export interface FederationOptions {
  /** The folder that holds `.vaultmesh`. */
  readonly workspaceRoot: string
  /** `$XDG_STATE_HOME`, or its default: absolute. */
  readonly stateHome: string
  readonly ownLogs: readonly OwnLog[]
  /** The witness's keys (`ed25519Cosigner`); without them nothing is cosigned. */
  readonly witnessSigners?: readonly NoteSigner[]
  /** The configuration, where it is not to be read from the workspace. */
  readonly config?: FederationConfig
  readonly clock: () => Date
}

/** How to sync. */
export interface SyncOptions {
  /** Only peers of these names. */
  readonly peers?: readonly string[]
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: MirrorProgress) => void) | undefined
  /** For one peer with all its logs, in milliseconds: 600,000 by default. */
  readonly timeoutMs?: number
  /** Asks also peers that failed lately. */
  readonly isForced?: boolean
}

/** What came of one log of a peer. */
export interface LogSync {
  readonly origin: string
  readonly outcome:
    | MirrorAdvance
    /** The peer does not have, or does not share, this log. */
    | { readonly status: 'not-offered' }
    /** Something is wrong on this machine: with the mirror, its lock or the disk. */
    | { readonly status: 'broken'; readonly code: string; readonly detail: string }
  /** Whether the witness of this node has cosigned the mirror's head. */
  readonly isCosigned: boolean
}

/** What came of one peer. */
export interface PeerSync {
  readonly name: string
  readonly status: /** Nothing has changed there or here: one request, answered 304. */
    | 'in-sync'
    | 'synced'
    /** Some of its logs, or its evidence, could not be had. */
    | 'partial'
    | 'failed'
    /** It failed lately, and is asked again at `retryAt`. */
    | 'waiting'
  /** How many HTTP requests were made. */
  readonly requests: number
  readonly logs: readonly LogSync[]
  /** Heads of this node's own logs that it has and this node has not looked at before. */
  readonly ownLogs: readonly OwnLogSighting[]
  /** Fork proofs that were taken from it, by the SHA-256 of their files. */
  readonly proofsReceived: readonly string[]
  /** Fork proofs that it took. */
  readonly proofsSent: readonly string[]
  /** Why it failed, or what of it did. */
  readonly problems: readonly string[]
  /** When it is asked again, where it failed. */
  readonly retryAt?: Date
}

/** A head of an own log, as somebody else has it. */
export interface OwnLogSighting {
  readonly origin: string
  /** The peer's name, or `mirror` for this machine's own copy. */
  readonly where: string
  /** Signed by the log: verified. */
  readonly size: bigint
  /** What this machine has published. */
  readonly ownSize: bigint
  /**
   * `ahead`: the log was longer than it is here: an old copy was restored; bring the newer one back
   * before anything is written. `forked`: two histories were signed.
   */
  readonly relation: 'same' | 'behind' | 'ahead' | 'forked'
  /** The fork proof that is kept, where it forked: the SHA-256 of its file. */
  readonly proof?: string
}

/** What is known of one log. */
export interface LogStatus {
  readonly origin: string
  readonly role: 'own' | 'mirror'
  readonly isShared: boolean
  readonly head: SignedHead | undefined
  /** How many entries are trusted, by the policy and all evidence (the trusted prefix). */
  readonly trustedSize: bigint
  readonly isQuarantined: boolean
  /** Kept fork proofs, by the SHA-256 of their files. */
  readonly forkProofs: readonly string[]
  /** The size that this node's witness cosigned last, where it has. */
  readonly cosignedSize?: bigint
  /** What is wrong with it on this machine, in words. */
  readonly problem?: string
}

/** What is known of one peer. */
export interface PeerStatus {
  readonly name: string
  readonly location: string
  readonly lastSuccess?: Date
  readonly lastFailure?: { readonly at: Date; readonly detail: string; readonly retryAt: Date }
}

/** What a node knows. */
export interface FederationStatus {
  readonly name: string
  readonly logs: readonly LogStatus[]
  readonly peers: readonly PeerStatus[]
  /** The commitment to the whole view, in hex (`frontierRoot`). */
  readonly frontier: string
  readonly witness?: { readonly vkey: string; readonly canSign: boolean }
}

/** The witness of a node: what `witness` of `@vaultmesh/tlog/fastify` takes. */
export interface FederationWitness {
  readonly signers: readonly NoteSigner[]
  readonly store: OpenWitnessStore
  /**
   * The keys of the logs that may ask: those that this node mirrors. Before it gives them, the store
   * remembers what the mirror has. Rejects with MIRROR_DAMAGED or WITNESS_STATE_DAMAGED, and as the
   * store does.
   */
  readonly verifiersOf: LogVerifiers
  /** Keeps a fork proof of a log that asked with a head which contradicts what is known of it. */
  readonly onRefused: (opened: OpenedAddCheckpoint) => Promise<void>
}

/** A node: its own logs, mirrors, evidence and witness. */
export interface Federation extends AsyncDisposable {
  readonly config: FederationConfig
  readonly paths: FederationPaths
  readonly evidence: EvidenceStore
  /** The mirrors, one for each log of a peer. */
  readonly mirrors: readonly Mirror[]
  /** The witness, where there are keys for it. */
  readonly witness: FederationWitness | undefined
  /**
   * What is known of a log, own or mirrored, and how much of it is trusted; undefined for any other.
   * Rejects with MIRROR_DAMAGED, LOG_DAMAGED or FEDERATION_IO.
   */
  knowledgeOf(origin: string): Promise<Knowledge | undefined>
  /**
   * The published files of a log that is shared, by its origin; undefined for any other. What is
   * private here does not differ from what does not exist.
   */
  sharedTiles(origin: string): TileReader | undefined
  /** What `GET /federation/v1/heads` gives. Holds shared logs only. */
  heads(): Promise<HeadsDocument>
  /**
   * The signed description of this node, verbatim, where one was made and names no log that is
   * private now.
   */
  description(): Promise<string | undefined>
  /**
   * Signs and keeps a description of this node, in place of the one before. `signers` are the keys of
   * its own logs. Undefined, and none is kept, where it shares no log of its own: no key that others
   * may know of could sign it.
   */
  describe(signers: readonly NoteSigner[]): Promise<NodeDescription | undefined>
  /** Syncs with all peers, some at once. Never rejects because of a peer; rejects with the signal's reason. */
  sync(options?: SyncOptions): Promise<readonly PeerSync[]>
  status(): Promise<FederationStatus>
  /**
   * Which heads of the own logs peers and mirrors hold: ask before the first write after a start,
   * and write nothing where one is `ahead` or `forked`. A peer that can't be asked is left out.
   * Rejects with LOG_DAMAGED, MIRROR_DAMAGED, FEDERATION_IO, FEDERATION_NO_SPACE, or the signal's
   * reason.
   */
  ownLogSeenBy(options?: SyncOptions): Promise<readonly OwnLogSighting[]>
  close(): Promise<void>
}
