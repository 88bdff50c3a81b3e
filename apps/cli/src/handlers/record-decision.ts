import type { Handler } from '../command.ts'
import type { decisionArguments } from '../commands/record.ts'
import { bodyOf, recordDraft } from '../record.ts'

/** `vm memory record decision` */
export const run: Handler<typeof decisionArguments> = async (context, values) =>
  recordDraft(context, values, {
    kind: 'decision',
    title: values.title,
    body: await bodyOf(context, values),
    details: { status: values.status },
  })
