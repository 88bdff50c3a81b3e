import type { TimeAuthority } from '../verdict.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/** The caller trusts this authority to stamp such a thing. */
export const roleCheck: RunnableCheck = defineCheck({
  id: 'token.role',
  reference: "the caller's policy",
  needs: ['chosen'],
  judge({ chosen: { authority } }, { options: { role } }) {
    if (role === undefined) return pass('none was asked for')
    return hasRole(authority, role)
      ? pass(`${authority.name} may stamp ${role}`)
      : fail(`${authority.name} is not trusted to stamp ${role}`)
  },
})

/** Whether an authority has a role, or needs none. */
export function hasRole({ roles }: TimeAuthority, role: string | undefined): boolean {
  return role === undefined || roles === undefined || roles.includes(role)
}
