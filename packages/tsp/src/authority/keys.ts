/** Makes the keys of a new time authority. */
import { generateKeyPairSync, hash, type KeyObject, randomBytes } from 'node:crypto'
import { parseDer } from '../der.ts'
import { writeBoolean, writeInteger, writeNamedBit, writeOid, writeSequence } from '../der-write.ts'
import { TspError } from '../errors.ts'
import { keyUsageBits } from '../extensions.ts'
import { printable } from '../name.ts'
import { certificateOids } from '../oids.ts'
import { lastInstant } from '../time.ts'
import { writeCertificate, writeExtension, writeKeyIdentifiers } from './certificate.ts'
import { signerOf } from './signer.ts'

/** A common name has at most 64 characters (RFC 5280 appendix A.1); the root's has a suffix. */
const longestName = 58

/** What {@link createAuthorityKeys} is told. */
export interface AuthorityKeysOptions {
  /** The common name of the authority: 1 to 58 characters, none of them a control character. */
  readonly name: string
  /** The validity of both certificates, cut to whole seconds. */
  readonly notBefore: Date
  readonly notAfter: Date
  /** Of both keys; P-256 if absent. RSA is for verifiers that know nothing newer, and slower. */
  readonly algorithm?: AuthorityKeyAlgorithm | undefined
}

/** A kind of key. */
export type AuthorityKeyAlgorithm = 'P-256' | 'RSA-2048' | 'RSA-3072' | 'RSA-4096'

/** The keys of a new authority. */
export interface AuthorityKeys {
  /** Signs tokens. */
  readonly privateKey: KeyObject
  /** DER: the certificate of that key, for time-stamping only. */
  readonly certificate: Uint8Array
  /** DER: the root that signed the certificate; what verifiers trust. */
  readonly anchor: Uint8Array
}

/**
 * Makes a root and, signed by it, a certificate for time-stamping. The private key of the root is
 * thrown away: nothing else can ever be signed by it. Throws {@link TspError} `INVALID_ARGUMENT`.
 */
export function createAuthorityKeys(options: AuthorityKeysOptions): AuthorityKeys {
  const { name, algorithm = 'P-256' } = options
  if (name.length === 0 || name.length > longestName || printable(name) !== name) {
    throw new TspError(
      'INVALID_ARGUMENT',
      `name must be 1 to ${longestName} characters without control characters`,
    )
  }
  const validity = readValidity(options)
  const root = createKey(algorithm)
  const leaf = createKey(algorithm)
  const rootName = `${name} root`
  const signByRoot = signerOf(root.privateKey)
  const anchor = writeCertificate(
    {
      ...validity,
      serial: newSerial(),
      issuer: rootName,
      subject: rootName,
      spki: root.spki,
      extensions: [
        writeExtension(
          certificateOids.basicConstraints,
          true,
          writeSequence(writeBoolean(true), writeInteger(0)),
        ),
        writeExtension(certificateOids.keyUsage, true, writeNamedBit(keyUsageBits.keyCertSign)),
        ...writeKeyIdentifiers(root.identifier, root.identifier),
      ],
    },
    signByRoot,
  )
  const certificate = writeCertificate(
    {
      ...validity,
      serial: newSerial(),
      issuer: rootName,
      subject: name,
      spki: leaf.spki,
      extensions: [
        writeExtension(
          certificateOids.keyUsage,
          true,
          writeNamedBit(keyUsageBits.digitalSignature),
        ),
        writeExtension(
          certificateOids.extendedKeyUsage,
          true,
          writeSequence(writeOid(certificateOids.timeStamping)),
        ),
        ...writeKeyIdentifiers(leaf.identifier, root.identifier),
      ],
    },
    signByRoot,
  )
  return { privateKey: leaf.privateKey, certificate, anchor }
}

/** 16 random bytes that stay 16 as a positive INTEGER. */
export function newSerial(): Uint8Array {
  const serial = new Uint8Array(randomBytes(16))
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  return serial
}

interface NewKey {
  readonly privateKey: KeyObject
  readonly spki: Uint8Array
  /** The first 160 bits of a SHA-256 (RFC 7093 section 2). */
  readonly identifier: Uint8Array
}

function createKey(algorithm: AuthorityKeyAlgorithm): NewKey {
  const { privateKey, publicKey } =
    algorithm === 'P-256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: Number(algorithm.slice(4)) })
  const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }))
  // subjectPublicKey without its count of unused bits.
  const key = parseDer(spki).children[1]?.content.subarray(1) ?? spki
  const identifier = hash('sha256', key, 'buffer').subarray(0, 20)
  return { privateKey, spki, identifier }
}

function readValidity({ notBefore, notAfter }: AuthorityKeysOptions): {
  readonly notBefore: number
  readonly notAfter: number
} {
  const [from, until] = [notBefore, notAfter].map(
    (date) => Math.floor(date.getTime() / 1000) * 1000,
  )
  const isValid =
    from !== undefined && until !== undefined && from >= 0 && from < until && until <= lastInstant
  if (!isValid) {
    throw new TspError('INVALID_ARGUMENT', 'notBefore must be before notAfter, from 1970 to 9999')
  }
  return { notBefore: from, notAfter: until }
}
