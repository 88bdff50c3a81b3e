import type { TrustPolicy } from '../trust-policy.ts'
import { type Outcome, pass, stop, warn } from './check.ts'
import type { Attestation } from './time-token.ts'

const weakness =
  'no independent authority attests the time: the owner of the log could have set the clock'

/** A clock that the log's owner runs proves an order of events at most. */
export function checkTimeIndependent(
  attested: readonly Attestation[],
  { require }: TrustPolicy,
): Outcome<true> {
  const independent = attested.find(({ authority }) => !authority.selfIssued)
  if (independent !== undefined) return pass(`attested by ${independent.authority.name}`, true)
  return require.independentTime ? stop('missing', weakness) : warn(weakness, true)
}
