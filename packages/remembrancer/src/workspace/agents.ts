/** The agents of a workspace: programs with a key of their own, which the trust policy names. */
import { generateKeyPairSync } from 'node:crypto'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { ed25519Signer, nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import { trustedSignature } from '../checks/trusted-signature.ts'
import type { Entry } from '../entry.ts'
import { preAuthenticationEncoding } from '../envelope.ts'
import { RemembrancerError } from '../errors.ts'
import { isLabel } from '../formats/text.ts'
import type { RecordKind } from '../schemas/kinds.ts'
import {
  agentKinds,
  ed25519KeyId,
  isAgentKey,
  type TrustedKey,
  type TrustPolicy,
} from '../trust-policy.ts'
import { withAgentKey } from './agent-trust.ts'
import { Keyring } from './keyring.ts'
import { keyringDirectory } from './layout.ts'
import type { Setup } from './setup.ts'
import type { Agent, AgentOptions } from './types.ts'

/** The Ed25519 keys that the policy trusts as an agent's for a namespace at a time. */
function agentKeys(policy: TrustPolicy, namespace: string, now: Date): readonly TrustedKey[] {
  return policy.keys.filter(
    (key) =>
      key.algorithm === 'ed25519' &&
      isAgentKey(key) &&
      key.namespaces.includes(namespace) &&
      key.validFrom <= now &&
      (key.validUntil === undefined || now < key.validUntil),
  )
}

/** The keyids of the Ed25519 keys that are no agent's. */
export function personKeyIds({ keys }: TrustPolicy): string[] {
  return keys
    .filter((key) => key.algorithm === 'ed25519' && !isAgentKey(key))
    .map(({ publicKey }) => ed25519KeyId(publicKey))
}

function agentOf({ name, publicKey, validFrom, validUntil }: TrustedKey): Agent {
  return {
    name,
    keyid: ed25519KeyId(publicKey),
    validFrom,
    ...(validUntil === undefined ? {} : { validUntil }),
  }
}

/** The agents that the policy trusts now, in its order. */
export async function trustedAgents({ config, policy, options }: Setup): Promise<Agent[]> {
  return agentKeys(await policy(), config.namespace, options.clock()).map(agentOf)
}

/**
 * The agent of a name.
 *
 * @throws RemembrancerError AGENT_MISSING
 */
export async function trustedAgent(setup: Setup, name: string): Promise<Agent> {
  const agent = (await trustedAgents(setup)).find((each) => each.name === name)
  if (agent !== undefined) return agent
  throw new RemembrancerError(
    'AGENT_MISSING',
    `The policy ${setup.layout.policy} trusts no agent "${name}" now. Make one with: vm agent init --name ${name}`,
  )
}

/**
 * Makes a key for an agent, and trusts it: both or nothing.
 *
 * @throws RemembrancerError AGENT_INVALID, AGENT_EXISTS, PASSPHRASE_NEEDED, POLICY_INVALID,
 * HOME_MISSING, KEYRING_PERMISSIONS
 */
export async function addAgent(setup: Setup, { name, passphrase }: AgentOptions): Promise<Agent> {
  if (!isLabel(name)) {
    throw new RemembrancerError(
      'AGENT_INVALID',
      `"${name}" can't be an agent's name: use 1 to 63 of a-z, 0-9 and "-", not at the ends.`,
    )
  }
  if (passphrase === '') {
    const message = 'An empty passphrase protects nothing. Give one, or say that you want none.'
    throw new RemembrancerError('PASSPHRASE_NEEDED', message)
  }
  if ((await trustedAgents(setup)).some((each) => each.name === name)) {
    throw new RemembrancerError(
      'AGENT_EXISTS',
      `The policy ${setup.layout.policy} trusts an agent "${name}" already. Use it, or set its validUntil there first.`,
    )
  }
  const { privateKey } = generateKeyPairSync('ed25519')
  const { publicKey } = ed25519Signer(privateKey)
  const keyring = new Keyring(keyringDirectory(setup.options.env))
  await keyring.prepare()
  const fingerprint = encodeHex(sha256(publicKey))
  const undo = await keyring.add({ duty: 'agent', fingerprint }, privateKey, passphrase)
  // Whole seconds, as its first token has: that must not be older than its key.
  const validFrom = new Date(Math.floor(setup.options.clock().getTime() / 1000) * 1000)
  const namespaces = [setup.config.namespace]
  try {
    await setup.editPolicy((edit) => withAgentKey(edit, { name, namespaces, publicKey, validFrom }))
  } catch (error) {
    await undo()
    throw error
  }
  return { name, keyid: ed25519KeyId(publicKey), validFrom }
}

/**
 * Refuses what no verifier would take from an agent.
 *
 * @throws RemembrancerError AGENT_REFUSED
 */
export function requireAgentKind(kind: RecordKind): void {
  if (agentKinds.has(kind)) return
  throw new RemembrancerError(
    'AGENT_REFUSED',
    `An agent may not sign a ${kind}, but only: ${[...agentKinds].join(', ')}. Let a person record it.`,
  )
}

/** Who signed a record, as far as the policy knows them. */
export interface Signers {
  /** The names of the agents. */
  readonly agents: readonly string[]
  /** Whether anyone else did. */
  readonly hasOthers: boolean
  /** Whether they are as many as the policy asks for. */
  readonly areEnough: boolean
}

/** Whether nobody but agents signed, of those whom the policy knows. */
export function isByAgents({ agents, hasOthers }: Signers): boolean {
  return agents.length > 0 && !hasOthers
}

/**
 * Who signed an entry. A signature that does not verify is nobody's: an agent could name the key of
 * a person.
 */
export async function signersOf(
  { payload, signatures }: Entry,
  namespace: string,
  { keys, require }: TrustPolicy,
): Promise<Signers> {
  const ours = keys.filter(({ namespaces }) => namespaces.includes(namespace))
  const data = preAuthenticationEncoding(payload)
  const found = await Promise.all(
    signatures.map(async (signature, i) => {
      const trusted = await trustedSignature(i, signature, ours, nodeVerifyEd25519)
      return trusted !== undefined && (await trusted.verify(data)) === undefined ? [trusted] : []
    }),
  )
  const trusted = found.flat()
  const known = trusted.map(({ key }) => key)
  return {
    agents: known.filter(isAgentKey).map(({ name }) => name),
    hasOthers: known.some((key) => !isAgentKey(key)),
    areEnough: new Set(trusted.map(({ signer }) => signer)).size >= require.signatures,
  }
}
