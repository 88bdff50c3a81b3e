import { isAbsolute, resolve } from 'node:path'
import type { Recorded, Workspace } from '@vaultmesh/remembrancer/workspace'
import {
  check,
  loadTemplate,
  parseManifest,
  plan,
  render,
  type SpawnReceipt,
  spawn,
  type Template,
} from '@vaultmesh/spawn-core'
import { answersOf, readAnswers } from '../answers.ts'
import type { Context, Handler, Outcome, Values } from '../command.ts'
import type { spawnCreateArguments } from '../commands/spawn.ts'
import { VmError } from '../errors.ts'
import { recordedOutcome } from '../record.ts'
import { spawnDraft } from '../spawn-draft.ts'
import { table, toned } from '../text.ts'
import { withWorkspace } from '../with-workspace.ts'

type CreateValues = Values<typeof spawnCreateArguments>

/** `vm spawn create` */
export const run: Handler<typeof spawnCreateArguments> = async (context, values) => {
  const template = await templateOf(context, values)
  const set = answersOf(values.set, template.definition.questions.properties)
  if (Object.hasOwn(set, 'name')) {
    throw new VmError('VM_USAGE', 'the name is not for --set', {
      hint: 'give it as the first word: `vm spawn create NAME`',
    })
  }
  const answers = {
    ...(values.answers === undefined ? {} : await readAnswers(context, values.answers)),
    ...set,
    name: values.name,
  }
  const planned = plan({ template, answers })
  if (values['dry-run']) return dryRun(planned)
  // Once the service is in place it is recorded, however long that takes: an interruption between
  // the two would leave a service that nobody remembers.
  const patient: Context = { ...context, signal: new AbortController().signal }
  return await withWorkspace(patient, values['passphrase-file'], async (workspace) => {
    const signer = await workspace.signer()
    // A log that would refuse the record must do so before there is a service.
    if (!values['no-record']) await workspace.prepareToRecord()
    let recorded: Recorded | undefined
    const receipt = await spawn({
      template,
      answers,
      parent: context.cwd,
      signer,
      signal: context.signal,
      env: context.env,
      onStage: (stage) => context.talk.status(stage),
      sink: {
        record: async (made) => {
          if (!values['no-record']) recorded = await recordReceipt(workspace, made)
        },
      },
    })
    return created(workspace, receipt, recorded)
  })
}

/** A template by its name, or from a folder, which must be named by a path and vouched for by a digest. */
function templateOf(context: Context, values: CreateValues): Promise<Template> {
  const { template } = values
  const digest = values['template-digest']
  const isPath = isAbsolute(template) || /^\.{1,2}(\/|$)/.test(template)
  if (isPath) {
    return loadTemplate({
      directory: resolve(context.cwd, template),
      ...(digest === undefined ? {} : { digest }),
    })
  }
  if (digest === undefined) return loadTemplate(template)
  throw new VmError('VM_USAGE', '--template-digest is for a template from a folder', {
    hint: 'name the folder by a path that begins with ./ or /',
  })
}

function dryRun(planned: ReturnType<typeof plan>): Outcome {
  const rendered = render(planned)
  const problems = check(rendered)
  const files = [...rendered.files].map(([path, { bytes, mode }]) => ({
    bytes: bytes.length,
    mode,
    path,
  }))
  return {
    json: {
      files,
      problems: problems.map(({ code, detail, path }) => ({ code, detail, path })),
      service: rendered.service,
      template: { ...rendered.template },
    },
    text: [
      ...files.map(({ path }) => `  ${rendered.service}/${path}`),
      `${files.length} files, and the signed manifest of them; nothing was written`,
    ],
    ...(problems.length === 0
      ? {}
      : {
          failure: {
            code: 'CHECK_FAILED',
            message: problems.map(({ path, detail }) => `${path}: ${detail}`).join('; '),
          },
        }),
  }
}

function manifestOf({ manifest, directory }: SpawnReceipt): Parameters<typeof spawnDraft>[0] {
  const parsed = parseManifest(manifest)
  if (parsed.ok) return parsed.manifest
  throw new VmError('VM_BUG', `the manifest of ${directory} can not be read back`)
}

function recordReceipt(workspace: Workspace, receipt: SpawnReceipt): Promise<Recorded> {
  return workspace.record(spawnDraft(manifestOf(receipt), receipt.manifest, receipt.gitCommit))
}

function created(
  workspace: Workspace,
  receipt: SpawnReceipt,
  recorded: Recorded | undefined,
): Outcome {
  const { directory, gitCommit, service, template } = receipt
  const files = Object.keys(manifestOf(receipt).files)
  const record = recorded === undefined ? undefined : recordedOutcome(workspace, recorded)
  return {
    json: {
      directory,
      files,
      gitCommit,
      record: record?.json,
      service,
      template: { digest: template.digest, id: template.id, version: template.version },
    },
    text: [
      [toned('good', '\u2713'), ' spawned ', toned('strong', service)],
      ...table(
        [
          ['folder', directory],
          ['files', String(files.length)],
          ['template', `${template.id} ${template.version}`],
          ['commit', gitCommit],
        ],
        '  ',
      ),
      ...(record?.text ?? [[toned('warn', '!'), ' not recorded, as you asked']]),
    ],
    next: [
      `vm spawn verify ${service} --tier test`,
      ...(record === undefined ? [`vm memory record spawn ${service}`] : ['vm memory timeline']),
    ],
  }
}
