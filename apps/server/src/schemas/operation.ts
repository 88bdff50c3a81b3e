/** What a route says of itself: for validation, for answers, and for the OpenAPI document. */
import { type ProblemCode, problems } from '../errors.ts'
import { problemMediaType } from '../http/problem.ts'
import type { Schema } from './common.ts'
import { ref } from './common.ts'

/** An answer: JSON by its schema, or another media type. */
export interface Answer {
  readonly description: string
  readonly schema?: Schema
  /** Where it is not JSON. */
  readonly mediaType?: string
}

/** An endpoint. */
export interface Operation {
  readonly id: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly params?: Schema
  readonly query?: Schema
  readonly headers?: Schema
  readonly body?: Schema
  /** The media types of the body, where it is not JSON. */
  readonly consumes?: readonly string[]
  readonly answers: Readonly<Record<number, Answer>>
  /** The problems of its own; those that any request may have are added. */
  readonly problems?: readonly ProblemCode[]
  /** `public` asks for nothing, `optional` for a token except on loopback. */
  readonly token: 'public' | 'optional' | 'needed'
}

const anywhere: readonly ProblemCode[] = [
  'REQUEST_INVALID',
  'HOST_REFUSED',
  'ORIGIN_REFUSED',
  'RATE_LIMITED',
  'DRAINING',
  'OVERLOADED',
  'INTERNAL',
]

const withToken: readonly ProblemCode[] = ['TOKEN_NEEDED', 'TOKEN_REFUSED', 'SCOPE_MISSING']

function answerSchema({ description, schema, mediaType }: Answer): Schema {
  const content = { [mediaType ?? 'application/json']: { schema: schema ?? { type: 'string' } } }
  return { description, content }
}

function problemAnswers(codes: readonly ProblemCode[]): Record<number, Schema> {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, each]) => [
      status,
      {
        description: [...new Set(each)].toSorted().join(', '),
        content: { [problemMediaType]: { schema: ref('Problem') } },
      },
    ]),
  )
}

const security: Readonly<Record<Operation['token'], readonly Schema[]>> = {
  public: [],
  optional: [{}, { token: [] }],
  needed: [{ token: [] }],
}

/** The schema of a Fastify route for an endpoint. */
export function schemaOf(operation: Operation): Schema {
  const { id, tag, summary, description, params, query, headers, body, consumes } = operation
  const codes = [
    ...anywhere,
    ...(operation.token === 'public' ? [] : withToken),
    ...(operation.problems ?? []),
  ]
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(params === undefined ? {} : { params }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(headers === undefined ? {} : { headers }),
    ...(body === undefined ? {} : { body }),
    ...(consumes === undefined ? {} : { consumes }),
    security: security[operation.token],
    response: {
      ...problemAnswers(codes),
      ...Object.fromEntries(
        Object.entries(operation.answers).map(([status, answer]) => [status, answerSchema(answer)]),
      ),
    },
  }
}
