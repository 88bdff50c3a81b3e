import { describe, expect, it } from 'vitest'
import { contextTag, contextValueTag } from '../src/der.ts'
import {
  writeElement,
  writeExplicit,
  writeInteger,
  writeOctets,
  writeOid,
  writeSequence,
} from '../src/der-write.ts'
import { attributeOids, certificateOids } from '../src/oids.ts'
import {
  attribute,
  data,
  digestIdentifier,
  falseValue,
  forge,
  genTime,
  hash,
  imprintOf,
  info,
  leaf,
  notPassed,
  root,
  rsaEncryption,
  signingCertificateV1,
  trust,
  verify,
} from './forge.ts'
import {
  ecKey,
  ed25519Key,
  extension,
  pssKey,
  rootCa,
  rsaKey,
  stamper,
  timeStampingOnly,
  usage,
} from './pki.ts'

describe('a good token', () => {
  it('gives its time and the authority that it verified under', async () => {
    const authority = trust(root)
    const verdict = await verify(forge(), { authorities: [authority] })
    expect(notPassed(verdict)).toEqual([])
    expect(verdict).toMatchObject({
      ok: true,
      warnings: [],
      genTime: new Date('2025-01-02T03:04:05.678Z'),
      genTimeText: '2025-01-02T03:04:05.678Z',
    })
    expect(verdict.authority).toBe(authority)
  })

  it('is found under one of many anchors, with each held by the authorities that name it', async () => {
    const key = ecKey()
    const others = Array.from(
      { length: 50 },
      (_, serial) => rootCa({ key, serial: Uint8Array.of(1, serial + 1) }).der,
    )
    const first = trust(root, { name: 'first', anchors: others })
    const second = trust(root, { name: 'second', anchors: [...others, root.der, root.der] })
    const third = trust(root, { name: 'third', anchors: [root.der] })
    const authorities = [first, second, third]
    // Twice: the second time the anchors are known already.
    for (const _ of [1, 2]) {
      const verdict = await verify(forge(), { authorities })
      expect(verdict.ok && verdict.authority).toBe(second)
    }
    const none = await verify(forge(), { authorities: [first] })
    expect(notPassed(none)).toContain('token.anchor untrusted')
  })

  it.each([
    ['ECDSA P-256', () => ecKey('P-256')],
    ['ECDSA P-384', () => ecKey('P-384')],
    ['ECDSA P-521', () => ecKey('P-521')],
    ['RSA with SHA-256', () => rsaKey('sha256')],
    ['RSA with SHA-384', () => rsaKey('sha384')],
    ['RSA with SHA-512', () => rsaKey('sha512', 3072)],
    ['RSASSA-PSS by an RSA key', () => pssKey()],
    ['RSASSA-PSS by a PSS key', () => pssKey('rsa-pss')],
    ['Ed25519', () => ed25519Key()],
  ])('is signed with %s, its certificate too', async (_name, makeKey) => {
    const anchor = rootCa({ key: makeKey() })
    const signer = stamper(anchor, { key: makeKey() })
    const verdict = await verify(forge({ signer }), { authorities: [trust(anchor)] })
    expect(notPassed(verdict)).toEqual([])
  })

  it('may name rsaEncryption alone: the digest is the one of the SignerInfo', async () => {
    const signer = stamper(root, { key: rsaKey('sha512') })
    const verdict = await verify(forge({ signer, signatureAlgorithm: rsaEncryption }))
    expect(notPassed(verdict)).toEqual([])
  })

  it('may name its signer by key identifier', async () => {
    const identifier = extension(
      certificateOids.subjectKeyIdentifier,
      writeOctets(Uint8Array.of(1, 2, 3)),
    )
    const signer = stamper(root, { extensions: [timeStampingOnly, identifier] })
    const sid = writeElement(contextValueTag(0), Uint8Array.of(1, 2, 3))
    const shape = { signer, sid, signerVersion: writeInteger(3) }
    expect(notPassed(await verify(forge(shape)))).toEqual([])
    // By identifier only: a leaf without one is not found, nor is one by another.
    expect(notPassed(await verify(forge({ ...shape, signer: leaf })))).toEqual([
      'token.signer-certificate fail',
    ])
    const otherSid = writeElement(contextValueTag(0), Uint8Array.of(1, 2, 4))
    expect(notPassed(await verify(forge({ ...shape, sid: otherSid })))).toEqual([
      'token.signer-certificate fail',
    ])
  })

  it('may carry certificates that nobody needs, one twice, and one that is none', async () => {
    const certificates = [
      writeSequence(),
      rootCa({ subject: 'unrelated' }).der,
      root.der,
      leaf.der,
      leaf.der,
    ]
    expect(notPassed(await verify(forge({ certificates })))).toEqual([])
  })

  it('may carry unsigned attributes, which are not read', async () => {
    const unsignedAttributes = [writeElement(contextTag(1), attribute('1.2.3', writeInteger(1)))]
    expect(notPassed(await verify(forge({ unsignedAttributes })))).toEqual([])
  })

  it('may repeat its algorithms among the signed attributes', async () => {
    const protection = (digest: Uint8Array) =>
      attribute(
        attributeOids.algorithmProtection,
        writeSequence(digest, writeElement(contextTag(1), leaf.key.algorithm.subarray(2))),
      )
    const right = forge({ attributes: { other: protection(digestIdentifier('sha256')) } })
    expect(notPassed(await verify(right))).toEqual([])
    const wrong = forge({ attributes: { other: protection(digestIdentifier('sha512')) } })
    expect(notPassed(await verify(wrong))).toEqual(['token.signature-algorithm fail'])
  })

  it('is found by its digest alone, and by SHA-384 and SHA-512 too', async () => {
    for (const name of ['sha256', 'sha384', 'sha512'] as const) {
      const token = forge({ info: info({ imprint: imprintOf(name) }) })
      const digest = hash(name, data)
      expect(notPassed(await verify(token, { data: undefined, digest }))).toEqual([])
      expect(notPassed(await verify(token, { digest }))).toEqual([])
    }
  })

  it('has the nonce that was sent, whatever zeros stand before it', async () => {
    const token = forge()
    for (const nonce of [Uint8Array.of(0xff, 1), Uint8Array.of(0, 0, 0xff, 1)]) {
      expect(notPassed(await verify(token, { nonce }))).toEqual([])
    }
  })

  it('has the policy that was asked for', async () => {
    expect(notPassed(await verify(forge(), { policy: '1.2.3.4' }))).toEqual([])
  })

  it('may be by an authority with the role that was asked for, or without a list of roles', async () => {
    for (const roles of [['record', 'release'], undefined]) {
      const authority = { ...trust(root), ...(roles === undefined ? {} : { roles }) }
      const verdict = await verify(forge(), { role: 'release', authorities: [authority] })
      expect(notPassed(verdict)).toEqual([])
    }
    // Of two entries of one authority, the one with the role.
    const entries = [trust(root, { roles: ['record'] }), trust(root, { roles: ['release'] })]
    const verdict = await verify(forge(), { role: 'release', authorities: entries })
    expect(verdict.authority).toBe(entries[1])
  })

  it('may have an extension that is not critical, and ordering', async () => {
    const extensions = writeElement(contextTag(1), extension('1.2.3', writeInteger(1)))
    const token = forge({ info: info({ extensions, ordering: falseValue }) })
    expect(notPassed(await verify(token))).toEqual([])
  })

  it('may name the authority by another name of its certificate, or not at all', async () => {
    const uri = writeElement(contextValueTag(6), new TextEncoder().encode('https://tsa.example'))
    const alternative = extension(certificateOids.subjectAltName, writeSequence(uri))
    const signer = stamper(root, { extensions: [timeStampingOnly, alternative] })
    const named = forge({ signer, info: info({ tsa: writeExplicit(0, uri) }) })
    expect(notPassed(await verify(named))).toEqual([])
    expect(notPassed(await verify(forge({ info: info({ tsa: undefined }) })))).toEqual([])
    const empty = writeExplicit(0, writeElement(contextTag(4)))
    expect(notPassed(await verify(forge({ info: info({ tsa: empty }) })))).toEqual([
      'token.tsa-name fail',
    ])
  })

  it('may name its certificate with a written hash algorithm, without issuer and serial', async () => {
    for (const name of ['sha256', 'sha512'] as const) {
      const id = writeSequence(digestIdentifier(name), writeOctets(hash(name, leaf.der)))
      const policies = writeSequence(writeSequence(writeOid('1.2.3')))
      const value = writeSequence(writeSequence(id), policies)
      const signingCertificate = attribute(attributeOids.signingCertificateV2, value)
      expect(notPassed(await verify(forge({ attributes: { signingCertificate } })))).toEqual([])
    }
  })

  it('may leave out whether its key is limited, and may be for non-repudiation', async () => {
    for (const extensions of [[timeStampingOnly], [timeStampingOnly, usage.nonRepudiation]]) {
      const signer = stamper(root, { extensions })
      expect(notPassed(await verify(forge({ signer })))).toEqual([])
    }
  })

  it('is not changed by what happens to its bytes while it is verified', async () => {
    const token = Uint8Array.from(forge())
    const verdict = verify(token)
    token.fill(0)
    expect((await verdict).ok).toBe(true)
  })
})

