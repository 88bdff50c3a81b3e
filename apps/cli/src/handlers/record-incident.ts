import type { Handler } from '../command.ts'
import type { incidentArguments } from '../commands/record.ts'
import { bodyOf, recordDraft } from '../record.ts'

/** `vm memory record incident` */
export const run: Handler<typeof incidentArguments> = async (context, values) =>
  recordDraft(context, values, {
    kind: 'incident',
    title: values.title,
    body: await bodyOf(context, values),
    details: { severity: values.severity, status: values.status },
  })
