/** Writes X.509 certificates (RFC 5280 section 4). */
import type { Bytes } from '../bytes.ts'
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
} from '../der-write.ts'
import { certificateOids } from '../oids.ts'
import { formatCertificateTime } from '../time.ts'

/** What a certificate says. */
export interface CertificateContent {
  /** Unsigned big-endian. */
  readonly serial: Uint8Array
  /** Common names. */
  readonly issuer: string
  readonly subject: string
  /** Milliseconds since 1970, whole seconds. */
  readonly notBefore: number
  readonly notAfter: number
  /** SubjectPublicKeyInfo. */
  readonly spki: Uint8Array
  readonly extensions: readonly Uint8Array[]
}

/** Signs, and gives the certificate. */
export function writeCertificate(
  content: CertificateContent,
  { algorithm, sign }: CertificateSigner,
): Bytes {
  const tbs = writeSequence(
    writeExplicit(0, writeInteger(2)),
    writeInteger(content.serial),
    algorithm,
    writeName(content.issuer),
    writeSequence(writeTime(content.notBefore), writeTime(content.notAfter)),
    writeName(content.subject),
    content.spki,
    writeExplicit(3, writeSequence(...content.extensions)),
  )
  return writeSequence(tbs, algorithm, writeBitBytes(sign(tbs)))
}

/** Who signs certificates. */
export interface CertificateSigner {
  /** AlgorithmIdentifier of the signatures. */
  readonly algorithm: Uint8Array
  sign(bytes: Uint8Array): Uint8Array
}

/** An extension: `value` is the DER that goes into its OCTET STRING. */
export function writeExtension(oid: string, critical: boolean, value: Uint8Array): Bytes {
  return writeSequence(writeOid(oid), ...(critical ? [writeBoolean(true)] : []), writeOctets(value))
}

/** The extensions subjectKeyIdentifier and authorityKeyIdentifier. */
export function writeKeyIdentifiers(subject: Uint8Array, issuer: Uint8Array): Bytes[] {
  return [
    writeExtension(certificateOids.subjectKeyIdentifier, false, writeOctets(subject)),
    writeExtension(
      certificateOids.authorityKeyIdentifier,
      false,
      writeSequence(writeElement(0x80, issuer)),
    ),
  ]
}

function writeName(commonName: string): Bytes {
  const attribute = writeSequence(writeOid(certificateOids.commonName), writeUtf8(commonName))
  return writeSequence(writeSetOf([attribute]))
}

function writeTime(instant: number): Bytes {
  const { tag, text } = formatCertificateTime(instant)
  return writeAscii(tag, text)
}
