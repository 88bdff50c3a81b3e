import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** No extension of the token is critical: none is understood, so a critical one can't be obeyed. */
export const extensionsCheck: RunnableCheck = defineCheck({
  id: 'token.extensions',
  reference: 'RFC 3161 §2.4.2, RFC 5280 §4.2',
  needs: ['tstInfo'],
  judge({ tstInfo: { extensions } }) {
    const critical = extensions.find((extension) => extension.critical)
    if (critical !== undefined) return fail(`the extension ${critical.oid} is critical and unknown`)
    if (new Set(extensions.map(({ oid }) => oid)).size < extensions.length) {
      return fail('an extension stands twice')
    }
    return pass(`${extensions.length} extensions, none critical`)
  },
})
