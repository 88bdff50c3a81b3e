import { readOid } from '../der-read.ts'
import { attributeOids } from '../oids.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** The signature says itself what it is over: the same type as `eContentType`. */
export const contentTypeAttributeCheck: RunnableCheck = defineCheck({
  id: 'token.content-type-attribute',
  reference: 'RFC 5652 §11.1',
  needs: ['attributes', 'signedData'],
  judge({ attributes, signedData }) {
    const value = attributes.get(attributeOids.contentType)
    if (value === undefined) return fail('the signed attribute contentType is missing')
    const type = readOid(value)
    if (type !== signedData.contentType) {
      return fail(`the signed attribute contentType is ${type}, not ${signedData.contentType}`)
    }
    return pass('equals eContentType')
  },
})
