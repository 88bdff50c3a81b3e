/** The parts that the JSON Schemas of several kinds share (draft 2020-12). */
import type { Schema } from '@cfworker/json-schema'
import {
  base64Of16Pattern,
  base64Of32Pattern,
  decimalPattern,
  labelPattern,
  plainTextPattern,
  recordIdPattern,
  timePattern,
} from '../formats/text.ts'
import type { RecordKind } from './kinds.ts'

/** The `_type` of every record. */
export const statementType = 'https://in-toto.io/Statement/v1'

/** The `predicateType` of a kind. */
export function predicateTypeOf(kind: RecordKind): string {
  return `https://vaultmesh.cloud/memory/${kind}/v0`
}

/** Text for people, of a bounded number of characters. */
export function plainText(maxLength: number): Schema {
  return { type: 'string', minLength: 1, maxLength, pattern: plainTextPattern }
}

/** An RFC 1123 label. */
export const labelSchema: Schema = { type: 'string', pattern: labelPattern }

/** The id of a git commit, SHA-1 or SHA-256. */
export const gitCommitSchema: Schema = {
  type: 'string',
  pattern: '^([0-9a-f]{40}|[0-9a-f]{64})$',
}

const sha256Schema: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' }

const digestSchema: Schema = {
  type: 'object',
  minProperties: 1,
  maxProperties: 16,
  propertyNames: { pattern: '^[A-Za-z0-9_-]{1,64}$' },
  properties: { sha256: sha256Schema, gitCommit: gitCommitSchema },
  additionalProperties: { type: 'string', pattern: '^([0-9a-f]{2}){1,128}$' },
}

/** What a kind asks of its subjects. */
export interface SubjectRule {
  readonly maxItems: number
  readonly name?: Schema
  /** At least one of these algorithms stands in every subject's digest. */
  readonly algorithms: readonly string[]
}

function subjectSchema({ maxItems, name, algorithms }: SubjectRule): Schema {
  return {
    type: 'array',
    minItems: 1,
    maxItems,
    items: {
      type: 'object',
      required: ['digest', 'name'],
      additionalProperties: false,
      properties: {
        digest: {
          allOf: [
            digestSchema,
            { anyOf: algorithms.map((algorithm) => ({ required: [algorithm] })) },
          ],
        },
        name: name ?? plainText(512),
      },
    },
  }
}

const linkTargets: Readonly<Record<string, Schema>> = {
  record: { type: 'string', pattern: recordIdPattern },
  uri: {
    type: 'string',
    maxLength: 2048,
    pattern: '^(https://[a-z0-9\\[][!-~]*|urn:[a-z0-9][a-z0-9-]{1,31}:[!-~]+)$',
  },
}

const linkSchema: Schema = {
  oneOf: Object.entries(linkTargets).map(([target, schema]) => ({
    type: 'object',
    required: ['rel', target],
    additionalProperties: false,
    properties: { rel: { type: 'string', pattern: '^[a-z0-9-]{1,64}$' }, [target]: schema },
  })),
}

const commonMembers: Readonly<Record<string, Schema>> = {
  namespace: labelSchema,
  title: plainText(200),
  occurredAt: { type: 'string', pattern: timePattern },
  recordNonce: { type: 'string', pattern: base64Of16Pattern },
  idempotencyKey: { type: 'string', pattern: '^[!-~]{1,128}$' },
  after: {
    type: 'object',
    required: ['origin', 'root', 'size'],
    additionalProperties: false,
    properties: {
      origin: plainText(512),
      root: { type: 'string', pattern: base64Of32Pattern },
      size: { type: 'string', pattern: decimalPattern },
    },
  },
  links: { type: 'array', maxItems: 32, items: linkSchema },
  tags: { type: 'array', maxItems: 32, uniqueItems: true, items: plainText(64) },
}

const inlineBodySchema: Schema = {
  type: 'object',
  required: ['mediaType', 'salt', 'text'],
  additionalProperties: false,
  properties: {
    mediaType: { type: 'string', pattern: '^[!-~]{1,127}$' },
    salt: { type: 'string', pattern: base64Of16Pattern },
    text: { type: 'string' },
  },
}

/** What sets one kind apart from the others. */
export interface KindRules {
  readonly subject: SubjectRule
  readonly members?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  /** Whether the subject is a body, which may also stand inline. */
  readonly hasBody: boolean
}

/** The subject of the kinds that are about a text. */
export const bodySubject: SubjectRule = {
  maxItems: 1,
  name: { const: 'body' },
  algorithms: ['sha256'],
}

/** The schema of a whole statement of one kind. Members of a predicate that it does not name are kept. */
export function statementSchema(kind: RecordKind, rules: KindRules): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    required: ['_type', 'predicate', 'predicateType', 'subject'],
    additionalProperties: false,
    properties: {
      _type: { const: statementType },
      predicateType: { const: predicateTypeOf(kind) },
      subject: subjectSchema(rules.subject),
      predicate: {
        type: 'object',
        required: ['namespace', 'title', 'occurredAt', 'recordNonce', ...(rules.required ?? [])],
        properties: {
          ...commonMembers,
          ...rules.members,
          // A text that no subject digests would be shown as if it had been signed for.
          body: rules.hasBody ? inlineBodySchema : false,
        },
      },
    },
  }
}
