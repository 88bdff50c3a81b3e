import { type DerElement, tags } from '../der.ts'
import { isSetOrder, onlyChild, openFields, readOid } from '../der-read.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/**
 * Signed attributes are there, in the order of DER, none twice, each with one value. Without them
 * the signature would be over the content itself, and one kind could be passed off as the other
 * (draft-vangeest-lamps-cms-euf-cma).
 */
export const signedAttributesCheck: RunnableCheck = defineCheck({
  id: 'token.signed-attributes',
  reference: 'RFC 5652 §5.3, §11',
  needs: ['signerInfo'],
  judge({ signerInfo: { signedAttributes } }) {
    if (signedAttributes === undefined) return fail('there are no signed attributes')
    const attributes = new Map<string, DerElement>()
    for (const attribute of signedAttributes.children) {
      const fields = openFields(attribute, 'a signed attribute')
      const oid = readOid(fields.take(tags.oid, 'attrType'))
      const values = fields.take(tags.set, 'attrValues')
      fields.end()
      if (attributes.has(oid)) return fail(`the signed attribute ${oid} stands twice`)
      attributes.set(oid, onlyChild(values, `the signed attribute ${oid}`))
    }
    if (!isSetOrder(signedAttributes.children)) {
      return fail('the signed attributes are not in the order of DER', { attributes })
    }
    return pass(`${attributes.size} signed attributes`, { attributes })
  },
})
