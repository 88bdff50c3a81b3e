/** Policies of several logs, together. */
import { parseVkey } from '@vaultmesh/merkle/note'
import type { TlogPolicy } from '@vaultmesh/merkle/policy'

/** What tells keys apart in a signature line. */
function lineOf(vkey: string): string {
  const key = parseVkey(vkey)
  return key === undefined ? vkey : `${key.name} ${key.keyId}`
}

/**
 * A policy that knows further witnesses, by their vkeys: their cosignatures are verified, and count
 * for nothing. A key that can't be told from one that the policy has is left out.
 */
export function withWitnesses(policy: TlogPolicy, vkeys: readonly string[]): TlogPolicy {
  const lines = new Set([...policy.logs, ...policy.witnesses].map(({ vkey }) => lineOf(vkey)))
  const witnesses = [...policy.witnesses]
  for (const vkey of vkeys) {
    const line = lineOf(vkey)
    if (lines.has(line)) continue
    lines.add(line)
    // A name that no policy can have: a policy's names hold no white space.
    witnesses.push({ name: `passed on: ${line}`, vkey })
  }
  return { ...policy, witnesses }
}
