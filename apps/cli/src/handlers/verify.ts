import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { verifyBody, verifyBundle } from '@vaultmesh/remembrancer/verify'
import { checkLines, checksAsJson, type ShownCheck, verdictFailure } from '../checks.ts'
import type { Context, Handler, Outcome, Values } from '../command.ts'
import type { verifyArguments } from '../commands/prove.ts'
import { VmError } from '../errors.ts'
import { readNamed } from '../files.ts'
import { asJson } from '../json.ts'
import { policiesOf } from '../log-keys.ts'
import { readPolicy } from '../manifest-keys.ts'
import { table, toned } from '../text.ts'
import { isForkProof, verifiedFork } from '../verify-fork.ts'

// The formats' own bounds (docs/formats): a verifier never reads more than it may accept.
const longestBundle = 4 * 1024 * 1024
const longestBody = 16 * 1024 * 1024

type VerifyValues = Values<typeof verifyArguments>

/** `vm verify` */
export const run: Handler<typeof verifyArguments> = async (context, values) => {
  if (values.policy === undefined && values['log-key'].length === 0) {
    refuse('`vm verify` needs --policy')
  }
  const bytes = await readNamed(context, values.file, longestBundle)
  return isForkProof(values.file, bytes)
    ? verifyFork(context, values, bytes)
    : verifyRecord(context, values, bytes)
}

function refuse(problem: string): never {
  throw new VmError('VM_USAGE', problem, { hint: 'run `vm help verify` to see what it takes' })
}

/** The proof of a fork: whom to believe is a policy, or keys. */
async function verifyFork(
  context: Context,
  { policy, body, 'log-key': logKeys }: VerifyValues,
  bytes: Uint8Array,
): Promise<Outcome> {
  if (body !== undefined) refuse('--body is for the proof of a record, and this is that of a fork')
  if (policy !== undefined && logKeys.length > 0) {
    refuse('--policy and --log-key exclude each other')
  }
  const named = policiesOf(logKeys)
  const trusted = policy === undefined ? undefined : await readPolicy(context, policy)
  return verifiedFork(
    bytes,
    (origin) => named.get(origin) ?? trusted?.logs.find((log) => log.origin === origin)?.policy,
  )
}

async function verifyRecord(
  context: Context,
  values: VerifyValues,
  bundle: Uint8Array,
): Promise<Outcome> {
  if (values['log-key'].length > 0 || values.policy === undefined) {
    refuse('--log-key is for the proof of a fork: that of a record needs --policy')
  }
  const policy = await readPolicy(context, values.policy)
  const verdict = await verifyBundle(bundle, policy, { verify: nodeVerifyEd25519 })
  const checks: ShownCheck[] = [...verdict.checks]
  if (values.body !== undefined) {
    const blob = await readNamed(context, values.body, longestBody)
    checks.push(verifyBody(blob, verdict.record?.subject))
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
