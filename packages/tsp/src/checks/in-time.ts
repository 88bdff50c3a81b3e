import type { CertificatePath } from '../path.ts'
import { formatInstant, type TokenTime } from '../time.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/**
 * A token that was renewed was still good when that happened: a new token over one that had already
 * expired attests nothing that an attacker with the old key could not have made meanwhile.
 */
export const inTimeCheck: RunnableCheck = defineCheck({
  id: 'token.in-time',
  reference: 'RFC 4998 §5.3',
  needs: ['chosen', 'genTime'],
  judge({ chosen: { path }, genTime }, { options: { at } }) {
    if (at === undefined) return pass('not renewed')
    const problem = inTimeProblem(path, genTime, at)
    return problem === undefined
      ? pass('renewed before a certificate of its path expired')
      : fail(problem)
  },
})

/** Why a token on this path was renewed too late; undefined if it was in time, or never renewed. */
export function inTimeProblem(
  path: CertificatePath,
  genTime: TokenTime,
  at: Date | undefined,
): string | undefined {
  if (at === undefined) return undefined
  const moment = at.getTime()
  // Written so that a date that is none lets nothing in.
  if (!(genTime.latest <= moment)) return 'the token is later than its renewal'
  const expired = path.find(({ notAfter }) => notAfter < moment)
  if (expired === undefined) return undefined
  return `a certificate of the path expired at ${formatInstant(expired.notAfter)}`
}
