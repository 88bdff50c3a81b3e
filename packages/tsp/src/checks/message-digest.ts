import { equalBytes } from '../bytes.ts'
import { tags } from '../der.ts'
import { digestBytes } from '../digest.ts'
import { attributeOids } from '../oids.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** The signed digest is the digest of the TSTInfo, over the bytes as received. */
export const messageDigestCheck: RunnableCheck = defineCheck({
  id: 'token.message-digest',
  reference: 'RFC 5652 §11.2, §5.4',
  needs: ['attributes', 'content', 'digest'],
  async judge({ attributes, content, digest }) {
    const value = attributes.get(attributeOids.messageDigest)
    if (value === undefined) return fail('the signed attribute messageDigest is missing')
    if (value.tag !== tags.octetString) return fail('messageDigest is no OCTET STRING')
    const actual = await digestBytes(digest.name, content)
    if (!equalBytes(value.content, actual)) return fail('messageDigest is not that of the TSTInfo')
    return pass(`${digest.name} of the TSTInfo`)
  },
})
