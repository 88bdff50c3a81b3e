import type { Ed25519Verify } from '@vaultmesh/merkle/ed25519'
import type { Entry } from '../entry.ts'
import type { MemoryRecord } from '../record.ts'
import { isAgentKey, maySign, type TrustPolicy } from '../trust-policy.ts'
import { type Outcome, pass, stop } from './check.ts'
import { type TrustedSignature, trustedSignature } from './trusted-signature.ts'

/** Anyone can sign: what counts is a key that the policy trusts for this namespace and kind. */
export async function checkSignatureKey(
  entry: Entry,
  { namespace, kind }: MemoryRecord,
  policy: TrustPolicy,
  verify: Ed25519Verify,
): Promise<Outcome<readonly TrustedSignature[]>> {
  const keys = policy.keys.filter((key) => key.namespaces.includes(namespace))
  const resolved = await Promise.all(
    entry.signatures.map((signature, i) => trustedSignature(i, signature, keys, verify)),
  )
  const known = resolved.filter((signature) => signature !== undefined)
  const trusted = known.filter(({ key }) => maySign(key, kind))
  const signers = new Set(trusted.map(({ signer }) => signer)).size
  const needed = policy.require.signatures
  if (signers >= needed) {
    const names = trusted.map(({ key }) => (isAgentKey(key) ? `${key.name} (an agent)` : key.name))
    const isByAgents = trusted.every(({ key }) => isAgentKey(key))
    const warnings = isByAgents ? ["every signature that counts is an agent's"] : []
    return pass(`signed in the name of ${names.join(', ')}`, trusted, warnings)
  }
  const refused = known.filter(({ key }) => !maySign(key, kind)).map(({ key }) => key.name)
  const strangers = entry.signatures.length - known.length
  const reasons = [
    `trusted signers for ${namespace}: ${signers} of the ${needed} required`,
    ...(strangers > 0 ? [`signatures by keys that the policy does not trust: ${strangers}`] : []),
    ...(refused.length > 0
      ? [`signatures by agents, who may not sign a ${kind}: ${refused.join(', ')}`]
      : []),
  ]
  return stop(reasons.length > 1 ? 'untrusted' : 'missing', reasons.join('; '))
}
