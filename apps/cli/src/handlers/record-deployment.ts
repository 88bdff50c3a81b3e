import type { Handler } from '../command.ts'
import type { deploymentArguments } from '../commands/record.ts'
import { VmError } from '../errors.ts'
import { recordDraft } from '../record.ts'

/** `registry/image@sha256:…` as a subject. */
function subjectOf(text: string): { name: string; digest: Record<string, string> } {
  const [, name, algorithm, hex] = /^(.+)@(sha256|gitCommit):([0-9a-f]+)$/.exec(text) ?? []
  if (name === undefined || algorithm === undefined || hex === undefined) {
    throw new VmError('VM_USAGE', `--subject is "${text}", and must be NAME@DIGEST`, {
      hint: 'such as ghcr.io/acme/orders@sha256:<64 hex digits> or acme/orders@gitCommit:<40 hex digits>',
    })
  }
  return { name, digest: { [algorithm]: hex } }
}

/** `vm memory record deployment` */
export const run: Handler<typeof deploymentArguments> = async (context, values) => {
  const { environment, outcome, service, subject, version } = values
  if (subject.length === 0) {
    throw new VmError('VM_USAGE', '`vm memory record deployment` needs --subject', {
      hint: 'say what was deployed by its digest: --subject ghcr.io/acme/orders@sha256:<digest>',
    })
  }
  const what = version === undefined ? service : `${service} ${version}`
  return await recordDraft(context, values, {
    kind: 'deployment',
    title: values.title ?? `${what} to ${environment}: ${outcome}`,
    subject: subject.map(subjectOf),
    details: { environment, outcome, service, ...(version === undefined ? {} : { version }) },
  })
}
