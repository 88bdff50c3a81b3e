import type { Handler } from '../command.ts'
import type { timelineArguments } from '../commands/memory.ts'
import { toned } from '../text.ts'
import { withWorkspace } from '../with-workspace.ts'

/** `vm memory timeline` */
export const run: Handler<typeof timelineArguments> = (context, { kind, limit }) =>
  withWorkspace(context, undefined, async (workspace) => {
    const items = await workspace.timeline({
      ...(kind === undefined ? {} : { kind }),
      ...(limit === undefined ? {} : { limit: Math.min(Number(limit), Number.MAX_SAFE_INTEGER) }),
    })
    const width = Math.max(0, ...items.map((item) => item.kind.length))
    return {
      json: items.map(({ id, index, kind: of, occurredAt, tags, title }) => ({
        id,
        index: String(index),
        kind: of,
        occurredAt,
        tags,
        title,
      })),
      text:
        items.length === 0
          ? ['no records']
          : items.map((item) => [
              toned('dim', item.occurredAt),
              `  ${item.kind.padEnd(width)}  `,
              toned('strong', item.title),
              ...item.tags.map((tag) => toned('dim', ` #${tag}`)),
              toned('dim', `  ${item.id}`),
            ]),
    }
  })
