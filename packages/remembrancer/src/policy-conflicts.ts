/** What the parts of a trust policy must not say of one another. */
import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import { parseVkey } from '@vaultmesh/merkle/note'
import { publicKeyMaterial } from './openpgp/public-key-packet.ts'
import type { TrustedKey, TrustPolicy } from './trust-policy.ts'

function duplicates(items: readonly string[]): readonly string[] {
  const once = new Set<string>()
  const twice = new Set<string>()
  for (const item of items) (once.has(item) ? twice : once).add(item)
  return [...twice]
}

function logKeys(lines: readonly { readonly vkey: string }[]): string[] {
  return lines.map(({ vkey }) => encodeBase64(parseVkey(vkey)?.publicKey ?? new Uint8Array()))
}

// The same key in another framing, or as an OpenPGP key, is still the same key and one signer.
function recordKey({ algorithm, publicKey }: TrustedKey): string {
  const material = algorithm === 'openpgp' ? publicKeyMaterial(publicKey) : publicKey
  return encodeBase64(typeof material === 'string' ? publicKey : material)
}

/** The conflicts between parts of a policy that were read one by one, in words. */
export function conflicts({
  keys,
  logs,
  timeAuthorities,
}: Pick<TrustPolicy, 'keys' | 'logs' | 'timeAuthorities'>): string[] {
  const recordKeys = keys.map(recordKey)
  const logOwn = logs.flatMap(({ policy }) => logKeys(policy.logs))
  const witnesses = logs.flatMap(({ policy }) => logKeys(policy.witnesses))
  // A key with two duties lets a signature made for one be shown as the other's.
  const dutiesOf = [recordKeys, logOwn, witnesses].flatMap((duty) => [...new Set(duty)])
  // One authority may stand twice, with its history; two that share an anchor would count as two.
  const anchors = new Map<string, string>()
  const shared = timeAuthorities.filter(({ name, anchors: own }) =>
    own.map(encodeBase64).some((anchor) => {
      const owner = anchors.get(anchor) ?? name
      anchors.set(anchor, owner)
      return owner !== name
    }),
  )
  const twoFaced = timeAuthorities.filter(({ name, selfIssued }) =>
    timeAuthorities.some((other) => other.name === name && other.selfIssued !== selfIssued),
  )
  return [
    ...duplicates(recordKeys).map((key) => `keys: the public key ${key} stands twice`),
    ...duplicates(logs.map(({ origin }) => origin)).map(
      (o) => `logs: the origin ${o} stands twice`,
    ),
    ...duplicates(dutiesOf).map(
      (key) => `the public key ${key} has two of the duties record key, log key and witness`,
    ),
    ...shared.map(({ name }) => `timeAuthorities: an anchor of ${name} is another authority's`),
    ...twoFaced.map(({ name }) => `timeAuthorities: ${name} is both self-issued and not`),
  ]
}
