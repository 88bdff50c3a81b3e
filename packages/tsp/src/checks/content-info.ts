import { readContentInfo } from '../cms.ts'
import { tags } from '../der.ts'
import { contentOids } from '../oids.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** The token is a bare ContentInfo that holds a SignedData, not the response that carried it. */
export const contentInfoCheck: RunnableCheck = defineCheck({
  id: 'token.content-info',
  reference: 'RFC 3161 §2.4.2, RFC 5652 §3',
  needs: ['element'],
  judge({ element }) {
    if (element.children[0]?.tag === tags.sequence) {
      return fail('this is a TimeStampResp; take the token out of it with parseTimestamp')
    }
    const { type, content } = readContentInfo(element)
    if (type !== contentOids.signedData) {
      return fail(`the content type ${type} is not SignedData`, { signedDataElement: content })
    }
    return pass('a bare token', { signedDataElement: content })
  },
})
