import { formatInstant, type TokenTime } from '../time.ts'
import type { TimeAuthority } from '../verdict.ts'
import { defineCheck, fail, pass, type RunnableCheck } from './check.ts'

/**
 * The caller trusted this authority at `genTime`. The window is the one of the very authority whose
 * anchor the path ends in; taking any of them was TOB-SIGSTORE-11.
 */
export const authorityWindowCheck: RunnableCheck = defineCheck({
  id: 'token.authority-window',
  reference: "the caller's policy",
  needs: ['chosen', 'genTime'],
  judge({ chosen: { authority }, genTime }) {
    return isInWindow(authority, genTime)
      ? pass(`within the window of ${authority.name}`)
      : fail(`${formatInstant(genTime.latest)} is outside the window of ${authority.name}`)
  },
})

/** Whether `validFrom <= genTime < validUntil`. A date that is none lets nothing in. */
export function isInWindow(authority: TimeAuthority, genTime: TokenTime): boolean {
  const { validFrom, validUntil } = authority
  const isBegun = validFrom.getTime() <= genTime.earliest
  return isBegun && (validUntil === undefined || genTime.latest < validUntil.getTime())
}
