/** Writes tokens and responses (RFC 3161 section 2.4.2, RFC 5652 section 5). */
import { type Bytes, concatBytes } from '../bytes.ts'
import type { Certificate } from '../certificate.ts'
import { contextTag, tags } from '../der.ts'
import {
  writeAscii,
  writeElement,
  writeExplicit,
  writeInteger,
  writeNamedBit,
  writeOctets,
  writeOid,
  writeSequence,
  writeSetOf,
  writeUtf8,
} from '../der-write.ts'
import { attributeOids, contentOids, digestOids } from '../oids.ts'
import { failureBits } from '../status.ts'
import { formatTokenTime } from '../time.ts'
import type { CertificateSigner } from './certificate.ts'
import type { ReadRequest, Rejection } from './read-request.ts'

/** What a token says. */
export interface TokenContent {
  readonly request: ReadRequest
  readonly policy: string
  /** Unsigned big-endian. */
  readonly serial: Uint8Array
  /** Milliseconds since 1970. */
  readonly time: number
  /** In seconds. */
  readonly accuracy: number | undefined
}

/** Who signs, and how. The digest is SHA-256. */
export interface TokenSigner extends CertificateSigner {
  readonly certificate: Certificate
  /** Embedded where certificates are asked for: the signer's, and those above it. */
  readonly embedded: readonly Uint8Array[]
  hash(bytes: Uint8Array): Uint8Array
}

/** A TimeStampResp that grants a token. */
export function writeGranted(content: TokenContent, signer: TokenSigner): Bytes {
  return writeSequence(writeSequence(writeInteger(0)), writeToken(content, signer))
}

/** A TimeStampResp that rejects a request. */
export function writeRejection({ failure, text }: Rejection): Bytes {
  const status = writeSequence(
    writeInteger(2),
    writeSequence(writeUtf8(text)),
    writeNamedBit(failureBits[failure]),
  )
  return writeSequence(status)
}

function writeTstInfo(content: TokenContent, subject: Uint8Array): Bytes {
  const { request, policy, serial, time, accuracy } = content
  return writeSequence(
    writeInteger(1),
    writeOid(policy),
    request.imprint,
    writeInteger(serial),
    writeAscii(tags.generalizedTime, formatTokenTime(time)),
    ...(accuracy === undefined ? [] : [writeSequence(writeInteger(accuracy))]),
    ...(request.nonce === undefined ? [] : [request.nonce]),
    writeExplicit(0, writeElement(contextTag(4), subject)),
  )
}

function writeToken(content: TokenContent, signer: TokenSigner): Bytes {
  const { certificate } = signer
  const sha256 = writeSequence(writeOid(digestOids.sha256))
  const info = writeTstInfo(content, certificate.subject.raw)
  const attributes = writeSetOf(
    [
      writeAttribute(attributeOids.contentType, writeOid(contentOids.tstInfo)),
      writeAttribute(attributeOids.messageDigest, writeOctets(signer.hash(info))),
      writeAttribute(attributeOids.signingCertificateV2, writeSigningCertificate(signer)),
    ],
    contextTag(0),
  )
  // Signed is the SET OF, not the IMPLICIT [0] that stands in its place (RFC 5652 section 5.4).
  const signature = signer.sign(concatBytes(Uint8Array.of(tags.set), attributes.subarray(1)))
  const serial = writeElement(tags.integer, certificate.serial)
  const signerInfo = writeSequence(
    writeInteger(1),
    writeSequence(certificate.issuer.raw, serial),
    sha256,
    attributes,
    signer.algorithm,
    writeOctets(signature),
  )
  const signedData = writeSequence(
    writeInteger(3),
    writeSetOf([sha256]),
    writeSequence(writeOid(contentOids.tstInfo), writeExplicit(0, writeOctets(info))),
    ...(content.request.certificates ? [writeSetOf(signer.embedded, contextTag(0))] : []),
    writeSetOf([signerInfo]),
  )
  return writeSequence(writeOid(contentOids.signedData), writeExplicit(0, signedData))
}

function writeAttribute(oid: string, value: Uint8Array): Bytes {
  return writeSequence(writeOid(oid), writeSetOf([value]))
}

/** SigningCertificateV2 with one ESSCertIDv2, by SHA-256, which is not written (RFC 5035 section 4). */
function writeSigningCertificate({ certificate, hash }: TokenSigner): Bytes {
  const issuer = writeSequence(writeElement(contextTag(4), certificate.issuer.raw))
  const serial = writeElement(tags.integer, certificate.serial)
  const id = writeSequence(writeOctets(hash(certificate.raw)), writeSequence(issuer, serial))
  return writeSequence(writeSequence(id))
}
