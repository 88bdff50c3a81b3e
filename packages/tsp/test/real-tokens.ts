/** Tokens of real authorities, and what others made out of them, in the conformance data. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { conformanceDirectory } from '@vaultmesh/testing'
import { parseCertificate } from '../src/certificate.ts'
import { readContentInfo, readSignedData } from '../src/cms.ts'
import { DerError, parseDer, tryRead } from '../src/der.ts'
import { parseTimestamp, type TimeAuthority, type VerifyOptions } from '../src/index.ts'

/** A token and the verdict that it deserves. */
export interface RealToken {
  /** In the conformance data. */
  readonly path: string
  /** What was stamped: a text or a file beside it. Only its digest is known if absent. */
  readonly text?: string
  readonly file?: string
  /** The checks that are neither `pass` nor `skipped`, as `id status`. */
  readonly findings: readonly string[]
  /** What of its content decides. */
  readonly why: string
}

/** A file of the conformance data. */
export function conformanceFile(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(conformanceDirectory(), path)))
}

/** The bare token in a file. */
export function tokenIn(path: string): Uint8Array {
  const parsed = parseTimestamp(conformanceFile(path))
  if (!parsed.ok) throw new Error(`${path}: ${parsed.detail}`)
  return parsed.token
}

/** The CA certificates that came with a token. A test may trust them; the verifier never does. */
export function embeddedCas(token: Uint8Array): Uint8Array[] {
  const { content } = readContentInfo(parseDer(new Uint8Array(token)))
  return readSignedData(content).certificates.flatMap(({ raw }) => {
    const certificate = tryRead(() => parseCertificate(raw))
    const isCa =
      !(certificate instanceof DerError) && certificate.extensions.basicConstraints?.ca === true
    return isCa ? [raw] : []
  })
}

/** The digest in a token, for tokens of data that is not known. */
function digestIn(token: Uint8Array): Uint8Array {
  const { content } = readContentInfo(parseDer(new Uint8Array(token)))
  const info = parseDer(readSignedData(content).content ?? new Uint8Array())
  return info.children[2]?.children[1]?.content ?? new Uint8Array()
}

/** An authority with these anchors. */
export function authorityOf(
  anchors: readonly Uint8Array[],
  pins: readonly Uint8Array[] = [],
): TimeAuthority {
  const validFrom = new Date('2014-01-01T00:00:00Z')
  return { name: 'of the token', selfIssued: false, anchors, pins, validFrom }
}

/** A token, and what it is verified with: its data, and the CAs that came with it. */
export function questionOf({ path, text, file }: RealToken): {
  token: Uint8Array
  options: VerifyOptions
} {
  const token = tokenIn(path)
  const authorities = [authorityOf(embeddedCas(token))]
  if (text !== undefined) {
    return { token, options: { authorities, data: new TextEncoder().encode(text) } }
  }
  return file === undefined
    ? { token, options: { authorities, digest: digestIn(token) } }
    : { token, options: { authorities, data: conformanceFile(file) } }
}

const weak = 'token.signing-certificate warn'

const freetsa = (name: string): RealToken => ({
  path: `predecessor/${name}.tsr`,
  file: `predecessor/${name}`,
  findings: [weak],
  why: 'FreeTSA, 2025. ESSCertID by SHA-1 only: a warning. Its certificate ended on 2026-03-11, after genTime',
})

const notation = (
  name: string,
  why: string,
  findings: readonly string[] = [],
  subject: Pick<RealToken, 'text'> = { text: 'notation' },
): RealToken => ({ path: `rfc3161/notation/${name}`, ...subject, findings, why })

/** One of notation's that is altered, and the checks that fail. */
const altered = (name: string, why: string, ...failing: string[]): RealToken =>
  notation(
    `${name}.p7s`,
    why,
    failing.map((id) => `token.${id} ${id === 'anchor' ? 'untrusted' : 'fail'}`),
    { text: name.endsWith('V1') || name.endsWith('V1NoCert') ? 'test' : 'notation' },
  )

const authority = (name: string, why: string, ...findings: string[]): RealToken => ({
  path: `rfc3161/authorities/${name}`,
  findings,
  why,
})

