import { createHash, createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { contextTag, parseDer, tags } from '../src/der.ts'
import { readOid } from '../src/der-read.ts'
import {
  writeBoolean,
  writeElement,
  writeInteger,
  writeOctets,
  writeOid,
  writeSequence,
} from '../src/der-write.ts'
import {
  createTimestampRequest,
  parseTimestamp,
  summarizeCertificate,
  summarizeTimestamp,
  type TimeAuthority,
  verifyTimestamp,
} from '../src/index.ts'
import {
  type AuthorityKeys,
  type AuthorityOptions,
  createAuthority,
  createAuthorityKeys,
  defaultPolicy,
} from '../src/node.ts'
import { digestOids } from '../src/oids.ts'
import { digestIdentifier, forge, hash, notPassed } from './forge.ts'
import { certificate, ecKey, extension, rootCa, stamper, timeStampingOnly, usage } from './pki.ts'

const data = new TextEncoder().encode('signature bytes')
const imprint = hash('sha256', data)
const now = new Date('2026-11-23T10:00:00.120Z')
const validity = { notBefore: new Date('2026-01-01'), notAfter: new Date('2036-01-01') }

let keys: AuthorityKeys
beforeAll(() => {
  keys = createAuthorityKeys({ name: 'embedded', ...validity })
})

const authority = (change: Partial<AuthorityOptions> = {}) =>
  createAuthority({ ...keys, clock: () => now, ...change })
const trusted = (): TimeAuthority => ({
  name: 'embedded',
  selfIssued: true,
  anchors: [keys.anchor],
  pins: [],
  ...{ validFrom: validity.notBefore, validUntil: validity.notAfter },
})

function tokenOf(response: Uint8Array): Uint8Array {
  const parsed = parseTimestamp(response)
  if (!parsed.ok) throw new Error(parsed.detail)
  expect(parsed.kind).toBe('response')
  return parsed.token
}

function rejectionOf(response: Uint8Array): string | undefined {
  const parsed = parseTimestamp(response)
  if (parsed.ok) throw new Error('granted')
  expect(parsed.code).toBe('REJECTED')
  return parsed.failure
}

describe('the keys of an authority', () => {
  it('are a key for time-stamping and the root that signed it', async () => {
    const { certificate: leaf, anchor, privateKey } = keys
    expect(privateKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    expect(await summarizeCertificate(leaf)).toMatchObject({
      subject: 'CN=embedded',
      issuer: 'CN=embedded root',
      ...validity,
    })
    expect(await summarizeCertificate(anchor)).toMatchObject({
      subject: 'CN=embedded root',
      issuer: 'CN=embedded root',
      ...validity,
    })
  })

  it('are new each time', () => {
    const again = createAuthorityKeys({ name: 'embedded', ...validity })
    expect(again.anchor).not.toEqual(keys.anchor)
    expect(again.certificate).not.toEqual(keys.certificate)
  })

  it('have a validity of whole seconds, also after 2049', async () => {
    const made = createAuthorityKeys({
      name: 'é'.repeat(58),
      notBefore: new Date('2049-12-31T23:59:59.999Z'),
      notAfter: new Date('9999-12-31T23:59:59.999Z'),
    })
    expect(await summarizeCertificate(made.certificate)).toMatchObject({
      notBefore: new Date('2049-12-31T23:59:59Z'),
      notAfter: new Date('9999-12-31T23:59:59Z'),
    })
  })

  it.each([
    ['no name', { name: '' }],
    ['a long name', { name: 'n'.repeat(59) }],
    ['a control character in the name', { name: 'a\nb' }],
    ['a bidirectional control in the name', { name: 'a\u{202e}b' }],
    ['a validity that ends before it begins', { notAfter: new Date('2025-01-01') }],
    ['a validity from before 1970', { notBefore: new Date(-1000) }],
    ['a validity from no date', { notBefore: new Date(Number.NaN) }],
    ['a validity to no date', { notAfter: new Date(Number.NaN) }],
    ['a validity beyond 9999', { notAfter: new Date(Date.UTC(10_000, 0)) }],
  ])('are not made with %s', (_what, change) => {
    expect(() => createAuthorityKeys({ name: 'embedded', ...validity, ...change })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })
})

describe('an authority', () => {
  it('grants a token that verifies', async () => {
    const nonce = new Uint8Array(randomBytes(16))
    const request = createTimestampRequest({ imprint, nonce, policy: defaultPolicy })
    const token = tokenOf(authority({ anchor: keys.anchor }).respond(request))
    const verdict = await verifyTimestamp(token, {
      data,
      nonce,
      policy: defaultPolicy,
      authorities: [trusted()],
    })
    expect(notPassed(verdict)).toEqual([])
    expect(verdict.genTimeText).toBe('2026-11-23T10:00:00.120Z')
  })

  it('states how far its clock may be off only where it was told', async () => {
    const stated = async (accuracy: number | undefined) => {
      const token = tokenOf(authority({ accuracy }).respond(createTimestampRequest({ imprint })))
      const { checks } = await verifyTimestamp(token, { data, authorities: [trusted()] })
      return checks.find(({ id }) => id === 'token.accuracy')
    }
    expect(await stated(2)).toMatchObject({ status: 'pass', detail: expect.stringContaining('2') })
    expect(await stated(90)).toMatchObject({ status: 'warn' })
    expect(await stated(undefined)).toMatchObject({
      status: 'pass',
      detail: expect.stringContaining('not stated'),
    })
    for (const accuracy of [0, -1, 0.5, Number.NaN]) {
      expect(() => authority({ accuracy })).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      )
    }
  })

  it('says what it stamped, when, and under which serial number', () => {
    const request = createTimestampRequest({ imprint })
    const serial = () => Uint8Array.of(0, 0xab, 0xcd)
    const token = tokenOf(authority({ serial, policy: '1.2.3' }).respond(request))
    expect(summarizeTimestamp(token)).toEqual({
      genTime: '2026-11-23T10:00:00.120Z',
      serialNumber: '00abcd',
      policy: '1.2.3',
      imprint: { algorithm: 'SHA-256', digest: Buffer.from(imprint).toString('hex') },
      tsa: 'CN=embedded',
    })
  })

  it('numbers its tokens with 16 random bytes', () => {
    const request = createTimestampRequest({ imprint })
    const serials = Array.from({ length: 20 }, () => {
      return summarizeTimestamp(tokenOf(authority().respond(request)))?.serialNumber ?? ''
    })
    expect(new Set(serials).size).toBe(20)
    for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9a-f]{31}$/)
  })

  it('uses the clock of the machine unless told otherwise', () => {
    const before = Date.now()
    const { certificate: leaf, privateKey } = createAuthorityKeys({
      name: 'now',
      notBefore: new Date(before - 60_000),
      notAfter: new Date(before + 600_000),
    })
    const response = createAuthority({ certificate: leaf, privateKey }).respond(
      createTimestampRequest({ imprint }),
    )
    const genTime = summarizeTimestamp(tokenOf(response))?.genTime ?? ''
    expect(Date.parse(genTime)).toBeGreaterThanOrEqual(before)
    expect(Date.parse(genTime)).toBeLessThanOrEqual(Date.now())
  })

  it('embeds its certificate only if asked to', async () => {
    const request = createTimestampRequest({ imprint, certificates: false })
    const token = tokenOf(authority().respond(request))
    const verdict = await verifyTimestamp(token, { data, authorities: [trusted()] })
    expect(notPassed(verdict)).toEqual(['token.signer-certificate fail'])
  })

  it('stamps SHA-384 and SHA-512 too', async () => {
    for (const name of ['sha384', 'sha512'] as const) {
      const messageImprint = writeSequence(digestIdentifier(name), writeOctets(hash(name, data)))
      const request = writeSequence(writeInteger(1), messageImprint, writeBoolean(true))
      const token = tokenOf(authority().respond(request))
      const verdict = await verifyTimestamp(token, { data, authorities: [trusted()] })
      expect(notPassed(verdict)).toEqual([])
    }
  })

  const version = writeInteger(1)
  const right = writeSequence(digestIdentifier('sha256'), writeOctets(imprint))
  const sha1 = writeSequence(digestIdentifier('sha1'), writeOctets(hash('sha1', data)))
  const odd = writeSequence(
    writeSequence(writeOid(digestOids.sha256), writeInteger(1)),
    writeOctets(imprint),
  )
  const short = writeSequence(digestIdentifier('sha256'), writeOctets(imprint.subarray(1)))
  const extensions = writeElement(contextTag(0), extension('1.2.3', version))
  it.each([
    ['nothing', new Uint8Array(), 'badDataFormat'],
    ['a request that is too large', new Uint8Array(70_000), 'badDataFormat'],
    [
      'a byte after the request',
      Uint8Array.of(...writeSequence(version, right), 0),
      'badDataFormat',
    ],
    ['another structure', right, 'badDataFormat'],
    ['fields left over', writeSequence(version, right, right), 'badDataFormat'],
    ['version 2', writeSequence(writeInteger(2), right), 'badRequest'],
    ['SHA-1', writeSequence(version, sha1), 'badAlg'],
    ['SHA-256 with parameters', writeSequence(version, odd), 'badAlg'],
    ['a digest that is too short', writeSequence(version, short), 'badDataFormat'],
    ['another policy', writeSequence(version, right, writeOid('1.2.3')), 'unacceptedPolicy'],
    ['an extension', writeSequence(version, right, extensions), 'unacceptedExtension'],
    [
      'a nonce of 65 bytes',
      writeSequence(version, right, writeInteger(new Uint8Array(65).fill(1))),
      'badRequest',
    ],
  ])('rejects %s', (_what, request, failure) => {
    expect(rejectionOf(authority().respond(request))).toBe(failure)
  })

  it.each([
    ['has no time', new Date(Number.NaN), 'timeNotAvailable'],
    ['is before its certificate', new Date('2025-12-31T23:59:59.999Z'), 'systemFailure'],
    ['is after its certificate', new Date('2036-01-01T00:00:00.001Z'), 'systemFailure'],
  ])('grants nothing when its clock %s', (_what, time, failure) => {
    const request = createTimestampRequest({ imprint })
    expect(rejectionOf(authority({ clock: () => time }).respond(request))).toBe(failure)
  })

  it('grants at the very ends of its certificate', () => {
    const request = createTimestampRequest({ imprint })
    for (const time of [validity.notBefore, validity.notAfter]) {
      tokenOf(authority({ clock: () => time }).respond(request))
    }
  })

  const cases: [string, () => Partial<AuthorityOptions>, string][] = [
    ['a key of another certificate', () => createAuthorityKeys({ name: 'other', ...validity }), ''],
    [
      'another key',
      () => ({ privateKey: createAuthorityKeys({ name: 'other', ...validity }).privateKey }),
      'KEY_MISMATCH',
    ],
    [
      'an RSA key that is too short',
      () => ({ privateKey: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey }),
      'KEY_TYPE',
    ],
    [
      'an Ed25519 key',
      () => ({ privateKey: generateKeyPairSync('ed25519').privateKey }),
      'KEY_TYPE',
    ],
    ['no certificate', () => ({ certificate: Uint8Array.of(1) }), 'INVALID_CERTIFICATE'],
    ['the anchor of another', () => ({ anchor: rootCa().der }), 'INVALID_CERTIFICATE'],
    ['an anchor that is none', () => ({ anchor: Uint8Array.of(1) }), 'INVALID_CERTIFICATE'],
    ['a policy that is no OID', () => ({ policy: 'mine' }), 'INVALID_OID'],
  ]
  it.each(cases)('is made or refused with %s', (_what, change, code) => {
    const make = () => authority(change())
    if (code === '') expect(make).not.toThrow()
    else expect(make).toThrow(expect.objectContaining({ code }))
  })

  it.each([
    ['not for time-stamping', [usage.digitalSignature]],
    ['for certifying', [usage.keyCertSign, timeStampingOnly]],
    ['with a critical extension', [timeStampingOnly, extension('1.2.3', version, true)]],
  ])('is refused with a certificate %s', (_what, list) => {
    const key = ecKey()
    const { der } = certificate({ subject: 'it', key, extensions: list })
    expect(() => createAuthority({ privateKey: key.privateKey, certificate: der })).toThrow(
      expect.objectContaining({ code: 'INVALID_CERTIFICATE' }),
    )
  })

  it('takes a key and certificate that were made elsewhere', () => {
    const key = ecKey()
    const pem = key.privateKey.export({ type: 'pkcs8', format: 'pem' })
    const { der } = stamper(rootCa(), { key })
    createAuthority({ privateKey: createPrivateKey(pem), certificate: der })
  })

  it.each([0, 21])('does not take a serial number of %i bytes', (length) => {
    const made = authority({ serial: () => new Uint8Array(length) })
    expect(() => made.respond(createTimestampRequest({ imprint }))).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })
})

