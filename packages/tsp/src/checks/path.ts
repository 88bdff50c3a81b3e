import { equalBytes } from '../bytes.ts'
import type { Certificate } from '../certificate.ts'
import { keyUsageBits } from '../extensions.ts'
import { certificateOids } from '../oids.ts'
import type { CertificatePath } from '../path.ts'
import { formatInstant, type TokenTime } from '../time.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/**
 * Every certificate of the path was valid at `genTime` and was allowed to certify the one before
 * it. At `genTime`, not today: an authority's certificate may have expired since (this is how old
 * tokens stay good), and a time outside it is backdated.
 */
export const pathCheck: RunnableCheck = defineCheck({
  id: 'token.path',
  reference: 'RFC 5280 §6.1',
  needs: ['chosen', 'genTime'],
  judge({ chosen: { path }, genTime }) {
    const problem = pathProblem(path, genTime)
    return problem === undefined ? pass(`${path.length} certificates`) : fail(problem)
  },
})

/** Why a path may not be used at `genTime`; undefined if it may. The anchor is held to it too. */
export function pathProblem(path: CertificatePath, genTime: TokenTime): string | undefined {
  let intermediates = 0
  for (const [index, certificate] of path.entries()) {
    const problem =
      validityProblem(certificate, genTime) ??
      (index === 0 ? undefined : issuerProblem(certificate, intermediates))
    if (problem !== undefined) return `certificate ${index} of the path ${problem}`
    // Self-issued certificates do not count towards pathLen (RFC 5280 section 4.2.1.9).
    const isSelfIssued = equalBytes(certificate.issuer.raw, certificate.subject.raw)
    if (index > 0 && !isSelfIssued) intermediates += 1
  }
  return undefined
}

function validityProblem(certificate: Certificate, genTime: TokenTime): string | undefined {
  const { notBefore, notAfter } = certificate
  if (notBefore <= genTime.earliest && genTime.latest <= notAfter) return undefined
  return `is valid from ${formatInstant(notBefore)} to ${formatInstant(notAfter)}, not at genTime`
}

function issuerProblem(
  { version, extensions }: Certificate,
  intermediates: number,
): string | undefined {
  const { basicConstraints, keyUsage, extendedKeyUsage, refused } = extensions
  if (version !== 3 || basicConstraints?.ca !== true) return 'is no CA'
  if ((basicConstraints.pathLength ?? intermediates) < intermediates) {
    return `allows ${basicConstraints.pathLength} CAs below it, and there are ${intermediates}`
  }
  if (keyUsage !== undefined && !keyUsage.has(keyUsageBits.keyCertSign)) {
    return 'may not sign certificates'
  }
  const purposes = extendedKeyUsage?.purposes
  const { timeStamping, anyPurpose } = certificateOids
  if (
    purposes !== undefined &&
    !purposes.includes(timeStamping) &&
    !purposes.includes(anyPurpose)
  ) {
    return 'is a CA for other purposes than timeStamping'
  }
  if (refused.length > 0) return `has extensions that can't be judged: ${refused.join(', ')}`
  return undefined
}
