import { describe, expect, it } from 'vitest'
import { concatBytes } from '../src/bytes.ts'
import { checks } from '../src/checks/index.ts'
import { contextTag, contextValueTag, tags } from '../src/der.ts'
import {
  writeAscii,
  writeElement,
  writeExplicit,
  writeInteger,
  writeOctets,
  writeOid,
  writeSequence,
  writeSetOf,
} from '../src/der-write.ts'
import { attributeOids, certificateOids, contentOids, digestOids, keyOids } from '../src/oids.ts'
import { timestampCheckIds, type VerifyOptions } from '../src/verdict.ts'
import {
  attribute,
  data,
  digestIdentifier,
  directoryName,
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
  signingCertificateV2,
  trust,
  verify,
} from './forge.ts'
import {
  caConstraints,
  certificate,
  commonName,
  ecKey,
  extension,
  purposes,
  rootCa,
  rsaKey,
  stamper,
  timeStampingOnly,
  usage,
} from './pki.ts'

/** What is wrong, the checks that say so, and a token (with options) that shows it. */
type Forgery = [
  what: string,
  expected: string[],
  make: () => Uint8Array | [Uint8Array, Partial<VerifyOptions>],
]

const withInfo = (change: Parameters<typeof info>[0]) => forge({ info: info(change) })
const withAttributes = (change: NonNullable<Parameters<typeof forge>[0]>['attributes']) =>
  forge(change === undefined ? {} : { attributes: change })
const essAttribute = (...values: Uint8Array[]) =>
  attribute(attributeOids.signingCertificateV2, ...values)
/** A token by a leaf of another shape, under the usual root. */
const byLeaf = (shape: Parameters<typeof stamper>[1]) => forge({ signer: stamper(root, shape) })
/** A token by the leaf of another authority, and the trust in its anchor. */
const under = (
  anchor: ReturnType<typeof rootCa>,
  signer = stamper(anchor),
): [Uint8Array, Partial<VerifyOptions>] => [forge({ signer }), { authorities: [trust(anchor)] }]

const someOid = '1.2.3.4.5.6'
const other = stamper(root)
const sid = (issuer: Uint8Array, serial: Uint8Array) => writeSequence(issuer, serial)
const algorithmProtection = (digest: Uint8Array, signature: Uint8Array) =>
  attribute(
    attributeOids.algorithmProtection,
    writeSequence(digest, writeElement(contextTag(1), signature.subarray(2))),
  )