const policies = fc.option(fc.constantFrom(defaultPolicy, '1.2.3'), { nil: undefined })
const nonces = fc.uint8Array({ minLength: 1, maxLength: 32 }).filter((b) => b.some((x) => x > 0))

test('property: a request comes back in the token that answers it', async () => {
  await fc.assert(
    fc.asyncProperty(nonces, fc.uint8Array(), policies, async (nonce, stamped, policy) => {
      const digest = new Uint8Array(createHash('sha256').update(stamped).digest())
      const request = createTimestampRequest({ imprint: digest, nonce, policy })
      const made = authority(policy === undefined ? {} : { policy })
      const verdict = await verifyTimestamp(tokenOf(made.respond(request)), {
        data: stamped,
        digest,
        nonce,
        policy,
        authorities: [trusted()],
      })
      expect(notPassed(verdict)).toEqual([])
    }),
  )
})

test('property: any request is answered', () => {
  const request = createTimestampRequest({ imprint, nonce: Uint8Array.of(7) })
  const changed = fc
    .tuple(fc.nat(request.length - 1), fc.integer({ min: 0, max: 255 }))
    .map(([at, byte]) => Uint8Array.from(request).fill(byte, at, at + 1))
  const made = authority()
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), changed), (any) => {
      const parsed = parseTimestamp(made.respond(any))
      expect(parsed.ok || parsed.code === 'REJECTED').toBe(true)
    }),
  )
})

