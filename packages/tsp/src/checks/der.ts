import { DerError } from '../der.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** One encoding for each value, nothing left over: two readers can't see two different tokens. */
export const derCheck: RunnableCheck = defineCheck({
  id: 'token.der',
  reference: 'X.690 §10, §11',
  needs: ['parsed'],
  judge({ parsed }) {
    if (parsed instanceof DerError) return fail(`the token is not DER: ${parsed.message}`)
    return pass('strict DER, all of it read', { element: parsed })
  },
})
