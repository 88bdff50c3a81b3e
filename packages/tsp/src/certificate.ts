/** X.509 certificates (RFC 5280 section 4.1), read strictly, with slices of the bytes received. */
import type { Bytes } from './bytes.ts'
import { contextTag, contextValueTag, copyInput, type DerElement, parseDer, tags } from './der.ts'
import { onlyChild, openFields, readSmallInteger } from './der-read.ts'
import { type CertificateExtensions, readExtensions } from './extensions.ts'
import { checkAlgorithms, readSigned } from './signed.ts'
import { readCertificateTime } from './time.ts'

/** A certificate that was read. Nothing about it is verified. */
export interface Certificate {
  /** The whole certificate. */
  readonly raw: Bytes
  /** What is signed. */
  readonly tbs: Bytes
  /** 1, 2 or 3. */
  readonly version: number
  /** The content of the serial number's INTEGER. */
  readonly serial: Bytes
  readonly issuer: DerElement
  readonly subject: DerElement
  /** Milliseconds since 1970; both ends belong to the validity. */
  readonly notBefore: number
  readonly notAfter: number
  /** SubjectPublicKeyInfo. */
  readonly spki: DerElement
  readonly extensions: CertificateExtensions
  readonly signatureAlgorithm: DerElement
  readonly signature: Bytes
}

/** Reads a certificate. Throws {@link DerError}. */
export function readCertificate(element: DerElement): Certificate {
  const { tbs, signatureAlgorithm, signature } = readSigned(element, 'the certificate')
  const inner = openFields(tbs, 'tbsCertificate')
  const version = readVersion(inner.takeIf(contextTag(0)))
  const serial = inner.take(tags.integer, 'serialNumber').content
  const innerAlgorithm = inner.take(tags.sequence, 'signature')
  const issuer = inner.take(tags.sequence, 'issuer')
  const validity = openFields(inner.take(tags.sequence, 'validity'), 'validity')
  const notBefore = readCertificateTime(validity.takeAny('notBefore'))
  const notAfter = readCertificateTime(validity.takeAny('notAfter'))
  validity.end()
  const subject = inner.take(tags.sequence, 'subject')
  const spki = inner.take(tags.sequence, 'subjectPublicKeyInfo')
  inner.takeIf(contextValueTag(1))
  inner.takeIf(contextValueTag(2))
  const extensions = readExtensions(inner.takeIf(contextTag(3)))
  inner.end()
  checkAlgorithms(innerAlgorithm, signatureAlgorithm, 'the certificate')
  return {
    raw: element.raw,
    tbs: tbs.raw,
    version,
    serial,
    issuer,
    subject,
    notBefore,
    notAfter,
    spki,
    extensions,
    signatureAlgorithm,
    signature,
  }
}

function readVersion(element: DerElement | undefined): number {
  if (element === undefined) return 1
  const value = onlyChild(element, 'the version')
  return readSmallInteger(value, 'the version') + 1
}

/** Reads the bytes of one certificate. Throws {@link DerError}. */
export function parseCertificate(der: Uint8Array): Certificate {
  return readCertificate(parseDer(copyInput(der)))
}
