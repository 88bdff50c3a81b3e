import type { Schema } from '@cfworker/json-schema'
import { recordIdPattern } from '../formats/text.ts'
import { plainText, statementSchema } from './common.ts'

/** The schema of a `routing`. */
export const routingSchema: Schema = statementSchema('routing', {
  subject: { maxItems: 1, name: { const: 'catalog' }, algorithms: ['sha256'] },
  hasBody: false,
  required: ['decision', 'outcome', 'policy', 'tenant'],
  members: {
    decision: { type: 'string', pattern: recordIdPattern },
    outcome: { enum: ['routed', 'refused'] },
    policy: plainText(200),
    tenant: plainText(200),
    offer: plainText(200),
    costMicroUsd: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
  },
})
