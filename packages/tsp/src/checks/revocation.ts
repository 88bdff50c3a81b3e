import { equalBytes } from '../bytes.ts'
import type { Certificate } from '../certificate.ts'
import { keyUsageBits } from '../extensions.ts'
import { type CertificatePath, certificateSignatureProblem } from '../path.ts'
import {
  covers,
  type ReadRevocationList,
  type RevocationList,
  type RevokedEntry,
  readRevocationList,
  reasonName,
} from '../revocation-list.ts'
import { formatInstant, type TokenTime } from '../time.ts'
import type { VerifyOptions } from '../verdict.ts'
import { defineCheck, fail, type Outcome, pass, type RunnableCheck } from './check.ts'

/**
 * No certificate of the path below the anchor is revoked in a way that harms the token, by the
 * lists that the caller gave. A key that was stolen makes tokens of any time, so they all fall;
 * one that was laid down honestly keeps what it stamped before.
 */
export const revocationCheck: RunnableCheck = defineCheck({
  id: 'token.revocation',
  reference: 'RFC 3161 §4, RFC 5280 §5, §6.3',
  needs: ['chosen', 'genTime'],
  judge({ chosen: { path }, genTime }, { options }) {
    return judgeRevocation(path, genTime, options)
  },
})

/** Whether the lists that the caller gave let a token on this path stand. */
export async function judgeRevocation(
  path: CertificatePath,
  genTime: TokenTime,
  { revocation, at }: Pick<VerifyOptions, 'at' | 'revocation'>,
): Promise<Outcome> {
  if (revocation === undefined) return pass('no revocation lists were given')
  const read = readListsOnce(revocation.lists)
  const lists = read.flatMap((result) => (result.ok ? [result.list] : []))
  const notes = read.flatMap((result) => (result.ok ? [] : [`${result.code}: ${result.detail}`]))
  let uncovered = 0
  for (const [index, certificate] of path.slice(0, -1).entries()) {
    const issuer = path[index + 1] ?? certificate
    const signed = await listsOf(lists, issuer, notes)
    const entry = signed
      .flatMap(({ entries }) => entries)
      .filter(({ serial }) => equalBytes(serial, certificate.serial))
      .find((found) => harms(found, genTime, at))
    if (entry !== undefined) {
      const since = `${formatInstant(entry.from)}, ${reasonName(entry.reason)}`
      return fail(`certificate ${index} of the path is revoked (${since})`)
    }
    const moment = at?.getTime() ?? genTime.latest
    if (!signed.some((list) => covers(list, certificate, moment))) uncovered += 1
  }
  if (uncovered === 0) return pass(`${path.length - 1} certificates, none revoked`)
  const missing = `certificates of the path that no revocation list covers: ${uncovered}`
  const detail = [missing, ...notes].join('; ')
  return revocation.required === false ? { status: 'warn', detail } : fail(detail)
}

// A list may be long, and the same lists judge many tokens and paths.
const known = new WeakMap<readonly Uint8Array[], readonly ReadRevocationList[]>()

function readListsOnce(lists: readonly Uint8Array[]): readonly ReadRevocationList[] {
  const read = known.get(lists) ?? lists.map(readRevocationList)
  known.set(lists, read)
  return read
}

/** The lists that this certificate's key signed, as a direct CRL is (RFC 5280 section 6.3.3 (f)). */
async function listsOf(
  lists: readonly RevocationList[],
  issuer: Certificate,
  notes: string[],
): Promise<readonly RevocationList[]> {
  const named = lists.filter((list) => equalBytes(list.issuer.raw, issuer.subject.raw))
  const { keyUsage } = issuer.extensions
  if (named.length > 0 && keyUsage !== undefined && !keyUsage.has(keyUsageBits.cRLSign)) {
    notes.push('the issuer may not sign revocation lists')
    return []
  }
  const signed: RevocationList[] = []
  for (const list of named) {
    const problem = await certificateSignatureProblem(list, issuer)
    if (problem === undefined) signed.push(list)
    else notes.push(`a revocation list: ${problem}`)
  }
  return signed
}

/** unspecified, affiliationChanged, superseded, cessationOfOperation (RFC 3161 section 4). */
const sparing: ReadonlySet<number | undefined> = new Set([0, 3, 4, 5])

/**
 * Whether an entry makes the token invalid. Without a reason, or for any other than those four, all
 * tokens fall. What was revoked after the token was renewed no longer reaches it.
 */
function harms({ from, reason }: RevokedEntry, genTime: TokenTime, at: Date | undefined): boolean {
  if (at !== undefined && from > at.getTime()) return false
  return !sparing.has(reason) || from <= genTime.latest
}
