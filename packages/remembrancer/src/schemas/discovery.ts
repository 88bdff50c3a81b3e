import type { Schema } from '@cfworker/json-schema'
import { bodySubject, statementSchema } from './common.ts'

/** The schema of a `discovery`. */
export const discoverySchema: Schema = statementSchema('discovery', {
  subject: bodySubject,
  hasBody: true,
})
