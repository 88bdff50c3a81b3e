import type { TrustPolicy } from '../trust-policy.ts'
import { type Outcome, pass, stop, warn } from './check.ts'
import type { SignedCheckpoint } from './log-checkpoint.ts'

const weakness = 'the owner of this log could show others a different one'

/** Without witnesses, one log can have two faces. */
export function checkLogWitnessed(
  { witnessed, cosigners }: SignedCheckpoint,
  { require }: TrustPolicy,
): Outcome<true> {
  if (witnessed === true) return pass(`cosigned by ${cosigners.join(', ')}`, true)
  const reason =
    witnessed === 'none-required' ? 'no quorum of witnesses is named' : 'the quorum did not cosign'
  const detail = `${reason}: ${weakness}`
  return require.witnesses ? stop('missing', detail) : warn(detail, true)
}
