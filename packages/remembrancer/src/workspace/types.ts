import type { LogObserver } from '@vaultmesh/tlog'
import type { TimeAuthority } from '@vaultmesh/tsp'
import type { RecordDraft } from '../draft.ts'
import type { ResourceDescriptor } from '../record.ts'
import type { RecordKind } from '../schemas/kinds.ts'
import type { RecordSigner } from '../signer.ts'
import type { LogPlace } from './log-place.ts'
import type { Attested } from './time-source.ts'
import type { NewWitness, QuorumChange } from './witness-trust.ts'

/** The variables that say where a user's keys and state live. */
export interface WorkspaceEnvironment {
  readonly HOME?: string | undefined
  readonly XDG_CONFIG_HOME?: string | undefined
  readonly XDG_STATE_HOME?: string | undefined
}

/** How to make a workspace. */
export interface InitOptions {
  /** The existing folder that gets a `.vaultmesh`. */
  readonly directory: string
  /** RFC 1123 label; without it, one is made out of the folder's name. */
  readonly namespace?: string
  /** A scheme-less URL prefix that the owner controls, `example.com/vm`; else a random origin. */
  readonly originPrefix?: string
  /** Encrypts the secret keys; `null` leaves them unencrypted. */
  readonly passphrase: string | null
  readonly clock: () => Date
  readonly env: WorkspaceEnvironment
  readonly signal?: AbortSignal
}

/** The keys of a workspace, by the names that others see. */
export interface WorkspaceKeys {
  /** `ed25519:` and the SHA-256 of the raw public key. */
  readonly record: string
  /** The vkey of the log (C2SP signed-note). */
  readonly log: string
  /** The vkey of the log's key before, which signs with the new one while it is replaced. */
  readonly retiringLog?: string
  /** SHA-256, in hex, of the SubjectPublicKeyInfo of the embedded time authority. */
  readonly timeAuthority: string
}

/** What `initWorkspace` made. */
export interface Initialised {
  /** The absolute path of the folder that holds `.vaultmesh`. */
  readonly root: string
  readonly namespace: string
  readonly origin: string
  readonly keys: WorkspaceKeys
  /** The folder with the secret keys. */
  readonly keyring: string
  /** The folder with the log's last signed checkpoint and lock. */
  readonly state: string
}

/** How to open a workspace. */
export interface OpenOptions {
  /** Where to look for `.vaultmesh`: here, then in each folder above. */
  readonly directory: string
  readonly env: WorkspaceEnvironment
  readonly clock: () => Date
  /** Asked once, only when an encrypted key is needed. `undefined` means that nobody can answer. */
  readonly passphrase?: () => Promise<string | undefined>
  /** How long to wait for another writer of the log; 10 seconds unless told otherwise. */
  readonly lockTimeoutMs?: number
  /** Told of each step of the log, for metrics. */
  readonly observer?: LogObserver
  readonly signal?: AbortSignal
}

/** What `record` gives back. */
export interface Recorded {
  /** `sha256:` and 64 hex digits. */
  readonly id: string
  readonly kind: RecordKind
  readonly title: string
  /** The entry's place in the log. */
  readonly index: bigint
  readonly origin: string
  /** RFC 3339. */
  readonly occurredAt: string
  /** RFC 3339: the earliest time that a token attests. */
  readonly attestedAt: string
  /** True when the idempotency key was known and the first record is given back. */
  readonly repeated: boolean
}

/** Which records a timeline shows, newest first. */
export interface TimelineFilter {
  readonly kind?: RecordKind
  /** At most this many; 50 unless told otherwise. */
  readonly limit?: number
  /** Only what occurred at this time or later. */
  readonly since?: Date
}

/** One line of a timeline. */
export interface TimelineItem {
  readonly id: string
  readonly index: bigint
  readonly kind: RecordKind
  readonly title: string
  readonly occurredAt: string
  readonly tags: readonly string[]
}

/** Which records a search finds, the newest entries of the log first. */
export interface SearchFilter extends TimelineFilter {
  readonly tag?: string
  /** Only entries of the log before this index: the last one of a page, for the next page. */
  readonly before?: bigint
}

/** A record that a search found. */
export interface SearchHit extends TimelineItem {
  /** Words of the body around those that were searched for, where it has any and is here. */
  readonly excerpt?: string
}

/** Which decisions are listed, the newest entries of the log first. */
export interface DecisionFilter {
  /** Only this one: `sha256:` and 64 hex digits. */
  readonly id?: string
  /** Only entries of the log before this index: the last one of a page, for the next page. */
  readonly before?: bigint
  /** At most this many; 50 unless told otherwise. */
  readonly limit?: number
}

/**
 * Whether a decision holds: `in-force` one that was accepted, `superseded` one that says so itself or
 * whose place another took, `untrusted` one that too few signed of those whom the policy trusts.
 */
export type DecisionStanding = 'in-force' | 'proposed' | 'rejected' | 'superseded' | 'untrusted'

