/** The policies that the vectors are judged by. */
import type { PrivateKey } from 'openpgp'
import { witness } from '../kit/log.ts'
import { makeOpenPgpKey, openpgpMember } from '../kit/openpgp.ts'
import {
  ada,
  authorityMember,
  embedded,
  independent,
  keyMember,
  logMember,
  makeAuthority,
  noon,
  type PolicyDocument,
  policyDocument,
  recordSigner,
  type TestAuthority,
} from '../kit/scene.ts'

export const bob: ReturnType<typeof recordSigner> = recordSigner('bob')
export const mallory: ReturnType<typeof recordSigner> = recordSigner('mallory')
/** An agent. */
export const robin: ReturnType<typeof recordSigner> = recordSigner('robin')
/** Signs as a person and as an agent. */
export const sam: ReturnType<typeof recordSigner> = recordSigner('sam')
/** An authority that no policy knows. */
export const stranger: TestAuthority = makeAuthority('stranger', false)
export const grace: PrivateKey = await makeOpenPgpKey()
export const heidi: PrivateKey = await makeOpenPgpKey({ signingSubkeys: 1 })
/** Expires at 11:00, before the records are made. */
export const ivan: PrivateKey = await makeOpenPgpKey({ expires: 3600 })
export const north: ReturnType<typeof witness> = witness('north.example', noon)
export const south: ReturnType<typeof witness> = witness('south.example', noon)
export const west: ReturnType<typeof witness> = witness('west.example', noon)

const require = { independentTime: false, signatures: 1, timestamps: 1, witnesses: false }
const quorum = [
  `witness north ${north.vkey}`,
  `witness south ${south.vkey}`,
  `witness west ${west.vkey}`,
  'group two 2 north south west',
  'quorum two',
  '',
].join('\n')

const until = (validUntil: string): PolicyDocument =>
  policyDocument({ keys: [keyMember(ada.publicKey, 'Ada', { validUntil })] })

export const policies = {
  basic: policyDocument(),
  'two-signatures': policyDocument({
    keys: [keyMember(ada.publicKey), keyMember(bob.publicKey, 'Bob')],
    require: { ...require, signatures: 2 },
  }),
  agent: policyDocument({
    keys: [
      keyMember(ada.publicKey),
      keyMember(robin.publicKey, 'Robin', { roles: ['agent'] }),
      keyMember(sam.publicKey, 'Sam', { roles: ['agent', 'record'] }),
    ],
  }),
  'agent-and-another': policyDocument({
    keys: [keyMember(ada.publicKey), keyMember(robin.publicKey, 'Robin', { roles: ['agent'] })],
    require: { ...require, signatures: 2 },
  }),
  openpgp: policyDocument({
    keys: [
      openpgpMember(grace, { name: 'Grace' }),
      openpgpMember(heidi, { name: 'Heidi' }),
      openpgpMember(ivan, { name: 'Ivan' }),
    ],
  }),
  witnessed: policyDocument({
    logs: [logMember(quorum)],
    require: { ...require, witnesses: true },
  }),
  'independent-time': policyDocument({ require: { ...require, independentTime: true } }),
  'two-authorities': policyDocument({ require: { ...require, timestamps: 2 } }),
  'no-tokens': policyDocument({ require: { ...require, timestamps: 0 } }),
  'no-tokens-key-ends': {
    ...until('2030-01-01T00:00:00Z'),
    require: { ...require, timestamps: 0 },
  },
  'key-ends-at-noon': until('2026-11-23T12:00:00Z'),
  'key-ends-after-noon': until('2026-11-23T12:30:00Z'),
  'key-begins-at-noon': policyDocument({
    keys: [keyMember(ada.publicKey, 'Ada', { validFrom: '2026-11-23T12:00:00Z' })],
  }),
  'key-begins-after-noon': policyDocument({
    keys: [keyMember(ada.publicKey, 'Ada', { validFrom: '2026-11-23T12:00:00.001Z' })],
  }),
  'key-of-other-namespace': policyDocument({
    keys: [keyMember(ada.publicKey, 'Ada', { namespaces: ['billing'] })],
  }),
  'log-of-other-namespace': policyDocument({ logs: [{ ...logMember(), namespaces: ['billing'] }] }),
  'authority-ended': policyDocument({
    timeAuthorities: [authorityMember(embedded, { validUntil: '2026-11-23T11:00:00Z' })],
  }),
  'authority-pinned': policyDocument({
    timeAuthorities: [authorityMember(embedded, { pins: authorityMember(independent)['pins'] })],
  }),
} as const satisfies Record<string, PolicyDocument>

export type PolicyName = keyof typeof policies
