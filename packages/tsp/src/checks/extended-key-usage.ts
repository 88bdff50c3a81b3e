import type { Certificate } from '../certificate.ts'
import { certificateOids } from '../oids.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/**
 * The signer's certificate is for time-stamping, critically, and for nothing else: else any
 * certificate of the same CA could stamp. Purposes that nobody knows count too.
 */
export const extendedKeyUsageCheck: RunnableCheck = defineCheck({
  id: 'token.extended-key-usage',
  reference: 'RFC 3161 §2.3',
  needs: ['leaf'],
  judge({ leaf }) {
    const problem = extendedKeyUsageProblem(leaf)
    return problem === undefined ? pass('critical, timeStamping only') : fail(problem)
  },
})

/** Why a certificate is not for time-stamping only; undefined if it is. */
export function extendedKeyUsageProblem({ extensions }: Certificate): string | undefined {
  const usage = extensions.extendedKeyUsage
  if (usage === undefined) return "the signer's certificate has no extended key usage"
  if (!usage.critical) return 'the extended key usage is not critical'
  const { purposes } = usage
  if (purposes.length === 1 && purposes[0] === certificateOids.timeStamping) return undefined
  return `the extended key usage is not just timeStamping: ${purposes.join(', ')}`
}