/** A decision and whether it holds. */
export interface DecisionItem extends TimelineItem {
  readonly standing: DecisionStanding
  /** The ids of the accepted decisions that took its place. */
  readonly supersededBy: readonly string[]
  /**
   * The ids of those that say so and do not count: nobody signed them who may end this
   * one, as agents may not what a person decided.
   */
  readonly contestedBy: readonly string[]
  /** The names of the agents that signed it. */
  readonly agents: readonly string[]
  /** Whether nobody else did whom the policy trusts. */
  readonly isByAgents: boolean
}

/** An agent: a program with a key of its own that the policy trusts for decisions and routings. */
export interface Agent {
  readonly name: string
  /** `ed25519:` and the SHA-256 of the raw public key. */
  readonly keyid: string
  readonly validFrom: Date
  readonly validUntil?: Date
}

/** How to make an agent. */
export interface AgentOptions {
  /** RFC 1123 label. */
  readonly name: string
  /** Encrypts the secret key; `null` leaves it unencrypted. */
  readonly passphrase: string | null
}

/** How a record is signed. */
export interface RecordOptions {
  /** The name of the agent whose key signs, instead of the workspace's record key. */
  readonly agent?: string
}

/** A record's body: shown, or gone. */
export type BodyView =
  | { readonly state: 'present'; readonly mediaType: string; readonly text: string }
  | { readonly state: 'absent'; readonly digest: string }

/** One record in full. */
export interface RecordView extends TimelineItem {
  readonly namespace: string
  readonly origin: string
  /** Whether its proof holds under the workspace's own policy. */
  readonly verified: boolean
  readonly attestedAt?: string
  readonly subject: readonly ResourceDescriptor[]
  readonly predicate: Readonly<Record<string, unknown>>
  /** For the kinds that have a body. */
  readonly body?: BodyView
  /** The keyids that signed it. */
  readonly signers: readonly string[]
  /** The names of the agents among them, as the policy has them. */
  readonly agents: readonly string[]
}

/** An open workspace. */
export interface Workspace extends AsyncDisposable {
  /** The absolute path of the folder that holds `.vaultmesh`. */
  readonly root: string
  readonly namespace: string
  readonly origin: string
  readonly keys: WorkspaceKeys
  /** Signs, timestamps and logs a record. Needs the secret keys and the log's lock. */
  record(draft: RecordDraft, options?: RecordOptions): Promise<Recorded>
  /** The records, newest first. Needs no key and no lock. */
  timeline(filter?: TimelineFilter): Promise<readonly TimelineItem[]>
  /**
   * The records with all words of a query in title, kind, tags or a body that is here, the newest
   * entries first; an empty query finds all. Needs no key and no lock.
   */
  search(query: string, filter?: SearchFilter): Promise<readonly SearchHit[]>
  /** The decisions and which of them hold. Needs no key and no lock. */
  decisions(filter?: DecisionFilter): Promise<readonly DecisionItem[]>
  /** The agents that the policy trusts now. */
  agents(): Promise<readonly Agent[]>
  /** Makes a key for an agent and adds it to the policy. */
  addAgent(options: AgentOptions): Promise<Agent>
  /** One record, by its id or a unique prefix of at least 8 hex digits (with or without `sha256:`). */
  show(id: string): Promise<RecordView>
  /** The bytes of a proof bundle, verified against the workspace's own policy before they are given out. */
  prove(id: string): Promise<Uint8Array>
  /**
   * The workspace's record key, for other signed documents of the same owner: DSSE
   * pre-authentication encodings of another payload type than a record's.
   */
  signer(): Promise<RecordSigner>
  /**
   * Takes the log's lock and reads the keys that `record` needs, so that what would refuse a record
   * shows before something is done that is to be recorded. Throws as `record` does.
   */
  prepareToRecord(options?: RecordOptions): Promise<void>
  /**
   * Why nothing more is recorded until the workspace is opened again, such as a full disk; undefined
   * while nothing has failed. Needs no key and no lock, and takes none.
   */
  recordFailure(): Promise<Error | undefined>
  /** The time authorities that the policy trusts, in its order. */
  timeAuthorities(): Promise<readonly TimeAuthority[]>
  /** Adds a time authority, or a further window of one, to the policy. */
  trustTimeAuthority(authority: TimeAuthority): Promise<void>
  /** Adds a pin, the SHA-256 of a leaf's SubjectPublicKeyInfo, to the latest window of an authority. */
  pinTimeAuthority(name: string, pin: Uint8Array): Promise<void>
  /** Lets the workspace's log be witnessed by one more witness, from the next record on. */
  trustWitness(witness: NewWitness): Promise<QuorumChange>
  /** A token of the embedded time authority over a SHA-256 digest. Needs its secret key. */
  timestamp(digest: Uint8Array): Promise<Attested>
  /** The log of the workspace. Needs no key and no lock. */
  log(): Promise<LogPlace>
  /** The trust policy as one portable file: canonical JSON. */
  exportPolicy(): Promise<Uint8Array>
  /** Takes up a log whose state is missing, after the owner has said which size is the last one. */
  recoverLog(expectedSize: bigint): Promise<void>
  /** Gives the lock back and forgets the keys. */
  close(): Promise<void>
}