const forgeries: Forgery[] = [
  [
    'a token of more than 64 KiB',
    ['token.size fail'],
    () => forge({ unsignedAttributes: [writeElement(contextTag(1), new Uint8Array(70_000))] }),
  ],
  [
    'an indefinite length',
    ['token.definite-length fail'],
    () => {
      const token = forge()
      // 30 82 xx xx … becomes 30 80 … 00 00: the same token in BER.
      return concatBytes(Uint8Array.of(0x30, 0x80), token.subarray(4), new Uint8Array(2))
    },
  ],
  ['a byte after the token', ['token.der fail'], () => concatBytes(forge(), Uint8Array.of(0))],
  [
    'a length that is not minimal',
    ['token.der fail'],
    () => {
      const token = forge()
      return concatBytes(Uint8Array.of(0x30, 0x83, 0), token.subarray(2))
    },
  ],
  ['a token that is cut off', ['token.der fail'], () => forge().subarray(0, -1)],
  ['no bytes', ['token.der fail'], () => new Uint8Array()],
  [
    'a response in place of its token',
    ['token.content-info fail'],
    () => writeSequence(writeSequence(writeInteger(0)), forge()),
  ],
  ['another CMS type', ['token.content-info fail'], () => forge({ outerType: someOid })],
  ['SignedData version 1', ['token.signed-data fail'], () => forge({ version: writeInteger(1) })],
  ['SignedData version 5', ['token.signed-data fail'], () => forge({ version: writeInteger(5) })],
  [
    'a signature over another content type',
    ['token.content-type fail'],
    () => forge({ contentType: someOid }),
  ],
  ['a detached signature', ['token.content-type fail'], () => forge({ content: [] })],
  [
    'content that is no OCTET STRING',
    ['token.signed-data fail'],
    () => forge({ content: [writeExplicit(0, info())] }),
  ],
  ['no SignerInfo', ['token.signer-info fail'], () => forge({ signerInfos: () => [] })],
  [
    'two SignerInfos',
    ['token.signer-info fail'],
    () => forge({ signerInfos: (one) => [one, one] }),
  ],
  [
    'SignerInfo version 3 with issuer and serial number',
    ['token.signer-info fail'],
    () => forge({ signerVersion: writeInteger(3) }),
  ],
  [
    'a CMS digest by SHA-1',
    ['token.digest-algorithm fail'],
    () => forge({ digestAlgorithm: digestIdentifier('sha1') }),
  ],
  [
    'digestAlgorithms that does not list the digest of the signer',
    ['token.digest-algorithm fail'],
    () => forge({ digestAlgorithms: [digestIdentifier('sha512')] }),
  ],
  [
    'digestAlgorithms that lists another one too',
    ['token.digest-algorithm fail'],
    () => forge({ digestAlgorithms: [digestIdentifier('sha256'), digestIdentifier('sha512')] }),
  ],
  [
    'a digest algorithm with parameters',
    ['token.digest-algorithm fail'],
    () => forge({ digestAlgorithm: writeSequence(writeOid(digestOids.sha256), writeInteger(1)) }),
  ],
  [
    'no signed attributes: a signature over the TSTInfo itself',
    ['token.signed-attributes fail'],
    () => forge({ signedAttributes: undefined }),
  ],
  [
    'a signed attribute that stands twice',
    ['token.signed-attributes fail'],
    () => withAttributes({ other: attribute(attributeOids.messageDigest, writeOctets(data)) }),
  ],
  [
    'a signed attribute with two values',
    ['token.signed-attributes fail'],
    () => withAttributes({ other: attribute(someOid, writeInteger(1), writeInteger(2)) }),
  ],
  [
    'signed attributes out of order',
    ['token.signed-attributes fail'],
    () => {
      const attributes = [
        attribute(attributeOids.messageDigest, writeOctets(hash('sha256', info()))),
        attribute(attributeOids.contentType, writeOid(contentOids.tstInfo)),
        essAttribute(signingCertificateV2(leaf)),
      ]
      return forge({ signedAttributes: writeElement(contextTag(0), ...attributes) })
    },
  ],
  [
    'no contentType attribute',
    ['token.content-type-attribute fail'],
    () => withAttributes({ contentType: undefined }),
  ],
  [
    'a contentType attribute for another type',
    ['token.content-type-attribute fail'],
    () => withAttributes({ contentType: attribute(attributeOids.contentType, writeOid(someOid)) }),
  ],
  [
    'no messageDigest attribute',
    ['token.message-digest fail'],
    () => withAttributes({ messageDigest: undefined }),
  ],
  [
    'a messageDigest of another TSTInfo',
    ['token.message-digest fail'],
    () => {
      const digest = writeOctets(hash('sha256', info({ serial: writeInteger(43) })))
      return withAttributes({ messageDigest: attribute(attributeOids.messageDigest, digest) })
    },
  ],
  [
    'a right messageDigest that is no OCTET STRING',
    ['token.message-digest fail'],
    () => {
      const digest = writeElement(tags.utf8String, hash('sha256', info()))
      return withAttributes({ messageDigest: attribute(attributeOids.messageDigest, digest) })
    },
  ],
  ['no embedded certificate', ['token.signer-certificate fail'], () => forge({ certificates: [] })],
  [
    'the certificate of another signer',
    ['token.signer-certificate fail'],
    () => forge({ certificates: [other.der, root.der] }),
  ],
  [
    'a serial number that names no certificate, although one has the key',
    ['token.signer-certificate fail'],
    () => forge({ sid: sid(leaf.issuer, writeInteger(7)) }),
  ],
  [
    'an issuer that names no certificate',
    ['token.signer-certificate fail'],
    () => forge({ sid: sid(commonName('other'), leaf.serial) }),
  ],
  [
    "a signer's certificate that can't be read",
    ['token.signer-certificate fail'],
    () => forge({ certificates: [writeSequence(writeInteger(1))] }),
  ],
  [
    'two certificates that fit the signer',
    ['token.signer-certificate fail'],
    () => {
      const serial = Uint8Array.of(9)
      const [first, second] = [stamper(root, { serial }), stamper(root, { serial })]
      return forge({ signer: first, certificates: [first.der, second.der] })
    },
  ],
  [
    'a signature that names another digest than the SignerInfo',
    ['token.signature-algorithm fail'],
    () => forge({ signatureAlgorithm: writeSequence(writeOid(keyOids.ecdsaSha384)) }),
  ],
  [
    'a signature of an unknown kind',
    ['token.signature-algorithm fail'],
    () => forge({ signatureAlgorithm: writeSequence(writeOid(someOid)) }),
  ],
  [
    'protected algorithms that are not those of the SignerInfo',
    ['token.signature-algorithm fail'],
    () =>
      withAttributes({
        other: algorithmProtection(digestIdentifier('sha256'), rsaEncryption),
      }),
  ],
  [
    'a signature by another key',
    ['token.signature fail'],
    () => forge({ signature: other.key.sign(data) }),
  ],
  [
    'a signature of another kind than the key',
    ['token.signature fail'],
    () => forge({ signatureAlgorithm: rsaKey('sha256').algorithm }),
  ],
  [
    'an attribute added after signing',
    ['token.signature fail'],
    () => {
      const attributes = {
        contentType: attribute(attributeOids.contentType, writeOid(contentOids.tstInfo)),
        messageDigest: attribute(attributeOids.messageDigest, writeOctets(hash('sha256', info()))),
        signingCertificate: essAttribute(signingCertificateV2(leaf)),
      }
      const signed = writeSetOf(Object.values(attributes))
      return forge({
        attributes: { ...attributes, other: attribute(someOid, writeInteger(1)) },
        signature: leaf.key.sign(signed),
      })
    },
  ],
  [
    'a signature over the attributes under their tag [0]',
    ['token.signature fail'],
    () => {
      const attributes = [
        attribute(attributeOids.contentType, writeOid(contentOids.tstInfo)),
        attribute(attributeOids.messageDigest, writeOctets(hash('sha256', info()))),
        essAttribute(signingCertificateV2(leaf)),
      ]
      const signedAttributes = writeSetOf(attributes, contextTag(0))
      return forge({ signedAttributes, signature: leaf.key.sign(signedAttributes) })
    },
  ],
  [
    'no ESSCertID',
    ['token.signing-certificate fail'],
    () => withAttributes({ signingCertificate: undefined }),
  ],
  [
    'the ESSCertIDv2 of another certificate for the same key',
    ['token.signing-certificate fail'],
    () => {
      const again = stamper(root, { key: leaf.key })
      return withAttributes({ signingCertificate: essAttribute(signingCertificateV2(again)) })
    },
  ],
  [
    'an ESSCertIDv2 by SHA-1',
    ['token.signing-certificate fail'],
    () => {
      const id = writeSequence(digestIdentifier('sha1'), writeOctets(hash('sha1', leaf.der)))
      return withAttributes({
        signingCertificate: essAttribute(writeSequence(writeSequence(id))),
      })
    },
  ],
  [
    'an ESSCertIDv2 with another serial number',
    ['token.signing-certificate fail'],
    () => {
      const issuerSerial = writeSequence(writeSequence(directoryName(leaf.issuer)), writeInteger(7))
      const id = writeSequence(writeOctets(hash('sha256', leaf.der)), issuerSerial)
      return withAttributes({
        signingCertificate: essAttribute(writeSequence(writeSequence(id))),
      })
    },
  ],
  [
    'an ESSCertIDv2 with another issuer',
    ['token.signing-certificate fail'],
    () => {
      const issuerSerial = writeSequence(
        writeSequence(directoryName(commonName('other'))),
        leaf.serial,
      )
      const id = writeSequence(writeOctets(hash('sha256', leaf.der)), issuerSerial)
      return withAttributes({
        signingCertificate: essAttribute(writeSequence(writeSequence(id))),
      })
    },
  ],
  [
    'an ESSCertIDv2 of nothing',
    ['token.signing-certificate fail'],
    () => withAttributes({ signingCertificate: essAttribute(writeSequence(writeSequence())) }),
  ],
  [
    'a right ESSCertIDv2 beside an ESSCertID of another certificate',
    ['token.signing-certificate fail'],
    () =>
      withAttributes({
        other: attribute(attributeOids.signingCertificate, signingCertificateV1(other)),
      }),
  ],
  [
    'a signer that is a CA',
    ['token.leaf fail'],
    () => byLeaf({ extensions: [usage.digitalSignature, timeStampingOnly, caConstraints()] }),
  ],
  [
    'a critical extension that nobody knows',
    ['token.leaf fail'],
    () =>
      byLeaf({
        extensions: [
          usage.digitalSignature,
          timeStampingOnly,
          extension(someOid, writeInteger(1), true),
        ],
      }),
  ],
  [
    "a signer's certificate of version 1",
    ['token.leaf fail', 'token.extended-key-usage fail'],
    () => byLeaf({ version: undefined, extensions: [] }),
  ],
  [
    'no extended key usage',
    ['token.extended-key-usage fail'],
    () => byLeaf({ extensions: [usage.digitalSignature] }),
  ],
  [
    'an extended key usage that is not critical',
    ['token.extended-key-usage fail'],
    () => byLeaf({ extensions: [purposes([certificateOids.timeStamping], false)] }),
  ],
  [
    'an extended key usage for another purpose too, which nobody knows',
    ['token.extended-key-usage fail'],
    () => byLeaf({ extensions: [purposes([certificateOids.timeStamping, someOid])] }),
  ],
  [
    'an extended key usage for any purpose',
    ['token.extended-key-usage fail'],
    () => byLeaf({ extensions: [purposes([certificateOids.anyPurpose])] }),
  ],
  [
    'a key that may only certify',
    ['token.key-usage fail'],
    () => byLeaf({ extensions: [usage.keyCertSign, timeStampingOnly] }),
  ],
  ['TSTInfo version 2', ['token.tst-info fail'], () => withInfo({ version: writeInteger(2) })],
  [
    'something after the fields of TSTInfo',
    ['token.tst-info fail'],
    () => withInfo({ rest: writeInteger(1) }),
  ],
  [
    'a byte after TSTInfo',
    ['token.tst-info fail'],
    () => forge({ info: concatBytes(info(), Uint8Array.of(0)) }),
  ],
  [
    'a critical extension of the token',
    ['token.extensions fail'],
    () =>
      withInfo({
        extensions: writeElement(contextTag(1), extension(someOid, writeInteger(1), true)),
      }),
  ],
  [
    'an extension of the token that stands twice',
    ['token.extensions fail'],
    () => {
      const one = extension(someOid, writeInteger(1))
      return withInfo({ extensions: writeElement(contextTag(1), one, one) })
    },
  ],
  [
    'an imprint by SHA-1',
    ['token.imprint fail'],
    () => [withInfo({ imprint: imprintOf('sha1') }), { digest: hash('sha1', data) }],
  ],
  [
    'an imprint of the wrong length',
    ['token.imprint fail'],
    () => {
      const digest = hash('sha256', data)
      const imprint = writeSequence(digestIdentifier('sha512'), writeOctets(digest))
      return [withInfo({ imprint }), { data: undefined, digest }]
    },
  ],
  [
    'an imprint of other data',
    ['token.imprint fail'],
    () => withInfo({ imprint: imprintOf('sha256', Uint8Array.of(1)) }),
  ],
  [
    'another digest than the one given',
    ['token.imprint fail'],
    () => [forge(), { data: undefined, digest: hash('sha256', Uint8Array.of(1)) }],
  ],
  [
    'right data, but another digest given with it',
    ['token.imprint fail'],
    () => [forge(), { digest: hash('sha512', data) }],
  ],
  ['nothing to compare with', ['token.imprint fail'], () => [forge(), { data: undefined }]],
  [
    'a genTime with a month 13',
    ['token.gen-time fail'],
    () => withInfo({ genTime: genTime('20261301000000Z') }),
  ],
  [
    'a genTime without Z',
    ['token.gen-time fail'],
    () => withInfo({ genTime: genTime('20250102030405') }),
  ],
  [
    'a genTime with a trailing zero',
    ['token.gen-time fail'],
    () => withInfo({ genTime: genTime('20250102030405.10Z') }),
  ],
  [
    'an accuracy of 1000 milliseconds',
    ['token.accuracy fail'],
    () =>
      withInfo({
        accuracy: writeSequence(writeElement(contextValueTag(0), Uint8Array.of(3, 0xe8))),
      }),
  ],
  [
    'an accuracy of 0 microseconds',
    ['token.accuracy fail'],
    () => withInfo({ accuracy: writeSequence(writeElement(contextValueTag(1), Uint8Array.of(0))) }),
  ],
  [
    'a negative accuracy',
    ['token.accuracy fail'],
    () => withInfo({ accuracy: writeSequence(writeElement(tags.integer, Uint8Array.of(0xff))) }),
  ],
  ['another nonce', ['token.nonce fail'], () => [forge(), { nonce: Uint8Array.of(0xff, 2) }]],
  [
    'no nonce where one was sent',
    ['token.nonce fail'],
    () => [withInfo({ nonce: undefined }), { nonce: Uint8Array.of(0xff, 1) }],
  ],
  [
    'a nonce that is the negative of what was sent',
    ['token.nonce fail'],
    () => [
      withInfo({ nonce: writeElement(tags.integer, Uint8Array.of(0xff)) }),
      { nonce: Uint8Array.of(0xff) },
    ],
  ],
  ['another policy', ['token.policy fail'], () => [forge(), { policy: '1.2.3.5' }]],
  [
    'the name of another authority',
    ['token.tsa-name fail'],
    () => withInfo({ tsa: writeExplicit(0, directoryName(root.subject)) }),
  ],
  [
    "the signer's name as another kind of name",
    ['token.tsa-name fail'],
    () => withInfo({ tsa: writeExplicit(0, writeElement(contextTag(5), leaf.subject)) }),
  ],
  [
    "the signer's name and another one",
    ['token.tsa-name fail'],
    () =>
      withInfo({
        tsa: writeExplicit(0, writeElement(contextTag(4), leaf.subject, root.subject)),
      }),
  ],
  [
    'a tsa that is another kind of name',
    ['token.tsa-name fail'],
    () => withInfo({ tsa: writeExplicit(0, writeAscii(contextValueTag(6), 'https://a.example')) }),
  ],
  [
    "another root with the anchor's name, embedded",
    ['token.anchor untrusted'],
    () => {
      const impostor = rootCa()
      const signer = stamper(impostor)
      return forge({ signer, certificates: [signer.der, impostor.der] })
    },
  ],
  [
    'an embedded root, and no authorities',
    ['token.anchor untrusted'],
    () => [forge({ certificates: [leaf.der, root.der] }), { authorities: [] }],
  ],
  [
    "a leaf whose issuer is an anchor by name, and whose signature isn't",
    ['token.anchor untrusted'],
    () => {
      const signer = stamper({ ...root, key: ecKey() })
      return forge({ signer })
    },
  ],
  [
    'a leaf with the signature of an anchor, and the name of another issuer',
    ['token.anchor untrusted'],
    () => byLeaf({ issuer: commonName('other') }),
  ],
  [
    'a leaf that had expired at genTime',
    ['token.path fail'],
    () => byLeaf({ notAfter: '250102030405Z' }),
  ],
  [
    'a leaf that was not yet valid at genTime: backdating',
    ['token.path fail'],
    () => byLeaf({ notBefore: '250102030406Z' }),
  ],
  [
    'a root that had expired at genTime',
    ['token.path fail'],
    () => under(rootCa({ notAfter: '250102030404Z' })),
  ],
  [
    'an anchor that is no CA',
    ['token.path fail'],
    () => under(rootCa({ extensions: [usage.keyCertSign] })),
  ],
  [
    'an anchor that says it is no CA',
    ['token.path fail'],
    () => {
      const constraints = extension(certificateOids.basicConstraints, writeSequence())
      return under(rootCa({ extensions: [constraints, usage.keyCertSign] }))
    },
  ],
  [
    'an anchor of version 2, which can have no extensions',
    ['token.path fail'],
    () => under(rootCa({ version: 1 })),
  ],
  [
    'an anchor of version 1',
    ['token.path fail'],
    () => under(rootCa({ version: undefined, extensions: [] })),
  ],
  [
    'an anchor that may not sign certificates',
    ['token.path fail'],
    () => under(rootCa({ extensions: [caConstraints(), usage.cRLSign] })),
  ],
  [
    'an anchor for TLS servers',
    ['token.path fail'],
    () => under(rootCa({ extensions: [caConstraints(), purposes(['1.3.6.1.5.5.7.3.1'])] })),
  ],
  [
    'an anchor with name constraints',
    ['token.path fail'],
    () =>
      under(
        rootCa({
          extensions: [
            caConstraints(),
            extension(certificateOids.nameConstraints, writeSequence()),
          ],
        }),
      ),
  ],
  [
    'more CAs than pathLen allows',
    ['token.path fail'],
    () => {
      const top = rootCa({ extensions: [caConstraints(0)] })
      const middle = certificate({ subject: 'middle', signer: top, extensions: [caConstraints()] })
      const signer = stamper(middle)
      return [
        forge({ signer, certificates: [signer.der, middle.der] }),
        { authorities: [trust(top)] },
      ]
    },
  ],
  [
    'an end entity that signed the leaf',
    ['token.path fail'],
    () => {
      const signer = stamper(other, { subject: 'below' })
      return forge({
        signer,
        info: info({ tsa: undefined }),
        certificates: [signer.der, other.der],
      })
    },
  ],
  [
    'a genTime before the window of the authority',
    ['token.authority-window fail'],
    () => [
      forge(),
      { authorities: [trust(root, { validFrom: new Date('2025-01-02T03:04:05.679Z') })] },
    ],
  ],
  [
    'a genTime at the end of the window of the authority',
    ['token.authority-window fail'],
    () => [
      forge(),
      { authorities: [trust(root, { validUntil: new Date('2025-01-02T03:04:05.678Z') })] },
    ],
  ],
  [
    'a window that is no date',
    ['token.authority-window fail'],
    () => [forge(), { authorities: [trust(root, { validUntil: new Date(Number.NaN) })] }],
  ],
  [
    'a key that is not pinned, by the same root',
    ['token.pin fail'],
    () => [forge(), { authorities: [trust(root, { pins: [other.pin, root.pin] })] }],
  ],
]

