import type { Failure, Handler } from '../command.ts'
import type { doctorArguments } from '../commands/operate.ts'
import type { Finding } from '../doctor/finding.ts'
import { checkKeyring } from '../doctor/keyring.ts'
import { checkGit, checkGitIdentity, checkGpg, checkNode, checkOpenssl } from '../doctor/machine.ts'
import { checkWorkspace } from '../doctor/workspace.ts'
import { VmError } from '../errors.ts'
import { type Line, type Span, toned } from '../text.ts'

const marks: Record<Finding['status'], Span> = {
  ok: toned('good', 'ok  '),
  warn: toned('warn', 'warn'),
  fail: toned('bad', 'fail'),
}

/** `vm doctor` */
export const run: Handler<typeof doctorArguments> = async (context) => {
  const findings = [
    checkNode(),
    ...(await Promise.all([
      checkGit(context),
      checkGitIdentity(context),
      checkGpg(context),
      checkOpenssl(context),
      checkKeyring(context),
    ])),
    ...(await checkWorkspace(context)),
  ]
  const width = Math.max(...findings.map((finding) => finding.name.length))
  const text: Line[] = findings.flatMap(({ status, name, detail, mend }) => [
    [marks[status], `  ${name.padEnd(width)}  ${detail}`],
    ...(mend === undefined ? [] : [[' '.repeat(width + 8), toned('dim', mend)]]),
  ])
  const failed = findings.filter(({ status }) => status === 'fail').map(({ name }) => name)
  return {
    json: {
      checks: findings.map(({ detail, mend, name, status }) => ({ detail, mend, name, status })),
      ok: failed.length === 0,
    },
    text,
    ...(failed.length === 0 ? {} : { failure: failureOf(failed) }),
  }
}

function failureOf(failed: readonly string[]): Failure {
  const { code, message, hint } = new VmError('VM_PREFLIGHT', `not ready: ${failed.join(', ')}`, {
    hint: 'run the command below each failed check, then `vm doctor` again',
  })
  return { code, message, hint }
}