describe('a request', () => {
  it('has exactly the fields that were given', () => {
    const fields = (request: Uint8Array) => parseDer(new Uint8Array(request)).children
    const tagsOf = (request: Uint8Array) => fields(request).map(({ tag }) => tag)
    const { integer, sequence, oid, boolean } = tags
    expect(tagsOf(createTimestampRequest({ imprint }))).toEqual([integer, sequence, boolean])
    const full = createTimestampRequest({ imprint, nonce: Uint8Array.of(0, 0x80), policy: '1.2' })
    expect(tagsOf(full)).toEqual([integer, sequence, oid, integer, boolean])
    expect(fields(full)[3]?.content).toEqual(Uint8Array.of(0, 0x80))
    const policy = fields(full)[2]
    expect(policy && readOid(policy)).toBe('1.2')
  })

  it.each([
    ['an imprint of 20 bytes', { imprint: new Uint8Array(20) }, 'INVALID_ARGUMENT'],
    ['an empty nonce', { nonce: new Uint8Array() }, 'INVALID_ARGUMENT'],
    ['a nonce of zeros', { nonce: new Uint8Array(8) }, 'INVALID_ARGUMENT'],
    ['a nonce of 33 bytes', { nonce: new Uint8Array(33).fill(1) }, 'INVALID_ARGUMENT'],
    ['a policy that is no OID', { policy: 'mine' }, 'INVALID_OID'],
  ])('is not made with %s', (_what, change, code) => {
    expect(() => createTimestampRequest({ imprint, ...change })).toThrow(
      expect.objectContaining({ name: 'TspError', code }),
    )
  })
})

test('a token of elsewhere is no answer of the authority', async () => {
  const verdict = await verifyTimestamp(forge(), { data, authorities: [trusted()] })
  expect(verdict.ok).toBe(false)
})
