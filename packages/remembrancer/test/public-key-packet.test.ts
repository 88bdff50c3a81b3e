import { concatBytes, encodeBase64 } from '@vaultmesh/merkle/bytes'
import * as openpgp from 'openpgp'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { firstPacket } from '../src/openpgp/packet.ts'
import { publicKeyMaterial } from '../src/openpgp/public-key-packet.ts'
import { trustPolicyFrom } from '../src/verify.ts'
import { makeOpenPgpKey, openpgpMember } from './kit/openpgp.ts'
import { keyMember, type PolicyDocument, policyDocument } from './kit/scene.ts'

let grace: openpgp.PrivateKey
let publicKey: Uint8Array
/** The body of the first packet. */
let body: Uint8Array
let raw: Uint8Array
beforeAll(async () => {
  grace = await makeOpenPgpKey()
  publicKey = grace.toPublic().write()
  body = firstPacket(publicKey)?.body ?? new Uint8Array()
  raw = body.subarray(-32)
})

const framings: readonly [string, (length: number) => number[]][] = [
  ['a new header', (length) => [0xc6, length]],
  ['a new header of five length bytes', (length) => [0xc6, 255, 0, 0, 0, length]],
  ['an old header', (length) => [0x98, length]],
  ['an old header of two length bytes', (length) => [0x99, 0, length]],
]

function member(bytes: Uint8Array): PolicyDocument {
  return keyMember(bytes, 'Grace', { algorithm: 'openpgp' })
}

function problemsOf(...keys: PolicyDocument[]): readonly string[] {
  const parsed = trustPolicyFrom(policyDocument({ keys }))
  return parsed.ok ? [] : parsed.problems
}

describe('the material of an OpenPGP public key', () => {
  test.each(framings)('is the raw Ed25519 key under %s', (_, header) => {
    const framed = concatBytes(Uint8Array.from(header(body.length)), body)
    expect(publicKeyMaterial(framed)).toEqual(raw)
    expect(publicKeyMaterial(concatBytes(framed, Uint8Array.of(0)))).toEqual(raw)
  })

  it.each([4, 6] as const)('is the raw key of an Ed25519 key of version %i', async (version) => {
    const { publicKey: key } = await openpgp.generateKey({
      type: 'curve25519',
      userIDs: [{ name: 'Heidi' }],
      format: 'object',
      config: { v6Keys: version === 6 },
    })
    expect(key.keyPacket.version).toBe(version)
    const material = publicKeyMaterial(key.write())
    const held = firstPacket(key.write())?.body.subarray(-32)
    expect(material).toEqual(held)
  })

  it('is all that follows the algorithm for other keys', () => {
    const rsa = Uint8Array.of(0xc6, 8, 4, 0, 0, 0, 0, 1, 7, 7)
    expect(publicKeyMaterial(rsa)).toEqual(Uint8Array.of(7, 7))
    const otherCurve = Uint8Array.of(0xc6, 8, 4, 0, 0, 0, 0, 22, 7, 7)
    expect(publicKeyMaterial(otherCurve)).toEqual(Uint8Array.of(7, 7))
  })

  test.each<[string, () => Uint8Array, RegExp]>([
    ['nothing', () => new Uint8Array(), /does not begin/],
    ['no packet', () => new Uint8Array(3), /does not begin/],
    ['armor', () => new TextEncoder().encode(grace.toPublic().armor()), /does not begin/],
    ['a packet cut off', () => publicKey.subarray(0, 20), /does not begin/],
    ['a partial length', () => Uint8Array.of(0xc6, 224, 4), /does not begin/],
    ['a subkey first', () => Uint8Array.of(0xce, 1, 4), /does not begin/],
    ['a secret key', () => grace.write(), /a secret key, which must never be in a policy/],
    ['a secret subkey', () => Uint8Array.of(0xc7, 1, 4), /a secret key/],
    ['version 3', () => Uint8Array.of(0xc6, 7, 3, 0, 0, 0, 0, 1, 1), /version 4 or 6/],
    ['an empty packet', () => Uint8Array.of(0xc6, 0), /version 4 or 6/],
    ['no material', () => Uint8Array.of(0xc6, 6, 4, 0, 0, 0, 0, 1), /cut off/],
    [
      'an Ed25519 key of 31 bytes',
      () => concatBytes(Uint8Array.of(0xc6, body.length - 1), body.subarray(0, -1)),
      /not 32 bytes/,
    ],
    [
      'an Ed25519 key with another bit count',
      () => concatBytes(Uint8Array.of(0xc6, body.length), body.with(-34, 8)),
      /not 32 bytes/,
    ],
  ])('is not there in %s', (_, bytes, problem) => {
    expect(publicKeyMaterial(bytes())).toMatch(problem)
  })
})

describe('a policy', () => {
  it('refuses what is no OpenPGP public key', () => {
    expect(problemsOf(openpgpMember(grace))).toEqual([])
    expect(problemsOf(member(grace.write()))).toEqual([
      'keys[0].publicKey: is a secret key, which must never be in a policy',
    ])
    expect(problemsOf(member(new Uint8Array(3)))).toEqual([
      'keys[0].publicKey: does not begin with a binary OpenPGP public key',
    ])
  })

  it('refuses one key twice, whatever the framing or the creation time', () => {
    const twice = [`keys: the public key ${encodeBase64(raw)} stands twice`]
    const end = firstPacket(publicKey)?.end
    const framed = concatBytes(
      Uint8Array.of(0xc6, 255, 0, 0, 0, body.length),
      body,
      publicKey.subarray(end),
    )
    expect(problemsOf(openpgpMember(grace), member(framed))).toEqual(twice)
    const younger = concatBytes(Uint8Array.of(0xc6, body.length), body.with(4, 7))
    expect(problemsOf(openpgpMember(grace), member(younger))).toEqual(twice)
    expect(problemsOf(openpgpMember(grace), keyMember(raw))).toEqual(twice)
  })
})
