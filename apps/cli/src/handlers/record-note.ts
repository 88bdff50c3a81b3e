import type { Handler } from '../command.ts'
import type { noteArguments } from '../commands/record.ts'
import { bodyOf, recordDraft } from '../record.ts'

function recorder(kind: 'discovery' | 'note'): { run: Handler<typeof noteArguments> } {
  return {
    run: async (context, values) =>
      recordDraft(context, values, {
        kind,
        title: values.title,
        body: await bodyOf(context, values),
      }),
  }
}

/** `vm memory record discovery` */
export const discovery: { run: Handler<typeof noteArguments> } = recorder('discovery')

/** `vm memory record note` */
export const note: { run: Handler<typeof noteArguments> } = recorder('note')
