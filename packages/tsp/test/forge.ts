/** Tokens of any shape, right or wrong, for the tests. */
import { createHash } from 'node:crypto'
import { contextTag, tags } from '../src/der.ts'
import {
  writeAscii,
  writeBoolean,
  writeElement,
  writeExplicit,
  writeInteger,
  writeOctets,
  writeOid,
  writeSequence,
  writeSetOf,
} from '../src/der-write.ts'
import { attributeOids, contentOids, digestOids, keyOids } from '../src/oids.ts'
import type { TimeAuthority, TimestampVerdict, VerifyOptions } from '../src/verdict.ts'
import { verifyTimestamp } from '../src/verify.ts'
import { rootCa, stamper, type TestCertificate } from './pki.ts'

export const data: Uint8Array = new TextEncoder().encode('what is stamped')

export const hash = (name: string, bytes: Uint8Array): Uint8Array =>
  new Uint8Array(createHash(name).update(bytes).digest())

/** The root and leaf that tokens come from, unless a test brings others. */
export const root: TestCertificate = rootCa()
export const leaf: TestCertificate = stamper(root)

export const digestIdentifier = (name: 'sha1' | 'sha256' | 'sha384' | 'sha512'): Uint8Array =>
  writeSequence(writeOid(digestOids[name]))

/** The fields of a TSTInfo, each encoded; undefined leaves one out. */
export interface InfoShape {
  version: Uint8Array
  policy: Uint8Array
  imprint: Uint8Array
  serial: Uint8Array
  genTime: Uint8Array
  accuracy?: Uint8Array | undefined
  ordering?: Uint8Array | undefined
  nonce?: Uint8Array | undefined
  tsa?: Uint8Array | undefined
  extensions?: Uint8Array | undefined
  /** Anything after. */
  rest?: Uint8Array | undefined
}

export const imprintOf = (
  name: 'sha1' | 'sha256' | 'sha384' | 'sha512',
  bytes: Uint8Array = data,
): Uint8Array => writeSequence(digestIdentifier(name), writeOctets(hash(name, bytes)))

export const genTime = (text: string): Uint8Array => writeAscii(tags.generalizedTime, text)

export const directoryName = (name: Uint8Array): Uint8Array => writeElement(contextTag(4), name)

export function info(change: Partial<InfoShape> = {}): Uint8Array {
  const shape: InfoShape = {
    version: writeInteger(1),
    policy: writeOid('1.2.3.4'),
    imprint: imprintOf('sha256'),
    serial: writeInteger(42),
    genTime: genTime('20250102030405.678Z'),
    accuracy: writeSequence(writeInteger(1)),
    nonce: writeInteger(Uint8Array.of(0xff, 1)),
    tsa: writeExplicit(0, directoryName(leaf.subject)),
    ...change,
  }
  const { version, policy, imprint, serial, genTime: time, accuracy, ordering } = shape
  const { nonce, tsa, extensions, rest } = shape
  const fields = [version, policy, imprint, serial, time, accuracy, ordering, nonce, tsa]
  return writeSequence(...[...fields, extensions, rest].filter((field) => field !== undefined))
}

export const attribute = (oid: string, ...values: Uint8Array[]): Uint8Array =>
  writeSequence(writeOid(oid), writeSetOf(values))

/** ESSCertIDv2 of a certificate, wrapped as the attribute's value. */
export function signingCertificateV2(certificate: TestCertificate): Uint8Array {
  const { der, issuer, serial } = certificate
  const issuerSerial = writeSequence(writeSequence(directoryName(issuer)), serial)
  return writeSequence(writeSequence(writeSequence(writeOctets(hash('sha256', der)), issuerSerial)))
}

/** ESSCertID (SHA-1) of a certificate, wrapped as the attribute's value. */
export function signingCertificateV1(certificate: TestCertificate): Uint8Array {
  return writeSequence(writeSequence(writeSequence(writeOctets(hash('sha1', certificate.der)))))
}

/** The signed attributes, by name; undefined leaves one out. */
export interface AttributeShape {
  contentType?: Uint8Array | undefined
  messageDigest?: Uint8Array | undefined
  signingCertificate?: Uint8Array | undefined
  other?: Uint8Array | undefined
}

