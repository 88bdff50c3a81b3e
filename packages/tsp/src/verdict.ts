/** What verifying a token gives. */

/**
 * Every check, in the order in which they are run and reported. Each is reported exactly once.
 * The README says what each means and where it comes from.
 */
export const timestampCheckIds = [
  'token.size',
  'token.definite-length',
  'token.der',
  'token.content-info',
  'token.signed-data',
  'token.content-type',
  'token.signer-info',
  'token.digest-algorithm',
  'token.signed-attributes',
  'token.content-type-attribute',
  'token.message-digest',
  'token.signer-certificate',
  'token.signature-algorithm',
  'token.signature',
  'token.signing-certificate',
  'token.leaf',
  'token.extended-key-usage',
  'token.key-usage',
  'token.tst-info',
  'token.extensions',
  'token.imprint',
  'token.gen-time',
  'token.accuracy',
  'token.nonce',
  'token.policy',
  'token.tsa-name',
  'token.anchor',
  'token.path',
  'token.in-time',
  'token.revocation',
  'token.authority-window',
  'token.role',
  'token.pin',
] as const

/** One of {@link timestampCheckIds}. */
export type TimestampCheckId = (typeof timestampCheckIds)[number]

/**
 * `untrusted`: the signer chains to none of the caller's anchors (`token.anchor` alone has it).
 * `skipped`: it could not be judged, because an earlier check failed.
 */
export type TimestampCheckStatus = 'pass' | 'fail' | 'warn' | 'skipped' | 'untrusted'

/** One check that was run. */
export interface TimestampCheck {
  readonly id: TimestampCheckId
  readonly status: TimestampCheckStatus
  /** Where the rule stands, such as `RFC 3161 §2.4.2`. */
  readonly reference: string
  /** For people; at most 257 characters, none of them a control character. */
  readonly detail: string
}

/** A time authority that the caller trusts. */
export interface TimeAuthority {
  /** For people. */
  readonly name: string
  /** Whether the authority is run by whoever asks it for tokens. Not judged here. */
  readonly selfIssued: boolean
  /** DER certificates. A token's chain must end in one of them. */
  readonly anchors: readonly Uint8Array[]
  /** SHA-256 of the SubjectPublicKeyInfo of each leaf that is accepted; empty accepts any leaf. */
  readonly pins: readonly Uint8Array[]
  /** The first `genTime` that is accepted. */
  readonly validFrom: Date
  /** The first `genTime` that is no longer accepted. */
  readonly validUntil?: Date
  /** What it is trusted to stamp, in words of the caller. Anything if absent. */
  readonly roles?: readonly string[]
}

/** What the caller knows about revoked certificates. */
export interface RevocationOptions {
  /**
   * DER of complete, direct CRLs (RFC 5280 section 5), each at most 1 MiB, in any order.
   *
   * Read once for each array: to change them, pass a new one.
   */
  readonly lists: readonly Uint8Array[]
  /**
   * Whether a certificate of the path that no list covers fails the check (the default) or is a
   * warning. The anchor needs none: the caller vouches for it.
   */
  readonly required?: boolean | undefined
}

/** Hashes piece by piece; `createHash` of `node:crypto` makes such. */
export interface IncrementalHash {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

/** Bytes that come in pieces. */
export type ByteStream = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>

/** What the caller compares a token with. At least one of `data`, `stream` and `digest` is needed. */
export interface VerifyOptions {
  /** What was stamped. */
  readonly data?: Uint8Array | undefined
  /**
   * What was stamped, in pieces of any size: hashed as they come, none is kept. Read once, to its
   * end, and only if the token has an imprint that it can be compared with.
   */
  readonly stream?: ByteStream | undefined
  /** Makes the hash for `stream`, by WebCrypto's name. One in JavaScript if absent. */
  readonly createHash?: ((name: 'SHA-256' | 'SHA-384' | 'SHA-512') => IncrementalHash) | undefined
  /** The SHA-256, SHA-384 or SHA-512 of what was stamped. */
  readonly digest?: Uint8Array | undefined
  /**
   * Whom the caller trusts.
   *
   * Its anchors are read once for each array: to change them, pass a new one.
   */
  readonly authorities: readonly TimeAuthority[]
  /** The nonce of the request: an unsigned big-endian number. Not compared if absent. */
  readonly nonce?: Uint8Array | undefined
  /** The dotted OID of the policy that is wanted. Any policy if absent. */
  readonly policy?: string | undefined
  /** What the authority must be trusted to stamp: one of its `roles`. Not looked at if absent. */
  readonly role?: string | undefined
  /** Certificates that were revoked. None is looked for if absent. */
  readonly revocation?: RevocationOptions | undefined
  /**
   * When the token was renewed, if it was: it is judged with what was known then. The certificates
   * of its path must still have been valid, and later revocations no longer harm it.
   */
  readonly at?: Date | undefined
}

/** The verdict over one token. */
export interface TimestampVerdict {
  /** Whether every check is `pass` or `warn`. */
  readonly ok: boolean
  /** All of {@link timestampCheckIds}, in that order. */
  readonly checks: readonly TimestampCheck[]
  /** What is weak, for people. */
  readonly warnings: readonly string[]
  /**
   * When the data existed at the latest, by the authority's clock. Only if `ok`. Where a token is
   * finer than a millisecond it is rounded up, so that the statement stays true.
   */
  readonly genTime?: Date
  /** `genTime` as RFC 3339 with `Z` and 0 or 3 fraction digits. Only if `ok`. */
  readonly genTimeText?: string
  /** The authority of the caller that it verified under. Only if `ok`. */
  readonly authority?: TimeAuthority
}
