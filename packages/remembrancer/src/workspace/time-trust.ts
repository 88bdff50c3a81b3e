/** Edits the time authorities in the text of `trust/policy.yaml`, and keeps its comments. */
import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import type { TimeAuthority } from '@vaultmesh/tsp'
import { isMap, isSeq, type YAMLMap, type YAMLSeq } from 'yaml'
import { RemembrancerError } from '../errors.ts'
import { formatTime } from '../formats/text.ts'
import { editedPolicy, type PolicyEdit } from './policy-edit.ts'

function changed(edit: PolicyEdit, change: (authorities: YAMLSeq) => void): string {
  return editedPolicy(edit, (document) => {
    const authorities = document.get('timeAuthorities')
    if (!isSeq(authorities)) {
      throw new RemembrancerError('POLICY_INVALID', `${edit.path} has no list timeAuthorities.`)
    }
    change(authorities)
  })
}

/**
 * Adds an authority, or a further window of one that is there: those of one name are one authority.
 *
 * @throws RemembrancerError POLICY_INVALID where the policy would not hold with it
 */
export function withTimeAuthority(edit: PolicyEdit, authority: TimeAuthority): string {
  const { name, selfIssued, anchors, pins, validFrom, validUntil } = authority
  return changed(edit, (authorities) => {
    authorities.flow = false
    authorities.add({
      name,
      selfIssued,
      anchors: anchors.map(encodeBase64),
      pins: pins.map(encodeBase64),
      validFrom: formatTime(validFrom),
      ...(validUntil === undefined ? {} : { validUntil: formatTime(validUntil) }),
    })
  })
}

/** The latest window of an authority: the one that new tokens fall into. */
function latestOf(authorities: YAMLSeq, name: string): YAMLMap | undefined {
  return authorities.items
    .filter((item) => isMap(item))
    .filter((item) => item.get('name') === name)
    .sort((a, b) => String(a.get('validFrom')).localeCompare(String(b.get('validFrom'))))
    .at(-1)
}

/**
 * Adds a pin (32 bytes) to the latest window of an authority; nothing changes where it is there.
 *
 * @throws RemembrancerError AUTHORITY_MISSING, POLICY_INVALID
 */
export function withPin(edit: PolicyEdit, name: string, pin: Uint8Array): string {
  return changed(edit, (authorities) => {
    const authority = latestOf(authorities, name)
    if (authority === undefined) {
      throw new RemembrancerError(
        'AUTHORITY_MISSING',
        `The policy ${edit.path} trusts no time authority of the name "${name}". See the names with: vm tsa trust list`,
      )
    }
    const pins = authority.get('pins')
    const encoded = encodeBase64(pin)
    if (!isSeq(pins) || pins.items.length === 0) authority.set('pins', [encoded])
    else if (!(pins.toJSON() as unknown[]).includes(encoded)) pins.add(encoded)
  })
}
