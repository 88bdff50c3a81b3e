/** Edits the keys of agents in the text of `trust/policy.yaml`. */
import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import { isSeq } from 'yaml'
import { RemembrancerError } from '../errors.ts'
import { formatTime } from '../formats/text.ts'
import type { TrustedKey } from '../trust-policy.ts'
import { editedPolicy, type PolicyEdit } from './policy-edit.ts'

/** The public half of an agent's key. */
export type AgentKey = Pick<TrustedKey, 'name' | 'namespaces' | 'publicKey' | 'validFrom'>

/**
 * Trusts an Ed25519 key as an agent's.
 *
 * @throws RemembrancerError POLICY_INVALID where the policy would not hold with it
 */
export function withAgentKey(edit: PolicyEdit, key: AgentKey): string {
  return editedPolicy(edit, (document) => {
    const keys = document.get('keys')
    if (!isSeq(keys)) {
      throw new RemembrancerError('POLICY_INVALID', `${edit.path} has no list keys.`)
    }
    keys.flow = false
    keys.add({
      name: key.name,
      algorithm: 'ed25519',
      publicKey: encodeBase64(key.publicKey),
      namespaces: [...key.namespaces],
      roles: ['agent'],
      validFrom: formatTime(key.validFrom),
    })
  })
}
