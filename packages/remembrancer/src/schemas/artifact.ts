import type { Schema } from '@cfworker/json-schema'
import { decimalPattern, plainTextPattern } from '../formats/text.ts'
import { statementSchema } from './common.ts'

/** The schema of an `artifact`. */
export const artifactSchema: Schema = statementSchema('artifact', {
  subject: {
    maxItems: 64,
    name: {
      type: 'string',
      minLength: 1,
      maxLength: 512,
      allOf: [{ pattern: plainTextPattern }, { pattern: '^[^/\\\\]+$' }],
    },
    algorithms: ['sha256'],
  },
  hasBody: false,
  members: {
    mediaType: { type: 'string', pattern: '^[!-~]{1,127}$' },
    size: { type: 'string', pattern: decimalPattern },
  },
})
