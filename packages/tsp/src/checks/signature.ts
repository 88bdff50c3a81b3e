import { concatBytes } from '../bytes.ts'
import { tags } from '../der.ts'
import { readPublicKey } from '../public-key.ts'
import { signatureProblem } from '../signature.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/**
 * The signer's key made the signature, over the signed attributes as received but with the tag of
 * a SET OF in place of the IMPLICIT `[0]`.
 */
export const signatureCheck: RunnableCheck = defineCheck({
  id: 'token.signature',
  reference: 'RFC 5652 §5.4',
  needs: ['signerInfo', 'attributes', 'leaf', 'signatureAlgorithm'],
  async judge({ signerInfo, leaf, signatureAlgorithm }) {
    const attributes = signerInfo.signedAttributes?.raw.subarray(1) ?? new Uint8Array()
    const problem = await signatureProblem({
      algorithm: signatureAlgorithm,
      key: readPublicKey(leaf.spki),
      message: concatBytes(Uint8Array.of(tags.set), attributes),
      signature: signerInfo.signature,
    })
    return problem === undefined ? pass("made by the signer's key") : fail(problem)
  },
})
