import type { TimeAuthority } from '@vaultmesh/tsp'
import type { RecordDraft } from '../draft.ts'
import type { ResourceDescriptor } from '../record.ts'
import type { RecordKind } from '../schemas/kinds.ts'
import type { RecordSigner } from '../signer.ts'
import type { LogPlace } from './log-place.ts'
import type { Attested } from './time-source.ts'

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
}

/** An open workspace. */
export interface Workspace extends AsyncDisposable {
  /** The absolute path of the folder that holds `.vaultmesh`. */
  readonly root: string
  readonly namespace: string
  readonly origin: string
  readonly keys: WorkspaceKeys
  /** Signs, timestamps and logs a record. Needs the secret keys and the log's lock. */
  record(draft: RecordDraft): Promise<Recorded>
  /** The records, newest first. Needs no key and no lock. */
  timeline(filter?: TimelineFilter): Promise<readonly TimelineItem[]>
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
  prepareToRecord(): Promise<void>
  /** The time authorities that the policy trusts, in its order. */
  timeAuthorities(): Promise<readonly TimeAuthority[]>
  /** Adds a time authority, or a further window of one, to the policy. */
  trustTimeAuthority(authority: TimeAuthority): Promise<void>
  /** Adds a pin, the SHA-256 of a leaf's SubjectPublicKeyInfo, to the latest window of an authority. */
  pinTimeAuthority(name: string, pin: Uint8Array): Promise<void>
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
