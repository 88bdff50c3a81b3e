import { equalBytes, trimNumber } from '../bytes.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** The token answers the caller's request, not an earlier one: its nonce is the one that was sent. */
export const nonceCheck: RunnableCheck = defineCheck({
  id: 'token.nonce',
  reference: 'RFC 3161 §2.2, §2.4.2',
  needs: ['tstInfo'],
  judge({ tstInfo: { nonce } }, { options }) {
    if (options.nonce === undefined) return pass('none was asked for')
    if (nonce === undefined) return fail('a nonce was sent and the token has none')
    const isNegative = (nonce[0] ?? 0) >= 0x80
    if (isNegative || !equalBytes(trimNumber(nonce), trimNumber(options.nonce))) {
      return fail('the nonce is not the one that was sent')
    }
    return pass('the one that was sent')
  },
})
