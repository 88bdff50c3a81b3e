/** The checks of a verdict as lines, and what the worst of them means. */
import type { Failure, Json } from './command.ts'
import { type VmCode, VmError } from './errors.ts'
import { type Line, type Span, toned } from './text.ts'

/** How a check may have ended: what the verdicts of all libraries have, together. */
type CheckStatus = 'pass' | 'fail' | 'missing' | 'untrusted' | 'warn' | 'skipped'

/** A check as it is shown. */
export interface ShownCheck {
  readonly id: string
  readonly status: CheckStatus
  readonly reference: string
  readonly detail: string
}

const marks: Record<CheckStatus, Span> = {
  pass: toned('good', '\u2713'),
  fail: toned('bad', '\u2717'),
  missing: toned('bad', '\u2717'),
  untrusted: toned('bad', '\u2717'),
  warn: toned('warn', '!'),
  skipped: toned('dim', '-'),
}

/** One line a check. */
export function checkLines(checks: readonly ShownCheck[]): Line[] {
  const width = Math.max(...checks.map((check) => check.id.length))
  return checks.map(({ id, status, detail }) => [
    marks[status],
    ` ${id.padEnd(width)}  ${status === 'pass' || status === 'warn' ? '' : `${status}: `}${detail}`,
  ])
}

/** The checks as `--json` has them. */
export function checksAsJson(checks: readonly ShownCheck[]): Json {
  return checks.map(({ detail, id, reference, status }) => ({ detail, id, reference, status }))
}

/** The worst status decides; within it, every check is named. */
export function verdictFailure(checks: readonly ShownCheck[]): Failure | undefined {
  const worst: readonly (readonly [CheckStatus, VmCode, string])[] = [
    ['fail', 'VM_NOT_VERIFIED', 'failed'],
    ['untrusted', 'VM_NOT_TRUSTED', 'is not trusted'],
    ['missing', 'VM_EVIDENCE_MISSING', 'lacks evidence'],
    ['skipped', 'VM_EVIDENCE_MISSING', 'could not be judged'],
  ]
  for (const [status, code, words] of worst) {
    const ids = checks.filter((check) => check.status === status).map((check) => check.id)
    if (ids.length > 0) {
      const { message, hint } = new VmError(code, `not verified: ${ids.join(', ')} ${words}`)
      return { code, message, hint }
    }
  }
  return undefined
}
