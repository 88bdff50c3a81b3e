import { formatInstant, readTokenTime } from '../time.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** `genTime` is UTC, in its one form, and a time that exists. A lenient reader gets another day. */
export const genTimeCheck: RunnableCheck = defineCheck({
  id: 'token.gen-time',
  reference: 'RFC 3161 §2.4.2',
  needs: ['tstInfo'],
  judge({ tstInfo }) {
    const genTime = readTokenTime(tstInfo.genTime)
    if (genTime === undefined) {
      return fail('genTime is not YYYYMMDDhhmmss[.s]Z, or no date from 1970 to 9999')
    }
    return pass(formatInstant(genTime.latest), { genTime })
  },
})
