import { readTstInfo } from '../tst-info.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** TSTInfo is strict DER, well-formed, and of version 1. */
export const tstInfoCheck: RunnableCheck = defineCheck({
  id: 'token.tst-info',
  reference: 'RFC 3161 §2.4.2',
  needs: ['content'],
  judge({ content }) {
    const tstInfo = readTstInfo(content)
    if (tstInfo.version !== 1) {
      return fail(`TSTInfo has the version ${tstInfo.version}, not 1`, { tstInfo })
    }
    return pass('TSTInfo, version 1', { tstInfo })
  },
})
