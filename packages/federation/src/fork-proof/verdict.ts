/** What the verification of a fork proof reports. `docs/formats/federation.md` says it in words. */
import type { HeadStanding } from '../head.ts'
import type { ForkProof, ProvenFork } from './types.ts'

/** The checks of a fork proof, in the order in which every verdict reports them. */
export const forkCheckIds = [
  'fork.format',
  'fork.origin',
  'fork.signatures',
  'fork.contradiction',
  'fork.divergence',
  'fork.witnessed',
] as const

/** The name of a check. */
export type ForkCheckId = (typeof forkCheckIds)[number]

/**
 * How a check ended. `warn`: it holds, and something that would say more is not there. `skipped`:
 * an earlier check does not hold.
 */
export type ForkCheckStatus = 'pass' | 'fail' | 'untrusted' | 'warn' | 'skipped'

/** One line of a verdict. */
export interface ForkCheck {
  readonly id: ForkCheckId
  readonly status: ForkCheckStatus
  /** The standard or page that the check follows. */
  readonly reference: string
  /** One sentence for people. */
  readonly detail: string
}

/** The result of verifying a fork proof. */
export interface ForkVerdict {
  /** Whether the log is proven to have forked: every check is `pass` or `warn`. */
  readonly ok: boolean
  /** Every check of {@link forkCheckIds}, once, in that order. */
  readonly checks: readonly ForkCheck[]
  /** What was read, where `fork.format` holds. To be believed only where `ok`. */
  readonly proof?: ForkProof
  /** What is proven. Only where `ok`. */
  readonly fork?: ProvenFork
  /** What the policy says of each of the two heads. Only where `ok`. */
  readonly standing?: readonly [HeadStanding, HeadStanding]
}
