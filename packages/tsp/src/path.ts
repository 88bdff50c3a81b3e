/** Finds chains of certificates, by name and signature only. Whether one may be used is judged later. */
import { equalBytes } from './bytes.ts'
import type { Certificate } from './certificate.ts'
import { DerError, tryRead } from './der.ts'
import { readPublicKey } from './public-key.ts'
import { signatureProblem } from './signature.ts'
import { readSignatureAlgorithm } from './signature-algorithm.ts'

/** The leaf first, the anchor last. Each is signed by the next. */
export type CertificatePath = readonly Certificate[]

/** What a search may cost: cross-signed certificates could make it explode. */
const limits = { length: 8, signatures: 64, steps: 512, paths: 16 } as const

/** What a search found, and why it may have found too little. */
export interface PathSearch {
  readonly paths: readonly CertificatePath[]
  /** Set where the search was given up: too many certificates fit. */
  readonly exhausted: boolean
  /** For people: signatures that were tried and do not hold. */
  readonly problems: readonly string[]
}

/**
 * Every path from `leaf` to one of `anchors`, the shortest first, through certificates of
 * `embedded`. A root among those ends no path: only the caller's anchors do.
 */
export async function findPaths(
  leaf: Certificate,
  embedded: readonly Certificate[],
  anchors: readonly Certificate[],
): Promise<PathSearch> {
  const tried = new Map<Certificate, Map<Certificate, string | undefined>>()
  const problems: string[] = []
  const paths: CertificatePath[] = []
  let signatures = 0
  let exhausted = false

  const isSignedBy = async (child: Certificate, issuer: Certificate): Promise<boolean> => {
    const results = tried.get(child) ?? new Map<Certificate, string | undefined>()
    tried.set(child, results)
    if (!results.has(issuer)) {
      if (signatures >= limits.signatures) {
        exhausted = true
        return false
      }
      signatures += 1
      const problem = await certificateSignatureProblem(child, issuer)
      results.set(issuer, problem)
      if (problem !== undefined) problems.push(problem)
    }
    return results.get(issuer) === undefined
  }

  // Tokens often bring the anchor along: as one and the same, its signatures are checked once.
  const others = embedded.map(
    (certificate) => anchors.find(({ raw }) => equalBytes(raw, certificate.raw)) ?? certificate,
  )
  const queue: CertificatePath[] = [[leaf]]
  for (let step = 0; step < queue.length; step += 1) {
    const path = queue[step] ?? []
    const last = path.at(-1) ?? leaf
    if (step >= limits.steps || paths.length >= limits.paths) {
      exhausted = true
      break
    }
    const isNext = (issuer: Certificate) =>
      equalBytes(last.issuer.raw, issuer.subject.raw) &&
      path.every(({ raw }) => !equalBytes(raw, issuer.raw))
    for (const anchor of anchors.filter(isNext)) {
      if (await isSignedBy(last, anchor)) paths.push([...path, anchor])
    }
    if (path.length + 1 >= limits.length) continue
    for (const issuer of others.filter(isNext)) {
      if (await isSignedBy(last, issuer)) queue.push([...path, issuer])
    }
  }
  return { paths, exhausted, problems }
}

/** Why `child`, a certificate or a revocation list, is not signed by `issuer`, or undefined if it is (RFC 5280 section 6.1.3 (a)(1)). */
export async function certificateSignatureProblem(
  child: Pick<Certificate, 'tbs' | 'signature' | 'signatureAlgorithm'>,
  issuer: Certificate,
): Promise<string | undefined> {
  const read = tryRead(() => ({
    algorithm: readSignatureAlgorithm(child.signatureAlgorithm),
    key: readPublicKey(issuer.spki),
  }))
  if (read instanceof DerError) return read.message
  return signatureProblem({ ...read, message: child.tbs, signature: child.signature })
}
