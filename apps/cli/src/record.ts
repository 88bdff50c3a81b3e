/** What the commands that record something have in common. */
import type { RecordDraft, Recorded, Workspace } from '@vaultmesh/remembrancer/workspace'
import type { Context, Outcome } from './command.ts'
import { VmError } from './errors.ts'
import { readNamed, textOf } from './files.ts'
import { table, toned } from './text.ts'
import { withWorkspace } from './with-workspace.ts'

/** The options that every kind takes, as they come from the command line. */
interface CommonValues {
  readonly at: string | undefined
  readonly tag: readonly string[]
  readonly link: readonly string[]
  readonly 'idempotency-key': string | undefined
  readonly 'passphrase-file': string | undefined
}

/** The options of the kinds that have a text. */
interface BodyValues {
  readonly body: string | undefined
  readonly 'body-file': string | undefined
  readonly 'media-type': string | undefined
  readonly 'inline-body': boolean
}

// A body is a file of its own; this only keeps a mistyped name of a huge file out of memory.
const longestBody = 8 * 1024 * 1024

/** The body that `--body` or `--body-file` gives. @throws {VmError} `VM_USAGE` unless it is exactly one. */
export async function bodyOf(
  context: Context,
  values: BodyValues,
): Promise<NonNullable<RecordDraft['body']>> {
  const file = values['body-file']
  if ((values.body === undefined) === (file === undefined)) {
    const problem =
      file === undefined ? 'a body is needed' : '--body and --body-file exclude each other'
    throw new VmError('VM_USAGE', problem, {
      hint: 'give --body TEXT, or --body-file FILE (- is stdin)',
    })
  }
  const text =
    values.body ?? textOf(await readNamed(context, file ?? '-', longestBody), file ?? '-')
  const mediaType = values['media-type']
  return {
    text,
    ...(mediaType === undefined ? {} : { mediaType }),
    inline: values['inline-body'],
  }
}

function linkOf(text: string): NonNullable<RecordDraft['links']>[number] {
  const equals = text.indexOf('=')
  if (equals < 1) {
    throw new VmError('VM_USAGE', `--link is "${text}", and must be REL=TARGET`, {
      hint: 'such as --link supersedes=sha256:<digest> or --link issue=https://example.com/1',
    })
  }
  const rel = text.slice(0, equals)
  const target = text.slice(equals + 1)
  return target.startsWith('sha256:') ? { rel, record: target } : { rel, uri: target }
}

/** Records a draft in the workspace and says what came of it. */
export async function recordDraft(
  context: Context,
  values: CommonValues,
  draft: RecordDraft,
): Promise<Outcome> {
  const idempotencyKey = values['idempotency-key']
  const whole: RecordDraft = {
    ...draft,
    ...(values.at === undefined ? {} : { occurredAt: values.at }),
    ...(values.tag.length === 0 ? {} : { tags: values.tag }),
    ...(values.link.length === 0 ? {} : { links: values.link.map(linkOf) }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  }
  return await withWorkspace(context, values['passphrase-file'], async (workspace) =>
    recordedOutcome(workspace, await workspace.record(whole)),
  )
}

/** What is shown of a record that was just made, or found again by its idempotency key. */
export function recordedOutcome(workspace: Workspace, recorded: Recorded): Outcome {
  const { attestedAt, id, index, kind, occurredAt, origin, repeated, title } = recorded
  const keyid = workspace.keys.record
  return {
    json: {
      attestedAt,
      id,
      index: String(index),
      keyid,
      kind,
      occurredAt,
      origin,
      repeated,
      title,
    },
    text: [
      [
        toned('good', '\u2713'),
        ` ${kind} recorded${repeated ? ' before' : ''}: `,
        toned('strong', title),
      ],
      ...table(
        [
          ['id', id],
          ['signed by', keyid],
          ['attested', attestedAt],
          ['log', `${origin}, index ${index}`],
        ],
        '  ',
      ),
    ],
    next: [`vm memory show ${id}`, `vm memory prove ${id}`],
  }
}