export const realTokens: readonly RealToken[] = [
  freetsa('SOVEREIGN_LORE_CODEX_V1.md'),
  freetsa('first_seal_inscription.asc'),
  freetsa('test-app.tar.gz'),
  notation('TimeStampToken.p7s', 'GlobalSign, 2021'),
  notation('granted.tsq', 'GlobalSign, 2021, in a response'),
  notation('TimeStampTokenNoRoot.p7s', 'GlobalSign, 2021; its issuing CA is the anchor', [], {}),
  ...[
    'TimeStampTokenWithSigningCertificateV1.p7s',
    'validResponseWithSigningCertificateV1.tsr',
  ].map((name) =>
    notation(name, 'GlobalSign, 2021. ESSCertID by SHA-1 only: a warning', [weak], {
      text: 'test',
    }),
  ),
  authority(
    'digitorus-timeStampToken.tok',
    'GlobalSign, 2017. ESSCertID by SHA-1 only: a warning',
    weak,
  ),
  ...['digitorus-respNonce.tsr', 'digitorus-respNoNonce.tsr'].map((name) =>
    authority(
      name,
      "the issuing CA's extended key usage is for signing documents, not for time-stamping",
      weak,
      'token.path fail',
    ),
  ),
  authority(
    'digitorus-respNoCert.tsr',
    'it was asked for without certificates, so it has none of its signer',
    'token.signer-certificate fail',
  ),
  authority(
    'pkijs-example.tsr',
    'GlobalSign, 2014: all of it is SHA-1, its chain too',
    'token.digest-algorithm fail',
    weak,
    'token.imprint fail',
    'token.anchor untrusted',
  ),
  altered(
    'SHA1TimeStampToken',
    'another TSTInfo, with an imprint by SHA-1, under an old signature',
    ...['message-digest', 'imprint'],
  ),
  altered(
    'Sha1SignedData',
    'no timestamp: a SignedData without content, by SHA-1',
    ...['content-type', 'digest-algorithm', 'signing-certificate', 'extended-key-usage', 'anchor'],
  ),
  altered(
    'SignedDataWithoutSignedAttributes',
    'no timestamp: a SignedData of plain data, without attributes',
    ...['content-type', 'signed-attributes', 'extended-key-usage', 'tst-info', 'anchor'],
  ),
  altered(
    'TimeStampTokenInvalidSignedAttributeContentType',
    'the attribute contentType names another type',
    ...['content-type-attribute', 'signature'],
  ),
  altered(
    'TimeStampTokenWithAnInvalidAndAValidSignerInfo',
    'two SignerInfos, the first of which is wrong',
    ...['signer-info', 'signature'],
  ),
  altered(
    'TimeStampTokenWithInvalidCertificates',
    "the signer's certificate can't be read",
    'signer-certificate',
  ),
  altered(
    'TimeStampTokenWithInvalidContentType',
    'what is signed is said to be another type',
    ...['content-type', 'signer-info', 'content-type-attribute', 'signature'],
  ),
  altered('TimeStampTokenWithInvalidSignature', 'the signature is wrong', 'signature'),
  altered(
    'TimeStampTokenWithInvalidSigningCertificateV1',
    'the ESSCertID has no certificate list',
    ...['signed-attributes', 'signature', 'signing-certificate'],
  ),
  altered(
    'TimeStampTokenWithInvalidSigningCertificateV2',
    'the ESSCertIDv2 has no certificate list',
    ...['signed-attributes', 'signature', 'signing-certificate'],
  ),
  altered(
    'TimeStampTokenWithInvalidSigningTime',
    'the attribute signingTime has no SET around its value',
    'signed-attributes',
  ),
  altered(
    'TimeStampTokenWithInvalidTSTInfo',
    'what is signed is no TSTInfo',
    ...['message-digest', 'tst-info'],
  ),
  altered(
    'TimeStampTokenWithInvalideContentType',
    'what is signed is said to be data, not a TSTInfo',
    ...['content-type', 'content-type-attribute'],
  ),
  altered(
    'TimeStampTokenWithMismatchCertHash',
    'the ESSCertIDv2 is that of another certificate',
    ...['signature', 'signing-certificate'],
  ),
  altered(
    'TimeStampTokenWithSHA1CertHash',
    'the ESSCertIDv2 is by SHA-1',
    ...['signature', 'signing-certificate'],
  ),
  altered(
    'TimeStampTokenWithSignedAttributeSHA1',
    'the signer hashed with SHA-1',
    'digest-algorithm',
  ),
  altered('TimeStampTokenWithSignerVersion2', 'SignerInfo has version 2', 'signer-info'),
  altered(
    'TimeStampTokenWithSigningCertificateV1NoCert',
    'the ESSCertID names no certificate',
    ...['signed-attributes', 'signature', 'signing-certificate'],
  ),
  altered(
    'TimeStampTokenWithSigningCertificateV2NoCert',
    'the ESSCertIDv2 names no certificate',
    ...['signed-attributes', 'signature', 'signing-certificate'],
  ),
  ...['TimeStampTokenWithSigningTime', 'TimeStampTokenWithSigningTimeBeforeExpected'].map((name) =>
    altered(
      name,
      'an attribute signingTime, added after signing',
      ...['signed-attributes', 'signature'],
    ),
  ),
  altered(
    'TimeStampTokenWithTSTInfoVersion2',
    'TSTInfo has version 2',
    ...['message-digest', 'tst-info'],
  ),
  altered(
    'TimeStampTokenWithUnknownSignerIssuer',
    'the SignerInfo names an issuer of no certificate',
    'signer-certificate',
  ),
  altered(
    'TimeStampTokenWithValidAndInvalidSignerInfos',
    'two SignerInfos, the second of which is wrong',
    ...['signer-info', 'signature'],
  ),
  altered(
    'TimeStampTokenWithWrongSigningCertificateV2IssuerChoiceTag',
    'the issuer in the ESSCertIDv2 is another kind of name',
    ...['signature', 'signing-certificate'],
  ),
  altered('TimeStampTokenWithoutCertificate', 'no certificate', 'signer-certificate'),
  altered(
    'TimeStampTokenWithoutSignedAttributeContentType',
    'no attribute contentType',
    ...['content-type-attribute', 'signature'],
  ),
  altered(
    'TimeStampTokenWithoutSignedAttributeDigest',
    'no attribute messageDigest',
    ...['message-digest', 'signature'],
  ),
  altered(
    'TimeStampTokenWithoutSignedAttributes',
    'signed attributes that are empty',
    ...['content-type-attribute', 'message-digest', 'signature', 'signing-certificate'],
  ),
  altered('TimeStampTokenWithoutSigner', 'no SignerInfo', 'signer-info'),
  altered(
    'TimeStampTokenWithoutSigningCertificate',
    'no ESSCertID',
    ...['signature', 'signing-certificate'],
  ),
  altered(
    'TimeStampTokenWithoutSigningCertificateV2IssuerSerial',
    'issuer and serial number were taken out of the ESSCertIDv2 after signing',
    'signature',
  ),
]
