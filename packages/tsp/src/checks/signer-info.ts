import { readSignerInfo } from '../cms.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** Exactly one signature, of the version that belongs to the way in which it names its signer. */
export const signerInfoCheck: RunnableCheck = defineCheck({
  id: 'token.signer-info',
  reference: 'RFC 3161 §2.4.2, RFC 5652 §5.3',
  needs: ['signedData'],
  judge({ signedData: { signerInfos } }) {
    const [element] = signerInfos
    if (element === undefined) return fail('no SignerInfo; a token has exactly one')
    const signerInfo = readSignerInfo(element)
    if (signerInfos.length > 1) {
      return fail(`${signerInfos.length} SignerInfos; a token has exactly one`, { signerInfo })
    }
    const version = signerInfo.sid.kind === 'issuer-serial' ? 1 : 3
    if (signerInfo.version !== version) {
      return fail(`SignerInfo has the version ${signerInfo.version}, not ${version}`, {
        signerInfo,
      })
    }
    return pass(`one SignerInfo, version ${version}`, { signerInfo })
  },
})
