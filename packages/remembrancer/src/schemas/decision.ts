import type { Schema } from '@cfworker/json-schema'
import { bodySubject, statementSchema } from './common.ts'

/** The schema of a `decision`. */
export const decisionSchema: Schema = statementSchema('decision', {
  subject: bodySubject,
  hasBody: true,
  required: ['status'],
  members: { status: { enum: ['proposed', 'accepted', 'rejected', 'superseded'] } },
})
