import { equalBytes } from '../bytes.ts'
import type { Certificate } from '../certificate.ts'
import { type DerElement, DerError, tags } from '../der.ts'
import { onlyChild, openFields } from '../der-read.ts'
import { type DigestName, defaultDigest, digestBytes, readDigestAlgorithm } from '../digest.ts'
import { isDirectoryName } from '../extensions.ts'
import { attributeOids } from '../oids.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/**
 * The signature binds the signer's certificate by its hash (ESSCertID or ESSCertIDv2), so that no
 * other certificate for the same key can be put in its place. The first version uses SHA-1: that
 * holds against substitution so far, and is a warning.
 */
export const signingCertificateCheck: RunnableCheck = defineCheck({
  id: 'token.signing-certificate',
  reference: 'RFC 3161 §2.4.2, RFC 5816 §2.2.1, RFC 5035 §3, §4',
  needs: ['attributes', 'leaf'],
  async judge({ attributes, leaf }) {
    const first = attributes.get(attributeOids.signingCertificate)
    const second = attributes.get(attributeOids.signingCertificateV2)
    if (first === undefined && second === undefined) {
      return fail('the signed attribute signingCertificate is missing')
    }
    const problems = [
      first && (await certIdProblem(readCertId(first, 'SHA-1'), leaf)),
      second && (await certIdProblem(readCertId(second), leaf)),
    ]
    const problem = problems.find((found) => found !== undefined)
    if (problem !== undefined) return fail(problem)
    if (second !== undefined) return pass("ESSCertIDv2 is the signer's certificate")
    const detail = "ESSCertID is the signer's certificate, by SHA-1 only (RFC 5816 has ESSCertIDv2)"
    return { status: 'warn', detail }
  },
})

interface CertId {
  readonly digest: DigestName | 'SHA-1'
  readonly hash: Uint8Array
  readonly issuerSerial: DerElement | undefined
}

/** Reads the first certificate id, the one of the signer (RFC 5035 section 3). */
function readCertId(attribute: DerElement, digest?: 'SHA-1'): CertId {
  const fields = openFields(attribute, 'SigningCertificate')
  const certs = fields.take(tags.sequence, 'certs')
  fields.takeIf(tags.sequence)
  fields.end()
  const [first] = certs.children
  if (first === undefined) throw new DerError('SigningCertificate names no certificate')
  const id = openFields(first, 'ESSCertID')
  const name = digest ?? readHashAlgorithm(id.takeIf(tags.sequence))
  const hash = id.take(tags.octetString, 'certHash').content
  const issuerSerial = id.takeIf(tags.sequence)
  id.end()
  return { digest: name, hash, issuerSerial }
}

function readHashAlgorithm(element: DerElement | undefined): DigestName {
  const digest = element === undefined ? defaultDigest : readDigestAlgorithm(element, 'ESSCertIDv2')
  if (digest === undefined) throw new DerError('ESSCertIDv2 does not hash with SHA-256, 384 or 512')
  return digest.name
}

async function certIdProblem(id: CertId, leaf: Certificate): Promise<string | undefined> {
  if (!equalBytes(id.hash, await digestBytes(id.digest, leaf.raw))) {
    return "SigningCertificate is not the hash of the signer's certificate"
  }
  if (id.issuerSerial !== undefined && !isIssuerSerial(id.issuerSerial, leaf)) {
    return "SigningCertificate has another issuer or serial number than the signer's certificate"
  }
  return undefined
}

function isIssuerSerial(element: DerElement, leaf: Certificate): boolean {
  const fields = openFields(element, 'IssuerSerial')
  const issuer = onlyChild(fields.take(tags.sequence, 'issuer'), 'issuer')
  const serial = fields.take(tags.integer, 'serialNumber').content
  fields.end()
  return isDirectoryName(issuer, leaf.issuer) && equalBytes(serial, leaf.serial)
}