describe('a forged token fails at the check that it breaks, and only there', () => {
  it.each(forgeries)('%s', async (_what, expected, make) => {
    const made = make()
    const [token, options] = made instanceof Uint8Array ? [made, {}] : made
    const verdict = await verify(token, options)
    expect(verdict.ok).toBe(false)
    expect(verdict.genTime).toBeUndefined()
    expect(verdict.authority).toBeUndefined()
    expect(notPassed(verdict)).toEqual(expected)
  })

  it('is shown for every check', () => {
    const shown = new Set(forgeries.flatMap(([, expected]) => expected.map((e) => e.split(' ')[0])))
    expect([...timestampCheckIds].filter((id) => !shown.has(id))).toEqual([])
  })
})

describe('the checks', () => {
  it('say what is wrong in a few words, whatever the token holds', async () => {
    const many = Array.from({ length: 2000 }, (_, n) => `1.2.3.${n}`)
    const { checks } = await verify(byLeaf({ extensions: [purposes(many)] }))
    const detail = checks.find(({ id }) => id === 'token.extended-key-usage')?.detail
    expect(detail).toMatch(/^the extended key usage is not just timeStamping: 1\.2\.3\.0, .*…$/)
    expect(detail).toHaveLength(257)
  })

  it('are all of timestampCheckIds, in that order', async () => {
    expect(checks.map(({ id }) => id)).toEqual([...timestampCheckIds])
    for (const token of [forge(), new Uint8Array(), new Uint8Array(100_000)]) {
      const verdict = await verify(token)
      expect(verdict.checks.map(({ id }) => id)).toEqual([...timestampCheckIds])
    }
  })

  it('are skipped where an earlier one failed, and then the token does not hold', async () => {
    const verdict = await verify(Uint8Array.of(1, 2, 3))
    const skipped = verdict.checks.filter(({ status }) => status === 'skipped')
    expect(skipped.map(({ id }) => id)).toEqual(timestampCheckIds.slice(3))
    expect(skipped[0]?.detail).toBe('an earlier check failed')
  })
})
