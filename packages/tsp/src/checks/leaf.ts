import type { Certificate } from '../certificate.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** The signer is no CA, and its certificate has no critical extension that is not understood. */
export const leafCheck: RunnableCheck = defineCheck({
  id: 'token.leaf',
  reference: 'RFC 5280 §4.2, §4.2.1.9',
  needs: ['leaf'],
  judge({ leaf }) {
    const problem = leafProblem(leaf)
    return problem === undefined ? pass('an end entity certificate') : fail(problem)
  },
})

/** Why a certificate is no end entity's, or can't be judged; undefined if all is well. */
export function leafProblem({ version, extensions }: Certificate): string | undefined {
  if (version !== 3) return `the signer's certificate has the version ${version}, not 3`
  if (extensions.basicConstraints?.ca === true) return 'the signer is a CA'
  if (extensions.refused.length === 0) return undefined
  return `extensions that can't be judged: ${extensions.refused.join(', ')}`
}
