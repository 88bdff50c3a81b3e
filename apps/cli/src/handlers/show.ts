import type { Handler, Json } from '../command.ts'
import type { showArguments } from '../commands/memory.ts'
import { asJson } from '../json.ts'
import { indented, type Line, type Span, table, toned } from '../text.ts'
import { withWorkspace } from '../with-workspace.ts'

// Shown in a place of their own, or without meaning for people.
const hidden = ['body', 'namespace', 'occurredAt', 'recordNonce', 'tags', 'title']

/** `vm memory show` */
export const run: Handler<typeof showArguments> = (context, { id }) =>
  withWorkspace(context, undefined, async (workspace) => {
    const view = await workspace.show(id)
    const details = Object.entries(view.predicate)
      .filter(([name]) => !hidden.includes(name))
      .map(([name, value]): [string, Span] => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ])
    const text: Line[] = [
      toned('strong', view.title),
      ...table(
        [
          ['id', view.id],
          ['kind', view.kind],
          ['namespace', view.namespace],
          ['occurred', `${view.occurredAt} (as the writer says)`],
          ['attested', view.attestedAt ?? toned('warn', 'no time token')],
          ['log', `${view.origin}, index ${view.index}`],
          ...view.signers.map((keyid): [string, Span] => ['signed by', keyid]),
          ...view.agents.map((name): [string, Span] => ['agent', name]),
          ...view.subject.map((each): [string, Span] => [
            'subject',
            `${each.name} ${Object.entries(each.digest)
              .map(([algorithm, hex]) => `${algorithm}:${hex}`)
              .join(' ')}`,
          ]),
          ...(view.tags.length === 0 ? [] : [['tags', view.tags.join(', ')] as const]),
          ...details,
        ],
        '  ',
      ),
    ]
    let body: Json | undefined
    if (view.body?.state === 'present') {
      body = { mediaType: view.body.mediaType, state: 'present', text: view.body.text }
      text.push('', ...indented(view.body.text, '  '))
    } else if (view.body !== undefined) {
      body = { digest: view.body.digest, state: 'absent' }
      text.push('', toned('warn', `  The body is not here (${view.body.digest}).`))
    }
    return {
      json: {
        agents: view.agents,
        attestedAt: view.attestedAt,
        body,
        id: view.id,
        index: String(view.index),
        kind: view.kind,
        namespace: view.namespace,
        occurredAt: view.occurredAt,
        origin: view.origin,
        predicate: asJson(view.predicate),
        signers: view.signers,
        subject: asJson(view.subject),
        tags: view.tags,
        title: view.title,
      },
      text,
      next: [`vm memory prove ${view.id}`],
    }
  })
