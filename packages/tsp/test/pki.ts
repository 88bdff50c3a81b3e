/** Certificates and keys of any shape, right or wrong, for the tests. */
import {
  constants,
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { tags } from '../src/der.ts'
import {
  writeAscii,
  writeBitBytes,
  writeBoolean,
  writeElement,
  writeExplicit,
  writeInteger,
  writeOctets,
  writeOid,
  writeSequence,
  writeSetOf,
  writeUtf8,
} from '../src/der-write.ts'
import { certificateOids, digestOids, keyOids, revocationOids } from '../src/oids.ts'

/** A key, and the one way in which it signs here. */
export interface TestKey {
  readonly privateKey: KeyObject
  readonly spki: Uint8Array
  /** AlgorithmIdentifier of its signatures. */
  readonly algorithm: Uint8Array
  /** The digest that goes with it in a SignerInfo. */
  readonly digest: 'sha256' | 'sha384' | 'sha512'
  sign(bytes: Uint8Array): Uint8Array
}

function makeKey(
  pair: { publicKey: KeyObject; privateKey: KeyObject },
  algorithm: Uint8Array,
  digest: TestKey['digest'],
  signBytes: (key: KeyObject, bytes: Uint8Array) => Uint8Array = (key, bytes) =>
    sign(digest, bytes, key),
): TestKey {
  const { privateKey, publicKey } = pair
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  return { privateKey, spki, algorithm, digest, sign: (bytes) => signBytes(privateKey, bytes) }
}

const withNull = (oid: string) => writeSequence(writeOid(oid), writeElement(tags.null))

export function ecKey(curve: 'P-256' | 'P-384' | 'P-521' = 'P-256'): TestKey {
  const digest = ({ 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512' } as const)[curve]
  const oid = {
    sha256: keyOids.ecdsaSha256,
    sha384: keyOids.ecdsaSha384,
    sha512: keyOids.ecdsaSha512,
  }[digest]
  const pair = generateKeyPairSync('ec', { namedCurve: curve })
  return makeKey(pair, writeSequence(writeOid(oid)), digest)
}

export function rsaKey(digest: TestKey['digest'] = 'sha256', bits = 2048): TestKey {
  const oid = { sha256: keyOids.rsaSha256, sha384: keyOids.rsaSha384, sha512: keyOids.rsaSha512 }
  return makeKey(generateKeyPairSync('rsa', { modulusLength: bits }), withNull(oid[digest]), digest)
}

/** RSASSA-PSS-params; a part that is undefined is left out. */
export function pssAlgorithm(parts: {
  hash?: Uint8Array | undefined
  mask?: Uint8Array | undefined
  salt?: Uint8Array | undefined
  trailer?: Uint8Array | undefined
}): Uint8Array {
  const fields = [parts.hash, parts.mask, parts.salt, parts.trailer]
  const parameters = fields.flatMap((field, i) => (field ? [writeExplicit(i, field)] : []))
  return writeSequence(writeOid(keyOids.rsaPss), writeSequence(...parameters))
}

export const sha256Mask = writeSequence(writeOid(keyOids.mgf1), withNull(digestOids.sha256))

export function pssKey(type: 'rsa' | 'rsa-pss' = 'rsa'): TestKey {
  const pair =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('rsa-pss', { modulusLength: 2048 })
  const algorithm = pssAlgorithm({
    hash: withNull(digestOids.sha256),
    mask: sha256Mask,
    salt: writeInteger(32),
  })
  return makeKey(pair, algorithm, 'sha256', (key, bytes) =>
    sign('sha256', bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  )
}

export function ed25519Key(): TestKey {
  const algorithm = writeSequence(writeOid(keyOids.ed25519))
  return makeKey(generateKeyPairSync('ed25519'), algorithm, 'sha512', (key, bytes) =>
    sign(null, bytes, key),
  )
}

/** A Name with one common name. */
export function commonName(text: string): Uint8Array {
  return writeSequence(
    writeSetOf([writeSequence(writeOid(certificateOids.commonName), writeUtf8(text))]),
  )
}

export function extension(oid: string, value: Uint8Array, critical = false): Uint8Array {
  return writeSequence(writeOid(oid), ...(critical ? [writeBoolean(true)] : []), writeOctets(value))
}

/** A BIT STRING with these named bits. */
function namedBits(...numbers: number[]): Uint8Array {
  const last = Math.max(...numbers)
  const bits = new Uint8Array((last >>> 3) + 1)
  for (const bit of numbers) bits[bit >>> 3] = (bits[bit >>> 3] ?? 0) | (0x80 >> (bit & 7))
  return writeElement(tags.bitString, Uint8Array.of(7 - (last & 7)), bits)
}

export const usage = {
  digitalSignature: extension(certificateOids.keyUsage, namedBits(0), true),
  nonRepudiation: extension(certificateOids.keyUsage, namedBits(1), true),
  keyCertSign: extension(certificateOids.keyUsage, namedBits(5), true),
  cRLSign: extension(certificateOids.keyUsage, namedBits(6), true),
  certAndCrlSign: extension(certificateOids.keyUsage, namedBits(5, 6), true),
}

/** extKeyUsage with these purposes. */
export function purposes(oids: readonly string[], critical = true): Uint8Array {
  return extension(
    certificateOids.extendedKeyUsage,
    writeSequence(...oids.map((oid) => writeOid(oid))),
    critical,
  )
}

export const timeStampingOnly = purposes([certificateOids.timeStamping])

/** basicConstraints of a CA. */
export function caConstraints(pathLength?: number): Uint8Array {
  return extension(
    certificateOids.basicConstraints,
    writeSequence(
      writeBoolean(true),
      ...(pathLength === undefined ? [] : [writeInteger(pathLength)]),
    ),
    true,
  )
}

export interface TestCertificate {
  readonly der: Uint8Array
  readonly key: TestKey
  readonly subject: Uint8Array
  readonly issuer: Uint8Array
  readonly serial: Uint8Array
  /** SHA-256 of the SubjectPublicKeyInfo. */
  readonly pin: Uint8Array
}

export interface CertificateShape {
  /** Common names, or encoded Names. */
  subject: string | Uint8Array
  issuer?: Uint8Array
  key?: TestKey
  /** Who signs; the certificate signs itself if absent. */
  signer?: { readonly key: TestKey; readonly subject: Uint8Array }
  extensions?: readonly Uint8Array[]
  notBefore?: string
  notAfter?: string
  /** The INTEGER in `version [0]`: 2 is v3. Undefined leaves it out. */
  version?: number | undefined
  serial?: Uint8Array
  outerAlgorithm?: Uint8Array
  spki?: Uint8Array
  /** Put between subjectPublicKeyInfo and extensions. */
  uniqueIds?: readonly Uint8Array[]
}

/** A certificate of any shape. Times are UTCTime or, where longer, GeneralizedTime. */
export function certificate(shape: CertificateShape): TestCertificate {
  const key = shape.key ?? ecKey()
  const subject = typeof shape.subject === 'string' ? commonName(shape.subject) : shape.subject
  const signer = shape.signer ?? { key, subject }
  const issuer = shape.issuer ?? signer.subject
  const serial = writeInteger(shape.serial ?? new Uint8Array(randomBytes(16)))
  const version = 'version' in shape ? shape.version : 2
  const spki = shape.spki ?? key.spki
  const time = (text: string) =>
    writeAscii(text.length > 13 ? tags.generalizedTime : tags.utcTime, text)
  const { extensions = [] } = shape
  const tbs = writeSequence(
    ...(version === undefined ? [] : [writeExplicit(0, writeInteger(version))]),
    serial,
    signer.key.algorithm,
    issuer,
    writeSequence(
      time(shape.notBefore ?? '200101000000Z'),
      time(shape.notAfter ?? '20991231235959Z'),
    ),
    subject,
    spki,
    ...(shape.uniqueIds ?? []),
    ...(extensions.length === 0 ? [] : [writeExplicit(3, writeSequence(...extensions))]),
  )
  const der = writeSequence(
    tbs,
    shape.outerAlgorithm ?? signer.key.algorithm,
    writeBitBytes(signer.key.sign(tbs)),
  )
  const pin = createHash('sha256').update(spki).digest()
  return { der, key, subject, issuer, serial, pin: new Uint8Array(pin) }
}

/** A root CA. */
export function rootCa(shape: Partial<CertificateShape> = {}): TestCertificate {
  return certificate({
    subject: 'root',
    extensions: [caConstraints(), usage.certAndCrlSign],
    ...shape,
  })
}

/** A certificate that may stamp. */
export function stamper(
  signer: TestCertificate,
  shape: Partial<CertificateShape> = {},
): TestCertificate {
  return certificate({
    subject: 'stamper',
    signer,
    extensions: [usage.digitalSignature, timeStampingOnly],
    ...shape,
  })
}

export interface RevocationShape {
  issuer: TestCertificate
  entries?: readonly Uint8Array[]
  thisUpdate?: string
  nextUpdate?: string | undefined
  extensions?: readonly Uint8Array[]
  version?: number | undefined
  outerAlgorithm?: Uint8Array
}

const utc = (text: string) => writeAscii(tags.utcTime, text)

/** An entry of a CRL: `reason` is a CRLReason. */
export function revoked(
  { serial }: TestCertificate,
  at: string,
  reason?: number,
  others: readonly Uint8Array[] = [],
): Uint8Array {
  const extensions = [
    ...(reason === undefined
      ? []
      : [
          extension(
            revocationOids.reasonCode,
            writeElement(tags.enumerated, Uint8Array.of(reason)),
          ),
        ]),
    ...others,
  ]
  const list = extensions.length === 0 ? [] : [writeSequence(...extensions)]
  return writeSequence(serial, utc(at), ...list)
}

/** A CRL of any shape, by default of 2025-02-01, in force for a month. */
export function revocationList(shape: RevocationShape): Uint8Array {
  const { issuer, entries = [], extensions = [] } = shape
  const version = 'version' in shape ? shape.version : 1
  const next = 'nextUpdate' in shape ? shape.nextUpdate : '250301000000Z'
  const tbs = writeSequence(
    ...(version === undefined ? [] : [writeInteger(version)]),
    issuer.key.algorithm,
    issuer.subject,
    utc(shape.thisUpdate ?? '250201000000Z'),
    ...(next === undefined ? [] : [utc(next)]),
    ...(entries.length === 0 ? [] : [writeSequence(...entries)]),
    ...(extensions.length === 0 ? [] : [writeExplicit(0, writeSequence(...extensions))]),
  )
  return writeSequence(
    tbs,
    shape.outerAlgorithm ?? issuer.key.algorithm,
    writeBitBytes(issuer.key.sign(tbs)),
  )
}
