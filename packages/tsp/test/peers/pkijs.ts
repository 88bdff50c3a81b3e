/** What PKI.js says. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Certificate, CertificateRevocationList, ContentInfo, SignedData } from 'pkijs'
import { type Answer, anchorsOf, type Question, subjectOf } from './question.ts'

/** As in `PKI.js 4.0.0`. */
export function pkijsVersion(): string {
  const path = createRequire(import.meta.url).resolve('pkijs/package.json')
  return `PKI.js ${JSON.parse(readFileSync(path, 'utf8')).version}`
}

/** Bytes in an ArrayBuffer of their own, which PKI.js needs. */
const buffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer

/**
 * Asks `SignedData.verify` with `checkChain` and the anchors. It judges at the time of the token,
 * compares with data only, knows no nonce or policy, and cannot be told that it must have lists.
 */
export async function askPkijs(question: Question): Promise<Answer> {
  const { nonce, policy, revocation } = question.options
  const subject = subjectOf(question)
  if (subject === undefined || 'digest' in subject) return '–'
  if (nonce !== undefined || policy !== undefined || revocation?.lists.length === 0) return '–'
  try {
    const signed = new SignedData({ schema: ContentInfo.fromBER(buffer(question.token)).content })
    if (revocation !== undefined) {
      signed.crls = revocation.lists.map((der) => CertificateRevocationList.fromBER(buffer(der)))
    }
    const accepted = await signed.verify({
      signer: 0,
      data: buffer(subject.data),
      trustedCerts: anchorsOf(question).map((der) => Certificate.fromBER(buffer(der))),
      checkChain: true,
    })
    return accepted ? 'accepted' : 'refused'
  } catch {
    return 'refused'
  }
}
