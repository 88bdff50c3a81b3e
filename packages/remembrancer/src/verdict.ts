import type { Check } from './checks/check.ts'
import type { ResourceDescriptor } from './record.ts'

/** What was read out of a bundle. To be believed only where the verdict is `ok`. */
export interface RecordSummary {
  /** `sha256:` and 64 hex digits. */
  readonly id: string
  readonly kind: string
  readonly namespace: string
  readonly title: string
  /** RFC 3339, as the writer claims. */
  readonly occurredAt: string
  /** RFC 3339: the signature existed no later than this. Present where a token verified. */
  readonly attestedAt?: string
  /** The origin of the log whose checkpoint the bundle holds. */
  readonly origin?: string
  /** The entry's index in that log, decimal. */
  readonly index?: string
  readonly subject: readonly ResourceDescriptor[]
  /** The whole predicate, with members that this version does not know. */
  readonly predicate: Readonly<Record<string, unknown>>
}

/** The result of a verification. */
export interface Verdict {
  /** True when every check is `pass` or `warn`. */
  readonly ok: boolean
  /** Every check of `checkIds`, once, in that order. */
  readonly checks: readonly Check[]
  /** Sentences about what holds but is weak. */
  readonly warnings: readonly string[]
  readonly record?: RecordSummary
}
