import { equalBytes } from '../bytes.ts'
import { isDirectoryName } from '../extensions.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** The name that the authority gives itself in the token, if any, is one of its certificate. */
export const tsaNameCheck: RunnableCheck = defineCheck({
  id: 'token.tsa-name',
  reference: 'RFC 3161 §2.4.2',
  needs: ['tstInfo', 'leaf'],
  judge({ tstInfo: { tsa }, leaf }) {
    if (tsa === undefined) return pass('not stated')
    const isNamed =
      isDirectoryName(tsa, leaf.subject) ||
      leaf.extensions.subjectAltNames.some((name) => equalBytes(name, tsa.raw))
    return isNamed
      ? pass("a name of the signer's certificate")
      : fail("tsa is no name of the signer's certificate")
  },
})
