/** What tokens and certificates say about themselves, for people. Nothing here is verified. */
import { encodeHex } from './bytes.ts'
import { parseCertificate } from './certificate.ts'
import { readContentInfo, readSignedData } from './cms.ts'
import { copyInput, DerError, parseDer, tryRead } from './der.ts'
import { digestBytes, readAlgorithm, readDigestAlgorithm } from './digest.ts'
import { formatName } from './name.ts'
import { formatInstant, readTokenTime } from './time.ts'
import { readTstInfo } from './tst-info.ts'

/** What a token claims. */
export interface TimestampSummary {
  /** RFC 3339 with `Z`; undefined where the token's time is malformed. */
  readonly genTime: string | undefined
  /** Lower case hex of the INTEGER's bytes. */
  readonly serialNumber: string
  /** A dotted OID. */
  readonly policy: string
  /** The digest's name, or the OID of an unknown one, and the digest in lower case hex. */
  readonly imprint: { readonly algorithm: string; readonly digest: string }
  /** The authority's name in the token, where it is a directory name. */
  readonly tsa: string | undefined
}

/** What a certificate claims. */
export interface CertificateSummary {
  readonly subject: string
  readonly issuer: string
  readonly notBefore: Date
  readonly notAfter: Date
  /** SHA-256 of the SubjectPublicKeyInfo: what {@link TimeAuthority.pins} holds. */
  readonly pin: Uint8Array
}

/**
 * Reads a bare TimeStampToken. Undefined for anything else; never throws. To be shown, not to be
 * believed: only `verifyTimestamp` says whether it is true.
 */
export function summarizeTimestamp(token: Uint8Array): TimestampSummary | undefined {
  return undefinedIfMalformed(() => {
    const { content } = readContentInfo(parseDer(copyInput(token)))
    const bytes = readSignedData(content).content
    if (bytes === undefined) return undefined
    const { genTime, serial, policy, imprint, tsa } = readTstInfo(bytes)
    const time = readTokenTime(genTime)
    const name = tsa?.tag === 0xa4 ? tsa.children[0] : undefined
    const algorithm = readDigestAlgorithm(imprint.algorithm, 'the imprint')
    return {
      genTime: time === undefined ? undefined : formatInstant(time.latest),
      serialNumber: encodeHex(serial),
      policy,
      imprint: {
        algorithm: algorithm?.name ?? readAlgorithm(imprint.algorithm, 'the imprint').oid,
        digest: encodeHex(imprint.digest),
      },
      tsa: name === undefined ? undefined : formatName(name),
    }
  })
}

/** Reads one certificate (DER). Undefined for anything else; never throws. */
export async function summarizeCertificate(
  der: Uint8Array,
): Promise<CertificateSummary | undefined> {
  const certificate = undefinedIfMalformed(() => {
    const read = parseCertificate(der)
    return {
      ...read,
      names: { subject: formatName(read.subject), issuer: formatName(read.issuer) },
    }
  })
  if (certificate === undefined) return undefined
  return {
    ...certificate.names,
    notBefore: new Date(certificate.notBefore),
    notAfter: new Date(certificate.notAfter),
    pin: await digestBytes('SHA-256', certificate.spki.raw),
  }
}

function undefinedIfMalformed<T>(read: () => T): T | undefined {
  const result = tryRead(read)
  return result instanceof DerError ? undefined : result
}
