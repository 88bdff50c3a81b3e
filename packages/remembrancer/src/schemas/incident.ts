import type { Schema } from '@cfworker/json-schema'
import { bodySubject, statementSchema } from './common.ts'

/** The schema of an `incident`. */
export const incidentSchema: Schema = statementSchema('incident', {
  subject: bodySubject,
  hasBody: true,
  required: ['severity', 'status'],
  members: {
    severity: { enum: ['sev1', 'sev2', 'sev3', 'sev4'] },
    status: { enum: ['open', 'mitigated', 'resolved'] },
  },
})