export interface TokenShape {
  signer: TestCertificate
  info: Uint8Array
  version: Uint8Array
  contentType: string
  /** What stands in encapContentInfo after the type. */
  content: readonly Uint8Array[]
  digestAlgorithm: Uint8Array
  digestAlgorithms: readonly Uint8Array[]
  attributes: AttributeShape
  /** The whole `signedAttrs [0]`, or nothing. */
  signedAttributes: Uint8Array | undefined
  certificates: readonly Uint8Array[]
  signerVersion: Uint8Array
  sid: Uint8Array
  signatureAlgorithm: Uint8Array
  signature: Uint8Array
  /** Put after the signature. */
  unsignedAttributes: readonly Uint8Array[]
  /** The SignerInfos, made out of the one. */
  signerInfos: (signerInfo: Uint8Array) => readonly Uint8Array[]
  outerType: string
}

/** A token; every part may be replaced, and those that depend on it follow. */
export function forge(change: Partial<TokenShape> = {}): Uint8Array {
  const signer = change.signer ?? leaf
  const { key } = signer
  const content = change.info ?? info()
  const digestAlgorithm = change.digestAlgorithm ?? digestIdentifier(key.digest)
  const contentType = change.contentType ?? contentOids.tstInfo
  const attributes: AttributeShape = {
    contentType: attribute(attributeOids.contentType, writeOid(contentType)),
    messageDigest: attribute(attributeOids.messageDigest, writeOctets(hash(key.digest, content))),
    signingCertificate: attribute(attributeOids.signingCertificateV2, signingCertificateV2(signer)),
    ...change.attributes,
  }
  const signedAttributes =
    'signedAttributes' in change
      ? change.signedAttributes
      : writeSetOf(
          Object.values(attributes).filter((value) => value !== undefined),
          contextTag(0),
        )
  const signed =
    signedAttributes === undefined
      ? content
      : Uint8Array.of(tags.set, ...signedAttributes.subarray(1))
  const signerInfo = writeSequence(
    change.signerVersion ?? writeInteger(1),
    change.sid ?? writeSequence(signer.issuer, signer.serial),
    digestAlgorithm,
    ...(signedAttributes === undefined ? [] : [signedAttributes]),
    change.signatureAlgorithm ?? key.algorithm,
    writeOctets(change.signature ?? key.sign(signed)),
    ...(change.unsignedAttributes ?? []),
  )
  const certificates = change.certificates ?? [signer.der]
  const signedData = writeSequence(
    change.version ?? writeInteger(3),
    writeSetOf(change.digestAlgorithms ?? [digestAlgorithm]),
    writeSequence(
      writeOid(contentType),
      ...(change.content ?? [writeExplicit(0, writeOctets(content))]),
    ),
    ...(certificates.length === 0 ? [] : [writeElement(contextTag(0), ...certificates)]),
    writeElement(tags.set, ...(change.signerInfos?.(signerInfo) ?? [signerInfo])),
  )
  return writeSequence(
    writeOid(change.outerType ?? contentOids.signedData),
    writeExplicit(0, signedData),
  )
}

/** An authority that trusts this root. */
export function trust(
  anchor: Pick<TestCertificate, 'der'>,
  change: Partial<TimeAuthority> = {},
): TimeAuthority {
  return {
    name: 'test authority',
    selfIssued: false,
    anchors: [anchor.der],
    pins: [],
    validFrom: new Date('2025-01-01T00:00:00Z'),
    ...change,
  }
}

/** Verifies against `data`, trusting `root`, unless told otherwise. */
export function verify(
  token: Uint8Array,
  options: Partial<VerifyOptions> = {},
): Promise<TimestampVerdict> {
  return verifyTimestamp(token, { data, authorities: [trust(root)], ...options })
}

/** The checks that are neither `pass` nor `skipped`, as `id status`. */
export function notPassed(verdict: TimestampVerdict): string[] {
  return verdict.checks
    .filter(({ status }) => status !== 'pass' && status !== 'skipped')
    .map(({ id, status }) => `${id} ${status}`)
}

export const falseValue: Uint8Array = writeBoolean(false)
export const rsaEncryption: Uint8Array = writeSequence(
  writeOid(keyOids.rsa),
  writeElement(tags.null),
)
