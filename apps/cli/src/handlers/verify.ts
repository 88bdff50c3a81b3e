import { createHash } from 'node:crypto'
import { verifyBundle } from '@vaultmesh/remembrancer/verify'
import { checkLines, checksAsJson, type ShownCheck, verdictFailure } from '../checks.ts'
import type { Handler } from '../command.ts'
import type { verifyArguments } from '../commands/prove.ts'
import { readNamed } from '../files.ts'
import { asJson } from '../json.ts'
import { readPolicy } from '../manifest-keys.ts'
import { table, toned } from '../text.ts'

// The formats' own bounds (docs/formats): a verifier never reads more than it may accept.
const longestBundle = 4 * 1024 * 1024
const longestBody = 16 * 1024 * 1024

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
  const text = checkLines(checks)
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
      checks: checksAsJson(checks),
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
