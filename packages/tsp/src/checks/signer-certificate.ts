import { equalBytes } from '../bytes.ts'
import { type Certificate, readCertificate } from '../certificate.ts'
import type { SignerIdentifier } from '../cms.ts'
import { type DerElement, DerError, tryRead } from '../der.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/**
 * The signer's certificate is the embedded one that the SignerInfo names, and no other: taking the
 * first one, or the one that happens to fit, was CVE-2026-39984.
 */
export const signerCertificateCheck: RunnableCheck = defineCheck({
  id: 'token.signer-certificate',
  reference: 'RFC 5652 §5.3',
  needs: ['signedData', 'signerInfo'],
  judge({ signedData, signerInfo: { sid } }) {
    const { certificates, problems } = readAll(signedData.certificates)
    const [leaf, ...others] = certificates.filter((certificate) => isNamed(certificate, sid))
    if (leaf === undefined) {
      const [problem] = problems
      const embedded = signedData.certificates.length
      const among = embedded === 0 ? '; request it with certReq' : ` among ${embedded}`
      const unread = problem === undefined ? '' : `; one can't be read: ${problem}`
      return fail(`the signer's certificate is not embedded${among}${unread}`)
    }
    if (others.length > 0) {
      return fail('several embedded certificates fit the signer', { certificates, leaf })
    }
    return pass("the signer's certificate is embedded", { certificates, leaf })
  },
})

/** Certificates that can't be read are left out: a token may carry some that it does not need. */
function readAll(elements: readonly DerElement[]): {
  readonly certificates: readonly Certificate[]
  readonly problems: readonly string[]
} {
  const certificates: Certificate[] = []
  const problems: string[] = []
  for (const element of elements) {
    const certificate = tryRead(() => readCertificate(element))
    if (certificate instanceof DerError) {
      problems.push(certificate.message)
    } else if (certificates.every(({ raw }) => !equalBytes(raw, certificate.raw))) {
      certificates.push(certificate)
    }
  }
  return { certificates, problems }
}

function isNamed(certificate: Certificate, sid: SignerIdentifier): boolean {
  if (sid.kind === 'key-identifier') {
    const identifier = certificate.extensions.subjectKeyIdentifier
    return identifier !== undefined && equalBytes(identifier, sid.identifier)
  }
  return (
    equalBytes(certificate.issuer.raw, sid.issuer.raw) && equalBytes(certificate.serial, sid.serial)
  )
}
