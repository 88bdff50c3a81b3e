/** What the page says of what it was given. */
import type { ForkProof } from '@vaultmesh/federation'
import type { Check, RecordSummary } from '@vaultmesh/remembrancer/verify'
import type { Claims } from './claims.ts'
import { type ExplainedId, explanations } from './explain.ts'

/**
 * How it ended: what the policy asks for holds; it does not; or nothing was judged, because
 * something needed is absent or can't be read.
 */
export type Outcome = 'verified' | 'failed' | 'refused'

/** A check as it is shown. */
export type ShownCheck = Omit<Check, 'id'> & { readonly id: ExplainedId }

/** What was read out of a proof. */
export interface ShownRecord {
  readonly summary: RecordSummary
  readonly claims: Claims
  /** Who signed, as the policy names them. Present where their signatures verify. */
  readonly signedBy?: string
  /** The text of the body, where a file with it was given and is the right one. */
  readonly body?: string
}

/** What the page shows. */
export interface Report {
  readonly outcome: Outcome
  /** Set where it is verified for a policy that nobody chose here: the address of the page named it. */
  readonly linkedPolicy?: true
  readonly headline: string
  /** What it means, sentence by sentence. */
  readonly notes: readonly string[]
  readonly checks: readonly ShownCheck[]
  /** Of a proof of a record, where it could be read. */
  readonly record?: ShownRecord
  /** Of a fork proof, where it could be read. */
  readonly fork?: ForkProof
}

/** What is said where nothing can be judged. */
export function refused(headline: string, notes: readonly string[] = []): Report {
  return { outcome: 'refused', headline, notes, checks: [] }
}

/** Whether a check stands in nobody's way. */
export function isHolding({ status }: ShownCheck): boolean {
  return status === 'pass' || status === 'warn'
}

/** The checks that stand in the way of a verdict, each as one sentence. */
export function objections(checks: readonly ShownCheck[]): string[] {
  return checks
    .filter((check) => !isHolding(check) && check.status !== 'skipped')
    .map(({ id, detail }) => `${explanations[id].otherwise} (${id}: ${detail})`)
}

/** The checks of which all but `judged` need a policy, while there is none. */
export function withoutPolicy(
  checks: readonly ShownCheck[],
  judged: readonly ExplainedId[],
): ShownCheck[] {
  return checks.map((check) =>
    judged.includes(check.id)
      ? check
      : { ...check, status: 'skipped', detail: 'this needs a trust policy' },
  )
}

/** What is said of any proof while nobody has said whom to trust. */
export function nobodyTrusted(
  what: string,
  checks: readonly ShownCheck[],
  shown: Pick<Report, 'record' | 'fork'>,
): Report {
  const claims = 'What it says of itself is shown below. Anybody could have written it.'
  return {
    outcome: 'refused',
    headline: 'Nothing can be trusted yet: there is no trust policy.',
    notes: [
      `${what} is only as good as the keys, logs and clocks that you believe. Add the trust policy of whoever you expect it from, and get that from them, not along with the proof.`,
      ...(shown.record === undefined && shown.fork === undefined ? [] : [claims]),
      ...objections(checks),
    ],
    checks,
    ...shown,
  }
}
