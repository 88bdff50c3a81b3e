/** Records: written, listed, shown and proven. */
import { bundleMediaType } from '@vaultmesh/remembrancer'
import {
  type RecordDraft,
  type Recorded,
  type RecordView,
  recordKinds,
  type SearchFilter,
  type SearchHit,
} from '@vaultmesh/remembrancer/workspace'
import type { FastifyInstance } from 'fastify'
import type { ServerContext } from '../context.ts'
import { Problem } from '../errors.ts'
import { reading, writing } from '../http/authorise.ts'
import { idempotencyKeyOf } from '../http/body.ts'
import type { Limits } from '../limits.ts'
import { idempotencyHeader, objectOf, ref } from '../schemas/common.ts'
import { draft, idParams, listQuery } from '../schemas/memories.ts'
import { schemaOf } from '../schemas/operation.ts'

const tag = 'memories'

interface ListQuery {
  readonly q?: string
  readonly kind?: string
  readonly tag?: string
  readonly since?: string
  readonly before?: string
  readonly limit?: string
}

const usualPage = 50

function dateOf(value: string, name: string): Date {
  const date = new Date(value)
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(value)
  // The Date constructor takes 30 February for a day in March.
  if (
    isTime &&
    !Number.isNaN(date.getTime()) &&
    date.toISOString().startsWith(value.slice(0, 19))
  ) {
    return date
  }
  throw new Problem('REQUEST_INVALID', `${name} must be a time such as 2026-01-31T12:00:00Z`)
}

function filterOf(query: ListQuery, limit: number): SearchFilter {
  const { tag: wanted, since, before } = query
  const found = recordKinds.find((each) => each === query.kind)
  return {
    limit,
    ...(found === undefined ? {} : { kind: found }),
    ...(wanted === undefined ? {} : { tag: wanted }),
    ...(since === undefined ? {} : { since: dateOf(since, 'since') }),
    ...(before === undefined ? {} : { before: BigInt(before) }),
  }
}

/** A record in a list, as JSON. */
function itemJson(item: SearchHit): Readonly<Record<string, unknown>> {
  return { ...item, index: item.index.toString() }
}

/** A record in full, as JSON. */
function memoryJson(view: RecordView): Readonly<Record<string, unknown>> {
  return { ...view, index: view.index.toString() }
}

/** What came of writing a record, as JSON. */
export function recordedJson(recorded: Recorded): Readonly<Record<string, unknown>> {
  return { ...recorded, index: recorded.index.toString() }
}

function addReads(app: FastifyInstance, { workspace }: ServerContext): void {
  app.get<{ Querystring: ListQuery }>(
    '/v1/memories',
    {
      config: { access: reading('memories:read') },
      schema: schemaOf({
        id: 'listMemories',
        tag,
        summary: 'Find records, the newest entries of the log first',
        query: listQuery,
        answers: {
          200: {
            description: 'A page of records',
            schema: objectOf(
              {
                items: { type: 'array', items: ref('MemoryItem') },
                next: {
                  type: 'string',
                  description: '`before` of the next page; absent on the last',
                },
              },
              ['items'],
            ),
          },
        },
        problems: ['NOT_READY'],
        token: 'optional',
      }),
    },
    async ({ query }) => {
      const limit = query.limit === undefined ? usualPage : Number(query.limit)
      // One more than is shown says whether there is a next page.
      const found = await workspace.search(query.q ?? '', filterOf(query, limit + 1))
      const items = found.slice(0, limit)
      const last = found.length > limit ? items.at(-1) : undefined
      return {
        items: items.map(itemJson),
        ...(last === undefined ? {} : { next: last.index.toString() }),
      }
    },
  )

  app.get<{ Params: { id: string } }>(
    '/v1/memories/:id',
    {
      config: { access: reading('memories:read') },
      schema: schemaOf({
        id: 'getMemory',
        tag,
        summary: 'Show a record',
        params: idParams,
        answers: { 200: { description: 'The record', schema: ref('Memory') } },
        problems: ['RECORD_NOT_FOUND', 'RECORD_AMBIGUOUS', 'NOT_READY'],
        token: 'optional',
      }),
    },
    async ({ params }) => memoryJson(await workspace.show(params.id)),
  )

  app.get<{ Params: { id: string } }>(
    '/v1/memories/:id/proof',
    {
      config: { access: reading('memories:read') },
      schema: schemaOf({
        id: 'proveMemory',
        tag,
        summary: 'Give a proof of a record that holds without this server',
        params: idParams,
        answers: { 200: { description: 'A proof bundle', mediaType: bundleMediaType } },
        problems: ['RECORD_NOT_FOUND', 'RECORD_AMBIGUOUS', 'NOT_READY'],
        token: 'optional',
      }),
    },
    async ({ params }, reply) => {
      const bytes = await workspace.prove(params.id)
      const name = params.id.replace('sha256:', '').slice(0, 16)
      return reply
        .type(bundleMediaType)
        .header('content-disposition', `attachment; filename="${name}.vmproof.json"`)
        .send(Buffer.from(bytes))
    },
  )
}

function addWrites(app: FastifyInstance, { workspace }: ServerContext, limits: Limits): void {
  app.post<{ Body: RecordDraft }>(
    '/v1/memories',
    {
      config: { access: writing('memories:write') },
      bodyLimit: limits.memoryBytes,
      schema: schemaOf({
        id: 'recordMemory',
        tag,
        summary: 'Sign, timestamp and log a record',
        description:
          'Answered once the record is on the disk and published, and cosigned where the log has witnesses. The key of the workspace signs it.',
        headers: idempotencyHeader,
        body: draft,
        answers: {
          200: { description: 'The key was known: the first record', schema: ref('Recorded') },
          201: { description: 'Recorded', schema: ref('Recorded') },
        },
        problems: [
          ...(['BODY_TOO_LARGE', 'MEDIA_TYPE_REFUSED', 'RECORD_INVALID'] as const),
          ...(['RECORD_TOO_LARGE', 'IDEMPOTENCY_CONFLICT', 'NOT_WITNESSED'] as const),
          ...(['LOG_FULL', 'UNAVAILABLE', 'NOT_READY'] as const),
        ],
        token: 'needed',
      }),
    },
    async (request, reply) => {
      const idempotencyKey = idempotencyKeyOf(request)
      const recorded = await workspace.record({
        ...request.body,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      })
      return reply
        .code(recorded.repeated ? 200 : 201)
        .header('location', `/v1/memories/${recorded.id}`)
        .send(recordedJson(recorded))
    },
  )
}

/** `/v1/memories` */
export function addMemories(app: FastifyInstance, context: ServerContext, limits: Limits): void {
  addReads(app, context)
  if (!context.readOnly) addWrites(app, context, limits)
}
