import { equalBytes } from '../bytes.ts'
import type { SignerInfo } from '../cms.ts'
import { contextTag, type DerElement, tags } from '../der.ts'
import { openFields } from '../der-read.ts'
import { type AlgorithmIdentifier, readAlgorithm } from '../digest.ts'
import { attributeOids } from '../oids.ts'
import { readSignatureAlgorithm } from '../signature-algorithm.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/**
 * The signature is of a supported kind, over the digest that the SignerInfo names. These names are
 * not signed, so where the signed attributes repeat them (RFC 6211) they must agree.
 */
export const signatureAlgorithmCheck: RunnableCheck = defineCheck({
  id: 'token.signature-algorithm',
  reference: 'RFC 5652 §5.3, RFC 5754 §3, RFC 6211 §3',
  needs: ['signerInfo', 'digest', 'attributes'],
  judge({ signerInfo, digest, attributes }) {
    const algorithm = readSignatureAlgorithm(signerInfo.signatureAlgorithm, digest.name)
    if (algorithm.digest !== digest.name) {
      const detail = `the signature is over ${algorithm.digest}, the signer names ${digest.name}`
      return fail(detail, { signatureAlgorithm: algorithm })
    }
    const protection = attributes.get(attributeOids.algorithmProtection)
    if (protection !== undefined && !isProtected(protection, signerInfo)) {
      return fail('the signed attribute algorithmProtection names other algorithms', {
        signatureAlgorithm: algorithm,
      })
    }
    return pass(`${algorithm.kind} with ${algorithm.digest}`, { signatureAlgorithm: algorithm })
  },
})

function isProtected(protection: DerElement, signerInfo: SignerInfo): boolean {
  const fields = openFields(protection, 'algorithmProtection')
  const digest = fields.take(tags.sequence, 'digestAlgorithm')
  const signature = fields.take(contextTag(1), 'signatureAlgorithm')
  fields.end()
  return (
    isSame(
      readAlgorithm(digest, 'algorithmProtection'),
      readAlgorithm(signerInfo.digestAlgorithm, 'the signer'),
    ) &&
    isSame(
      readAlgorithm(signature, 'algorithmProtection', contextTag(1)),
      readAlgorithm(signerInfo.signatureAlgorithm, 'the signature'),
    )
  )
}

function isSame(a: AlgorithmIdentifier, b: AlgorithmIdentifier): boolean {
  const none = new Uint8Array()
  return a.oid === b.oid && equalBytes(a.parameters?.raw ?? none, b.parameters?.raw ?? none)
}
