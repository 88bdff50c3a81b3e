/**
 * The JSON Schemas that several endpoints share, each said once: they validate requests, write
 * answers, and are the components of the OpenAPI document.
 */
import { recordKinds } from '@vaultmesh/remembrancer/workspace'
import type { FastifyInstance } from 'fastify'
import { problems } from '../errors.ts'

/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>

/** An object with exactly these members; those in `required` must be there. */
export function objectOf(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = Object.keys(properties),
): Schema {
  return { type: 'object', required, additionalProperties: false, properties }
}

/** A shared schema by its name. */
export function ref(name: string): Schema {
  return { $ref: `${name}#` }
}

/** A text for people. */
export function text(maxLength: number, description?: string): Schema {
  const told = description === undefined ? {} : { description }
  return { type: 'string', minLength: 1, maxLength, ...told }
}

/** A number of entries or an index of a log: decimal digits. */
export const decimal: Schema = { type: 'string', pattern: '^(0|[1-9][0-9]{0,19})$' }

/** RFC 3339 with `Z`. */
const time: Schema = { type: 'string', examples: ['2026-01-31T12:00:00Z'] }

/** A kind of record. */
export const kind: Schema = { type: 'string', enum: [...recordKinds] }

/** The header that makes a retry safe. */
export const idempotencyHeader: Schema = {
  type: 'object',
  properties: {
    'idempotency-key': {
      type: 'string',
      description:
        '1 to 128 visible ASCII characters: the same key and content give the first answer again',
    },
  },
}

/** Any JSON object. */
export const anyObject: Schema = { type: 'object', additionalProperties: true }

const strings: Schema = { type: 'array', items: { type: 'string' } }

const descriptor = objectOf({
  digest: { type: 'object', additionalProperties: { type: 'string' } },
  name: { type: 'string' },
})

const problem: Schema = {
  ...objectOf({
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(problems) },
  }),
  description: 'A problem document (RFC 9457).',
}

const item = {
  id: { type: 'string', description: '`sha256:` and 64 hex digits', examples: ['sha256:0f…'] },
  index: decimal,
  kind,
  title: { type: 'string' },
  occurredAt: time,
}

const memoryItem = objectOf(
  { ...item, tags: strings, excerpt: { type: 'string', description: 'Words around the match' } },
  [...Object.keys(item), 'tags'],
)

const recorded = objectOf({
  ...item,
  origin: { type: 'string', description: 'The log that it is in' },
  attestedAt: time,
  repeated: {
    type: 'boolean',
    description: 'True where the idempotency key was known: this is the first record',
  },
})

const memory = objectOf(
  {
    ...item,
    tags: strings,
    namespace: { type: 'string' },
    origin: { type: 'string' },
    verified: { type: 'boolean', description: 'Whether its proof holds under the own policy' },
    attestedAt: time,
    subject: { type: 'array', items: descriptor },
    predicate: anyObject,
    body: {
      type: 'object',
      required: ['state'],
      properties: {
        state: { type: 'string', enum: ['present', 'absent'] },
        mediaType: { type: 'string' },
        text: { type: 'string' },
        digest: { type: 'string' },
      },
    },
    signers: strings,
    agents: strings,
  },
  [
    ...Object.keys(item),
    ...['tags', 'namespace', 'origin', 'verified', 'subject', 'predicate', 'signers', 'agents'],
  ],
)

const fork: Schema = {
  ...objectOf(
    {
      id: { type: 'string', description: 'SHA-256 of what the two heads say, in hex' },
      origin: { type: 'string' },
      keys: { ...strings, description: 'The keys of the log that signed' },
      heads: {
        type: 'array',
        items: objectOf({
          checkpoint: { type: 'string', description: 'As it was signed' },
          cosigners: strings,
          root: { type: 'string', description: 'In hex' },
          size: decimal,
        }),
      },
      divergence: { ...decimal, description: 'How many entries both have, where that is shown' },
    },
    ['id', 'origin', 'keys', 'heads'],
  ),
  description: 'What the proof of a fork proves: two histories of one log',
}

const verdict: Schema = {
  ...objectOf(
    {
      ok: { type: 'boolean', description: 'Whether every check passes or only warns' },
      checks: {
        type: 'array',
        items: objectOf({
          id: { type: 'string' },
          status: { type: 'string' },
          reference: { type: 'string' },
          detail: { type: 'string' },
        }),
      },
      warnings: strings,
      record: anyObject,
      fork,
    },
    ['ok', 'checks', 'warnings'],
  ),
  description:
    'What came of each check. `record` is to be believed only where `ok`; `fork` is there only then.',
}

const nullableInteger: Schema = { type: ['integer', 'null'] }
const nullableNumber: Schema = { type: ['number', 'null'] }

const offer = objectOf({
  id: { type: 'string' },
  provider: { type: 'string' },
  gpu: { type: 'string' },
  gpus: { type: 'integer' },
  region: { type: 'string' },
  priceMicroUsd: { type: 'integer', description: 'Of one instance for one hour' },
  spot: { type: 'boolean' },
  open: { type: 'boolean' },
  latencyMs: nullableNumber,
  reputation: nullableNumber,
  capacity: nullableInteger,
  free: nullableInteger,
})

const lease = objectOf({
  id: { type: 'string' },
  offerId: { type: 'string' },
  tenant: { type: 'string' },
  units: { type: 'integer' },
  costMicroUsd: { type: 'integer' },
  idempotencyKey: { type: 'string' },
  fence: { type: 'integer', description: 'To be presented by whoever acts for the lease' },
  state: { type: 'string', enum: ['hold', 'bound', 'released', 'expired'] },
  heldAt: { type: 'integer', description: 'Milliseconds since 1970, as all times of a lease' },
  expiresAt: { type: 'integer' },
  boundAt: nullableInteger,
  endedAt: nullableInteger,
  reference: { type: ['string', 'null'] },
  chargedMicroUsd: nullableInteger,
})

const perCriterion = objectOf({
  price: { type: 'integer' },
  latency: { type: 'integer' },
  reputation: { type: 'integer' },
  free: { type: 'integer' },
})

const candidate = objectOf({
  offerId: { type: 'string' },
  verdict: { type: 'string', enum: ['chosen', 'feasible', 'refused'] },
  reasonCode: { type: ['string', 'null'] },
  utilities: { anyOf: [perCriterion, { type: 'null' }] },
  score: nullableInteger,
})

/** Every shared schema by name. */
const shared: Readonly<Record<string, Schema>> = {
  Candidate: candidate,
  Lease: lease,
  Memory: memory,
  MemoryItem: memoryItem,
  Offer: offer,
  Problem: problem,
  Recorded: recorded,
  Verdict: verdict,
}

/** Makes the shared schemas known to a server. */
export function addSchemas(app: FastifyInstance): void {
  for (const [$id, schema] of Object.entries(shared)) app.addSchema({ $id, ...schema })
}
