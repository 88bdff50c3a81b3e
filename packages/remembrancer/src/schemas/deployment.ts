import type { Schema } from '@cfworker/json-schema'
import { labelSchema, plainText, statementSchema } from './common.ts'

/** The schema of a `deployment`. */
export const deploymentSchema: Schema = statementSchema('deployment', {
  subject: { maxItems: 64, algorithms: ['sha256', 'gitCommit'] },
  hasBody: false,
  required: ['service', 'environment', 'outcome'],
  members: {
    service: labelSchema,
    environment: labelSchema,
    outcome: { enum: ['succeeded', 'failed', 'rolled-back'] },
    version: plainText(200),
  },
})
