import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** The authority stamped under the policy that was wanted. */
export const policyCheck: RunnableCheck = defineCheck({
  id: 'token.policy',
  reference: 'RFC 3161 §2.4.2',
  needs: ['tstInfo'],
  judge({ tstInfo: { policy } }, { options }) {
    if (options.policy === undefined) return pass(`${policy}; none was asked for`)
    if (policy !== options.policy) return fail(`the policy is ${policy}, not ${options.policy}`)
    return pass(policy)
  },
})