describe('a weak token', () => {
  it('names its certificate by SHA-1 only: a warning', async () => {
    const signingCertificate = attribute(
      attributeOids.signingCertificate,
      signingCertificateV1(leaf),
    )
    const verdict = await verify(forge({ attributes: { signingCertificate } }))
    expect(verdict.ok).toBe(true)
    expect(notPassed(verdict)).toEqual(['token.signing-certificate warn'])
    expect(verdict.warnings).toEqual([expect.stringContaining('SHA-1')])
  })

  it('comes from a clock that may be a minute off: a warning', async () => {
    const millis = writeElement(contextValueTag(0), Uint8Array.of(5))
    const micros = writeElement(contextValueTag(1), Uint8Array.of(7))
    const near = forge({
      info: info({ accuracy: writeSequence(writeInteger(59), millis, micros) }),
    })
    expect(notPassed(await verify(near))).toEqual([])
    const far = await verify(forge({ info: info({ accuracy: writeSequence(writeInteger(60)) }) }))
    expect(far.ok).toBe(true)
    expect(far.warnings).toEqual(['the authority may be wrong by 60 s'])
    const unknown = forge({ info: info({ accuracy: undefined }) })
    expect(notPassed(await verify(unknown))).toEqual([])
  })
})

describe('the time of a token', () => {
  it('is rounded up where it is finer than a millisecond', async () => {
    const token = forge({ info: info({ genTime: genTime('20250102030405.678001Z') }) })
    expect((await verify(token)).genTimeText).toBe('2025-01-02T03:04:05.679Z')
    // So a window or certificate that ends at that millisecond does not hold it.
    const until = new Date('2025-01-02T03:04:05.679Z')
    const late = await verify(token, { authorities: [trust(root, { validUntil: until })] })
    expect(notPassed(late)).toEqual(['token.authority-window fail'])
  })

  it('has no fraction where it is a whole second', async () => {
    const token = forge({ info: info({ genTime: genTime('20250102030405Z') }) })
    expect((await verify(token)).genTimeText).toBe('2025-01-02T03:04:05Z')
  })

  it('may be the first and the last moment of a certificate', async () => {
    const limits = { notBefore: '250102030405Z', notAfter: '250102030405Z' }
    const token = forge({
      signer: stamper(root, limits),
      info: info({ genTime: genTime('20250102030405Z') }),
    })
    expect(notPassed(await verify(token))).toEqual([])
  })
})
