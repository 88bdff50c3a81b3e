import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { writeCanonicalJson } from '../src/index.ts'
import { encodeTrustPolicy, parseTrustPolicy, trustPolicyFrom } from '../src/verify.ts'
import { witness } from './kit/log.ts'
import {
  ada,
  authorityMember,
  begin,
  embedded,
  independent,
  keyMember,
  logMember,
  noon,
  type PolicyDocument,
  policyDocument,
  recordSigner,
} from './kit/scene.ts'

const bob = recordSigner('bob')
const north = witness('north.example', noon).vkey

function problemsOf(more: PolicyDocument): readonly string[] {
  const parsed = parseTrustPolicy(writeCanonicalJson(policyDocument(more)))
  return parsed.ok ? [] : parsed.problems
}

const require = { independentTime: false, signatures: 1, timestamps: 1, witnesses: false }

describe('a trust policy', () => {
  it('is read, and written again byte for byte', () => {
    const bytes = writeCanonicalJson(
      policyDocument({
        keys: [keyMember(ada.publicKey, 'Ada', { validUntil: '2027-01-01T00:00:00.000Z' })],
      }),
    )
    const parsed = parseTrustPolicy(bytes)
    expect(parsed.ok && encodeTrustPolicy(parsed.policy)).toEqual(bytes)
    expect(parsed.ok && parsed.policy.keys).toMatchObject([
      { name: 'Ada', validFrom: new Date(begin), validUntil: new Date('2027-01-01T00:00:00Z') },
    ])
  })

  it('gives a key one role or both', () => {
    for (const roles of [['record'], ['agent'], ['agent', 'record'], ['record', 'agent']]) {
      const keys = [keyMember(ada.publicKey, 'Ada', { roles })]
      const parsed = parseTrustPolicy(writeCanonicalJson(policyDocument({ keys })))
      expect(parsed.ok && parsed.policy.keys[0]?.roles).toEqual(roles)
    }
  })

  it('may be empty, and then trusts nobody', () => {
    expect(problemsOf({ keys: [], logs: [], timeAuthorities: [] })).toEqual([])
  })

  it('may hold the history of one time authority', () => {
    const until = { validUntil: '2026-12-01T00:00:00Z' }
    const from = { validFrom: '2026-12-01T00:00:00Z' }
    const timeAuthorities = [authorityMember(embedded, until), authorityMember(embedded, from)]
    expect(problemsOf({ timeAuthorities })).toEqual([])
  })

  test.each<[string, PolicyDocument]>([
    ['another media type', { mediaType: 'x' }],
    ['an unknown member', { more: 1 }],
    ['a missing member', { require: undefined }],
    ['keys that are no list', { keys: {} }],
    ['an unknown member of a key', { keys: [keyMember(ada.publicKey, 'Ada', { comment: 'x' })] }],
    ['an unknown algorithm', { keys: [keyMember(ada.publicKey, 'Ada', { algorithm: 'rsa' })] }],
    ['a name that turns around', { keys: [keyMember(ada.publicKey, '\u202eadA')] }],
    ['no namespace', { keys: [keyMember(ada.publicKey, 'Ada', { namespaces: [] })] }],
    ['a namespace twice', { keys: [keyMember(ada.publicKey, 'Ada', { namespaces: ['a', 'a'] })] }],
    ['a wildcard', { keys: [keyMember(ada.publicKey, 'Ada', { namespaces: ['*'] })] }],
    ['no role', { keys: [keyMember(ada.publicKey, 'Ada', { roles: [] })] }],
    ['an unknown role', { keys: [keyMember(ada.publicKey, 'Ada', { roles: ['admin'] })] }],
    ['a role twice', { keys: [keyMember(ada.publicKey, 'Ada', { roles: ['agent', 'agent'] })] }],
    [
      'too many roles',
      { keys: [keyMember(ada.publicKey, 'Ada', { roles: ['agent', 'record', 'agent'] })] },
    ],
    ['a key of 31 bytes', { keys: [keyMember(ada.publicKey.subarray(1))] }],
    ['a key for which anyone can sign', { keys: [keyMember(new Uint8Array(32))] }],
    [
      'a window that ends as it begins',
      { keys: [keyMember(ada.publicKey, 'Ada', { validUntil: begin })] },
    ],
    [
      'a window without begin',
      { keys: [keyMember(ada.publicKey, 'Ada', { validFrom: undefined })] },
    ],
    ['a key twice', { keys: [keyMember(ada.publicKey), keyMember(ada.publicKey, 'Eve')] }],
    ['an origin twice', { logs: [logMember(), logMember()] }],
    [
      'a log policy that is none',
      { logs: [{ ...logMember(), policy: 'quorum none\nquorum none\n' }] },
    ],
    ['a log without key', { logs: [{ ...logMember(), policy: 'quorum none\n' }] }],
    ['a log key of another name', { logs: [{ ...logMember(), origin: 'example.com/other' }] }],
    ['no anchor', { timeAuthorities: [authorityMember(embedded, { anchors: [] })] }],
    ['a pin of 31 bytes', { timeAuthorities: [authorityMember(embedded, { pins: ['AAAA'] })] }],
    [
      'a selfIssued that is a text',
      { timeAuthorities: [authorityMember(embedded, { selfIssued: 'no' })] },
    ],
    [
      'two authorities with one anchor',
      {
        timeAuthorities: [authorityMember(embedded), authorityMember(embedded, { name: 'other' })],
      },
    ],
    [
      'an authority that is self-issued and not',
      {
        timeAuthorities: [
          authorityMember(embedded),
          authorityMember(independent, { name: 'embedded' }),
        ],
      },
    ],
    ['no signature required', { require: { ...require, signatures: 0 } }],
    ['nine signatures required', { require: { ...require, signatures: 9 } }],
    ['half a token required', { require: { ...require, timestamps: 0.5 } }],
    ['an unknown requirement', { require: { ...require, mood: 'good' } }],
  ])('is refused with %s', (_, more) => {
    expect(problemsOf(more)).not.toEqual([])
  })

  it('is refused where one key has two duties', () => {
    const publicKey = (vkey: string) =>
      Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1)
    const log = logMember()
    const logKey = publicKey(String(log['policy']).split(' ')[1]?.split('\n')[0] ?? '')
    expect(problemsOf({ keys: [keyMember(logKey)] })).toEqual([
      `the public key ${encodeBase64(logKey)} has two of the duties record key, log key and witness`,
    ])
    const witnessed = logMember(`witness north ${north}\nquorum north\n`)
    expect(problemsOf({ logs: [witnessed] })).toEqual([])
    expect(problemsOf({ logs: [witnessed], keys: [keyMember(publicKey(north))] })).toHaveLength(1)
  })

  it('names every problem at once', () => {
    const keys = [keyMember(ada.publicKey, ''), keyMember(bob.publicKey, 'Bob', { roles: [] })]
    expect(problemsOf({ keys, require: { ...require, signatures: 0 }, mediaType: 'x' })).toEqual([
      'mediaType: must be application/vnd.vaultmesh.policy.v0+json',
      'keys[0].name: must be 1 to 200 characters',
      'keys[1].roles: must have 1 to 2 items, has 0',
      'require.signatures: must be a whole number, 1 to 8',
    ])
  })

  it('is never thrown about', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.uint8Array(), (value, bytes) => {
        expect(trustPolicyFrom(value).ok).toBe(false)
        expect(parseTrustPolicy(bytes).ok).toBe(false)
      }),
    )
    expect(parseTrustPolicy(new Uint8Array(1024 * 1024 + 1))).toEqual({
      ok: false,
      problems: ['longer than 1048576 bytes'],
    })
  })
})
