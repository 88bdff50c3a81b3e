import { readDigestAlgorithm } from '../digest.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** The signer hashed with SHA-2, and `digestAlgorithms` says the same and nothing else. */
export const digestAlgorithmCheck: RunnableCheck = defineCheck({
  id: 'token.digest-algorithm',
  reference: 'RFC 5652 §5.1, §5.3, RFC 5754 §2',
  needs: ['signedData', 'signerInfo'],
  judge({ signedData: { digestAlgorithms }, signerInfo }) {
    const digest = readDigestAlgorithm(signerInfo.digestAlgorithm, 'the signer')
    if (digest === undefined) return fail('the signer did not hash with SHA-256, 384 or 512')
    const [listed] = digestAlgorithms
    const isListed =
      listed !== undefined &&
      digestAlgorithms.length === 1 &&
      readDigestAlgorithm(listed, 'SignedData')?.oid === digest.oid
    if (!isListed) return fail(`digestAlgorithms is not just ${digest.name}`, { digest })
    return pass(digest.name, { digest })
  },
})
