import { delimiter, dirname, resolve } from 'node:path'
import { type StepStatus, type VerifyStep, verify } from '@vaultmesh/spawn-core'
import type { Failure, Handler } from '../command.ts'
import type { spawnVerifyArguments } from '../commands/spawn.ts'
import { type VmCode, VmError } from '../errors.ts'
import { trustedManifestKeys } from '../manifest-keys.ts'
import { indented, type Line, type Span, toned } from '../text.ts'

const marks: Record<StepStatus, Span> = {
  pass: toned('good', '\u2713'),
  fail: toned('bad', '\u2717'),
  untrusted: toned('bad', '\u2717'),
  warn: toned('warn', '!'),
  skipped: toned('dim', '-'),
}

const policyHint =
  'give the policy of who made it with --policy FILE, or run this in your workspace'

/** `vm spawn verify` */
export const run: Handler<typeof spawnVerifyArguments> = async (context, values) => {
  const { tier, trust } = values
  const report = await verify({
    directory: resolve(context.cwd, values.service),
    tier,
    keys: await trustedManifestKeys(context, values.policy),
    trust,
    signal: context.signal,
    // The service is tried on the Node that runs `vm`, not on whichever stands first on the PATH.
    env: { ...context.env, PATH: [dirname(process.execPath), context.env['PATH']].join(delimiter) },
    onStart: ({ detail }) => (tier === 'test' ? context.talk.step(detail) : undefined),
  })
  const failure =
    report.ok && (trust || isSigned(report.steps)) ? undefined : reportFailure(report.steps)
  const ok = failure === undefined
  const { added, changed, missing } = report.differences
  return {
    json: {
      differences: { added, changed, missing },
      ok,
      steps: report.steps.map(({ detail, id, ms, status }) => ({ detail, id, ms, status })),
      tier,
    },
    text: [
      ...stepLines(report.steps),
      ...(ok ? [[toned('good', 'verified'), `: ${values.service}`]] : []),
    ],
    ...(failure === undefined ? {} : { failure }),
  }
}

function stepLines(steps: readonly VerifyStep[]): Line[] {
  const width = Math.max(0, ...steps.map(({ id }) => id.length))
  return steps.flatMap(({ id, status, ms, detail }): Line[] => {
    const [first = '', ...rest] = detail.split('\n')
    const took = ms < 100 ? [] : [toned('dim', `  ${(ms / 1000).toFixed(1)} s`)]
    return [
      [marks[status], ` ${id.padEnd(width)}  ${first}`, ...took],
      ...(rest.length === 0 ? [] : indented(rest.join('\n'), ' '.repeat(width + 4))),
    ]
  })
}

/** Whether somebody who is trusted vouches for the manifest: without that, it proves nothing. */
function isSigned(steps: readonly VerifyStep[]): boolean {
  return steps.some(({ id, status }) => id === 'manifest.signature' && status === 'pass')
}

/** The worst status decides. */
function reportFailure(steps: readonly VerifyStep[]): Failure {
  const worst: readonly (readonly [StepStatus, VmCode, string, string])[] = [
    ['fail', 'VM_NOT_VERIFIED', 'failed', 'the lines above say what was found'],
    ['untrusted', 'VM_NOT_TRUSTED', 'is not trusted', policyHint],
  ]
  for (const [status, code, words, hint] of worst) {
    const ids = steps.filter((step) => step.status === status).map((step) => step.id)
    if (ids.length > 0) return { code, message: `not verified: ${ids.join(', ')} ${words}`, hint }
  }
  if (!isSigned(steps)) {
    const message = 'not verified: nobody whom you trust vouches for the manifest'
    return { code: 'VM_NOT_TRUSTED', message, hint: policyHint }
  }
  const { code, message } = new VmError('VM_BUG', 'a verification failed and does not say where')
  return { code, message }
}
