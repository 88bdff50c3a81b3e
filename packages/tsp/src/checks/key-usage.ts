import type { Certificate } from '../certificate.ts'
import { keyUsageBits } from '../extensions.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** Where the signer's certificate limits its key, signing is allowed. */
export const keyUsageCheck: RunnableCheck = defineCheck({
  id: 'token.key-usage',
  reference: 'RFC 5280 §4.2.1.3',
  needs: ['leaf'],
  judge({ leaf }) {
    const problem = keyUsageProblem(leaf)
    return problem === undefined ? pass('the key may sign') : fail(problem)
  },
})

/** Why the key of a certificate may not sign; undefined if it may. */
export function keyUsageProblem({ extensions: { keyUsage } }: Certificate): string | undefined {
  const { digitalSignature, nonRepudiation } = keyUsageBits
  if (keyUsage === undefined) return undefined
  if (keyUsage.has(digitalSignature) || keyUsage.has(nonRepudiation)) return undefined
  return 'the key usage allows neither digitalSignature nor nonRepudiation'
}
