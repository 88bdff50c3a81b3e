import type { Bundle } from '../bundle.ts'
import type { MemoryRecord } from '../record.ts'
import type { TrustedLog, TrustPolicy } from '../trust-policy.ts'
import { type Outcome, pass, stop } from './check.ts'

/** The origin that a bundle's checkpoint names; the signature on it is another check's business. */
export function claimedOrigin({ proof }: Bundle): string {
  // The first line is the origin; `parseBundle` has seen to the form of the rest.
  return proof.checkpoint.slice(0, proof.checkpoint.indexOf('\n'))
}

/** A record that was moved to a log which is not its own could hide what its own log says. */
export function checkLogOrigin(
  bundle: Bundle,
  { namespace }: MemoryRecord,
  policy: TrustPolicy,
): Outcome<TrustedLog> {
  const origin = claimedOrigin(bundle)
  const log = policy.logs.find((known) => known.origin === origin)
  if (log === undefined) return stop('untrusted', `the policy does not know the log ${origin}`)
  return log.namespaces.includes(namespace)
    ? pass(`${origin} may hold records of ${namespace}`, log)
    : stop('untrusted', `the policy does not allow the log ${origin} for ${namespace}`)
}
