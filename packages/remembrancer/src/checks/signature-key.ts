import type { Entry } from '../entry.ts'
import type { MemoryRecord } from '../record.ts'
import type { TrustPolicy } from '../trust-policy.ts'
import { type Outcome, pass, stop } from './check.ts'
import { type TrustedSignature, trustedSignature } from './trusted-signature.ts'

/** Anyone can sign: what counts is a key that the policy trusts for this namespace. */
export async function checkSignatureKey(
  entry: Entry,
  { namespace }: MemoryRecord,
  policy: TrustPolicy,
): Promise<Outcome<readonly TrustedSignature[]>> {
  const keys = policy.keys.filter(
    (key) => key.namespaces.includes(namespace) && key.roles.includes('record'),
  )
  const resolved = await Promise.all(
    entry.signatures.map((signature, i) => trustedSignature(i, signature, keys)),
  )
  const trusted = resolved.filter((signature) => signature !== undefined)
  const signers = new Set(trusted.map(({ signer }) => signer)).size
  const needed = policy.require.signatures
  if (signers >= needed) {
    const names = trusted.map(({ key }) => key.name).join(', ')
    return pass(`signed in the name of ${names}`, trusted)
  }
  const strangers = entry.signatures.length - trusted.length
  const counts = `trusted signers for ${namespace}: ${signers} of the ${needed} required`
  return strangers > 0
    ? stop(
        'untrusted',
        `${counts}; signatures by keys that the policy does not trust: ${strangers}`,
      )
    : stop('missing', counts)
}
