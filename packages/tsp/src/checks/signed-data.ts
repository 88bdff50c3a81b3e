import { readSignedData } from '../cms.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** SignedData is well-formed and of version 3, the one for a content that is not plain data. */
export const signedDataCheck: RunnableCheck = defineCheck({
  id: 'token.signed-data',
  reference: 'RFC 5652 §5.1',
  needs: ['signedDataElement'],
  judge({ signedDataElement }) {
    const signedData = readSignedData(signedDataElement)
    if (signedData.version !== 3) {
      return fail(`SignedData has the version ${signedData.version}, not 3`, { signedData })
    }
    return pass('SignedData, version 3', { signedData })
  },
})
