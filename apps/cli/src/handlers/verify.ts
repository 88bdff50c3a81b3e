import { createHash } from 'node:crypto'
import { type CheckStatus, verifyBundle } from '@vaultmesh/remembrancer/verify'
import type { Failure, Handler } from '../command.ts'
import type { verifyArguments } from '../commands/prove.ts'
import { type VmCode, VmError } from '../errors.ts'
import { readNamed } from '../files.ts'
import { asJson } from '../json.ts'
import { readPolicy } from '../manifest-keys.ts'
import { type Line, type Span, table, toned } from '../text.ts'

// The formats' own bounds (docs/formats): a verifier never reads more than it may accept.
const longestBundle = 4 * 1024 * 1024
const longestBody = 16 * 1024 * 1024

/** A check as it is shown: those of the verdict, and the one on a body that was handed over. */
interface ShownCheck {
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

/** `vm verify` */
export const run: Handler<typeof verifyArguments> = async (context, values) => {
  const bundle = await readNamed(context, values.file, longestBundle)
  const policy = await readPolicy(context, values.policy)
  const verdict = await verifyBundle(bundle, policy)
  const checks: ShownCheck[] = [...verdict.checks]
  if (values.body !== undefined) {
    const blob = await readNamed(context, values.body, longestBody)
    checks.push(bodyCheck(blob, verdict.record?.subject))
  }
  const failure = verdictFailure(checks)
  const { record } = verdict
  const width = Math.max(...checks.map((check) => check.id.length))
  const text: Line[] = checks.map((check) => [
    marks[check.status],
    ` ${check.id.padEnd(width)}  ${check.status === 'pass' || check.status === 'warn' ? '' : `${check.status}: `}${check.detail}`,
  ])
  const said = new Set(checks.map(({ detail }) => detail))
  const warnings = verdict.warnings.filter((warning) => !said.has(warning))
  for (const warning of warnings) text.push([toned('warn', 'warning'), `: ${warning}`])
  if (failure === undefined && record !== undefined) {
    text.push(
      '',
      [toned('good', 'verified'), ': ', toned('strong', record.title)],
      ...table(
        [
          ['id', record.id],
          ['kind', record.kind],
          ['namespace', record.namespace],
          ['attested', record.attestedAt ?? 'by no time token'],
          ['log', `${record.origin ?? ''}, index ${record.index ?? ''}`],
        ],
        '  ',
      ),
    )
  }
  return {
    json: {
      checks: checks.map(({ detail, id, reference, status }) => ({
        detail,
        id,
        reference,
        status,
      })),
      ok: failure === undefined,
      record: record === undefined ? undefined : asJson(record),
      warnings: verdict.warnings,
    },
    text,
    ...(failure === undefined ? {} : { failure }),
  }
}

function bodyCheck(
  blob: Uint8Array,
  subject: readonly { readonly name: string; readonly digest: Record<string, string> }[] = [],
): ShownCheck {
  const base = { id: 'body.file', reference: 'docs/formats/record.md' }
  const digest = subject.find((each) => each.name === 'body')?.digest['sha256']
  if (digest === undefined) {
    return { ...base, status: 'fail', detail: 'the record speaks about no body' }
  }
  const same = createHash('sha256').update(blob).digest('hex') === digest
  return same
    ? { ...base, status: 'pass', detail: 'the file is the body that the record speaks about' }
    : { ...base, status: 'fail', detail: 'the file is not the body that the record speaks about' }
}

/** The worst status decides; within it, the first check is named. */
function verdictFailure(checks: readonly ShownCheck[]): Failure | undefined {
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
