import type { Schema } from '@cfworker/json-schema'
import { recordIdPattern } from '../formats/text.ts'
import { gitCommitSchema, labelSchema, plainText, statementSchema } from './common.ts'

/** The schema of a `spawn`. */
export const spawnSchema: Schema = statementSchema('spawn', {
  subject: {
    maxItems: 1,
    name: { type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/\\.vm/manifest\\.json$' },
    algorithms: ['sha256'],
  },
  hasBody: false,
  required: ['service', 'template'],
  members: {
    service: labelSchema,
    template: {
      type: 'object',
      required: ['digest', 'id', 'version'],
      additionalProperties: false,
      properties: {
        digest: { type: 'string', pattern: recordIdPattern },
        id: plainText(200),
        version: plainText(200),
      },
    },
    gitCommit: gitCommitSchema,
  },
})
