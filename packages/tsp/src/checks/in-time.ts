import { formatInstant } from '../time.ts'
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
    const moment = at.getTime()
    // Written so that a date that is none lets nothing in.
    if (!(genTime.latest <= moment)) return fail('the token is later than its renewal')
    const expired = path.find(({ notAfter }) => notAfter < moment)
    if (expired === undefined) return pass('renewed before a certificate of its path expired')
    return fail(`a certificate of the path expired at ${formatInstant(expired.notAfter)}`)
  },
})
