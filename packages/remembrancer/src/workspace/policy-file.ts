/** `trust/policy.yaml`: the trust policy of a workspace, for people, committed to git. */
import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import { stringify } from 'yaml'
import { RemembrancerError } from '../errors.ts'
import { policyMediaType, type TrustPolicy, trustPolicyFrom } from '../trust-policy.ts'
import { parseYaml } from './config.ts'

const header = `# Whom this workspace believes, for what, and which evidence it asks for.
# Commit this file. docs/formats/policy.md explains every member; "vm trust export"
# writes the same as one portable file for others.
`

/** The public parts of a new workspace. */
export interface FirstPolicy {
  readonly namespace: string
  readonly origin: string
  /** The raw 32 bytes. */
  readonly recordKey: Uint8Array
  readonly logVkey: string
  /** DER certificate that the chain of the embedded time authority ends in. */
  readonly anchor: Uint8Array
  /** SHA-256 of the SubjectPublicKeyInfo of its leaf. */
  readonly pin: Uint8Array
  /** RFC 3339: when the keys were made. */
  readonly validFrom: string
}

/** The text of a new workspace's policy. */
export function encodeFirstPolicy(first: FirstPolicy): string {
  const { namespace, origin, validFrom } = first
  const document = {
    mediaType: policyMediaType,
    keys: [
      {
        name: `record key of ${namespace}`,
        algorithm: 'ed25519',
        publicKey: encodeBase64(first.recordKey),
        namespaces: [namespace],
        roles: ['record'],
        validFrom,
      },
    ],
    logs: [{ origin, namespaces: [namespace], policy: `log ${first.logVkey}\nquorum none\n` }],
    timeAuthorities: [
      {
        name: `embedded time authority of ${origin}`,
        selfIssued: true,
        anchors: [encodeBase64(first.anchor)],
        pins: [encodeBase64(first.pin)],
        validFrom,
      },
    ],
    require: { signatures: 1, timestamps: 1, independentTime: false, witnesses: false },
  }
  return header + stringify(document, { lineWidth: 0 })
}

/**
 * Reads the text of a policy; `path` is for the message.
 *
 * @throws RemembrancerError POLICY_INVALID, with every problem.
 */
export function parsePolicyFile(text: string, path: string): TrustPolicy {
  const parsed = trustPolicyFrom(parseYaml(text))
  if (parsed.ok) return parsed.policy
  const problems = parsed.problems.join('; ')
  throw new RemembrancerError('POLICY_INVALID', `${path} can't be used: ${problems}.`)
}
