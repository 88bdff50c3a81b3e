import { describe, expect, it } from 'vitest'
import { concatBytes } from '../src/bytes.ts'
import { parseCertificate } from '../src/certificate.ts'
import { contextValueTag, parseDer, tags } from '../src/der.ts'
import {
  writeBoolean,
  writeElement,
  writeExplicit,
  writeInteger,
  writeOctets,
  writeOid,
  writeSequence,
} from '../src/der-write.ts'
import { certificateOids } from '../src/oids.ts'
import {
  type CertificateShape,
  caConstraints,
  certificate,
  commonName,
  ed25519Key,
  extension,
  purposes,
  rootCa,
  timeStampingOnly,
  usage,
} from './pki.ts'

const read = (shape: Partial<CertificateShape>) =>
  parseCertificate(certificate({ subject: 'it', ...shape }).der)
const withExtensions = (...extensions: Uint8Array[]) => read({ extensions }).extensions

describe('a certificate', () => {
  it('is read in slices', () => {
    const made = certificate({ subject: 'it', serial: Uint8Array.of(0x80), version: 2 })
    const { version, serial, issuer, subject, notBefore, notAfter, spki, raw } = parseCertificate(
      made.der,
    )
    expect(raw).toEqual(made.der)
    expect([version, ...serial]).toEqual([3, 0, 0x80])
    expect(issuer.raw).toEqual(commonName('it'))
    expect(subject.raw).toEqual(commonName('it'))
    expect(new Date(notBefore)).toEqual(new Date('2020-01-01'))
    expect(new Date(notAfter)).toEqual(new Date('2099-12-31T23:59:59Z'))
    expect(spki.raw).toEqual(new Uint8Array(made.key.spki))
  })

  it('may be of version 1, and have unique identifiers', () => {
    expect(read({ version: undefined }).version).toBe(1)
    const uniqueIds = [1, 2].map((n) => writeElement(contextValueTag(n), Uint8Array.of(0, 1)))
    expect(read({ uniqueIds, version: 1 }).version).toBe(2)
  })

  it('says what it may be used for', () => {
    const identifier = Uint8Array.of(1, 2)
    const name = writeElement(contextValueTag(2), new TextEncoder().encode('tsa.example'))
    const extensions = withExtensions(
      caConstraints(3),
      usage.keyCertSign,
      timeStampingOnly,
      extension(certificateOids.subjectKeyIdentifier, writeOctets(identifier)),
      extension(certificateOids.subjectAltName, writeSequence(name)),
      extension('1.2.3', writeInteger(1)),
    )
    expect(extensions.basicConstraints).toEqual({ ca: true, pathLength: 3 })
    expect([...(extensions.keyUsage ?? [])]).toEqual([5])
    expect(extensions.extendedKeyUsage).toEqual({
      critical: true,
      purposes: [certificateOids.timeStamping],
    })
    expect(extensions.subjectKeyIdentifier).toEqual(identifier)
    expect(extensions.subjectAltNames).toEqual([name])
    expect(extensions.refused).toEqual([])
  })

  it('may write out a FALSE that DER leaves out: real ones do', () => {
    const constraints = writeSequence(
      writeOid(certificateOids.basicConstraints),
      writeBoolean(false),
      writeOctets(writeSequence(writeBoolean(false))),
    )
    expect(withExtensions(constraints).basicConstraints).toEqual({ ca: false })
    const leftOut = extension(certificateOids.basicConstraints, writeSequence())
    expect(withExtensions(leftOut).basicConstraints).toEqual({ ca: false })
  })

  it('lists what of it can not be judged', () => {
    const { refused } = withExtensions(
      extension('1.2.3', writeInteger(1), true),
      extension(certificateOids.nameConstraints, writeSequence()),
      extension(certificateOids.certificatePolicies, writeSequence(), true),
    )
    expect(refused).toEqual(['1.2.3', certificateOids.nameConstraints])
  })

  const junk = writeElement(tags.octetString)
  it.each<[string, Partial<CertificateShape>, string]>([
    ['two algorithms', { outerAlgorithm: ed25519Key().algorithm }, 'two signature algorithms'],
    ['a time that is none', { notAfter: '20991332000000Z' }, 'is no time'],
    ['an extension twice', { extensions: [timeStampingOnly, timeStampingOnly] }, 'stands twice'],
    ['extensions that are no SEQUENCE', { uniqueIds: [writeExplicit(3, junk)] }, 'no SEQUENCE'],
    ['an extension that is none', { extensions: [junk] }, 'an extension has the tag'],
    [
      'junk after an extension',
      { extensions: [extension(certificateOids.keyUsage, concatBytes(writeInteger(1), junk))] },
      'left over',
    ],
    ...[
      'basicConstraints',
      'keyUsage',
      'extendedKeyUsage',
      'subjectKeyIdentifier',
      'subjectAltName',
    ]
      .map((name) => certificateOids[name as keyof typeof certificateOids])
      .map((oid): [string, Partial<CertificateShape>, string] => [
        `a value of ${oid} of a wrong type`,
        { extensions: [extension(oid, writeElement(tags.null))] },
        ' ',
      ]),
    [
      'a negative pathLen',
      {
        extensions: [
          extension(
            certificateOids.basicConstraints,
            writeSequence(writeBoolean(true), writeElement(tags.integer, Uint8Array.of(0xff))),
          ),
        ],
      },
      'pathLenConstraint',
    ],
    [
      'purposes that are no OIDs',
      { extensions: [extension(certificateOids.extendedKeyUsage, writeSequence(junk))] },
      'no OBJECT IDENTIFIER',
    ],
  ])('with %s is refused', (_what, shape, message) => {
    expect(() => read(shape)).toThrow(message)
  })

  it('is refused where a part is missing or left over', () => {
    const { children } = parseDer(new Uint8Array(rootCa().der))
    const parts = children.map(({ raw }) => raw)
    for (let cut = 0; cut < parts.length; cut += 1) {
      const without = parts.filter((_, index) => index !== cut)
      expect(() => parseCertificate(writeSequence(...without))).toThrow()
    }
    expect(() => parseCertificate(writeSequence(...parts, writeInteger(1)))).toThrow('left over')
    expect(() => parseCertificate(new Uint8Array(70_000))).toThrow('at most')
  })

  it('of a purpose that is written twice has both', () => {
    const { extendedKeyUsage } = withExtensions(purposes(['1.2.3', '1.2.3']))
    expect(extendedKeyUsage?.purposes).toEqual(['1.2.3', '1.2.3'])
  })
})
