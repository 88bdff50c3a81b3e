import { contentOids } from '../oids.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** What is signed is a TSTInfo, and it is inside. Else a signature over another thing could pass. */
export const contentTypeCheck: RunnableCheck = defineCheck({
  id: 'token.content-type',
  reference: 'RFC 3161 §2.4.2, RFC 5652 §5.2',
  needs: ['signedData'],
  judge({ signedData: { contentType, content } }) {
    if (content === undefined) return fail('SignedData does not hold what it signs')
    if (contentType !== contentOids.tstInfo) {
      return fail(`eContentType is ${contentType}, not id-ct-TSTInfo`, { content })
    }
    return pass('id-ct-TSTInfo', { content })
  },
})
