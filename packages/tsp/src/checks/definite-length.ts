import { DerError, parseDer, tryRead } from '../der.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** BER lets a length be open; a token in BER is refused under a name of its own. */
export const definiteLengthCheck: RunnableCheck = defineCheck({
  id: 'token.definite-length',
  reference: 'X.690 §10.1',
  needs: ['bytes'],
  judge({ bytes }) {
    const parsed = tryRead(() => parseDer(bytes))
    if (parsed instanceof DerError && parsed.fault === 'INDEFINITE_LENGTH') {
      return fail(`the token is BER, not DER: ${parsed.message}`)
    }
    return pass('no indefinite length was met', { parsed })
  },
})
