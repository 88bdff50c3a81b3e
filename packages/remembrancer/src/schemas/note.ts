import type { Schema } from '@cfworker/json-schema'
import { bodySubject, statementSchema } from './common.ts'

/** The schema of a `note`. */
export const noteSchema: Schema = statementSchema('note', { subject: bodySubject, hasBody: true })
