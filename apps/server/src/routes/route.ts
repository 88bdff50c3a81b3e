/** GPU work: decided, and leased. */
import { randomUUID } from 'node:crypto'
import { type Offer, parseRequest, problemText } from '@vaultmesh/aurora-router'
import type { Receipt, Routed, Router } from '@vaultmesh/aurora-router/router'
import { routingDraft } from '@vaultmesh/remembrancer/workspace'
import type { FastifyInstance } from 'fastify'
import type { ServerContext } from '../context.ts'
import { Problem } from '../errors.ts'
import { reading, requireScope, writing } from '../http/authorise.ts'
import { idempotencyKeyOf } from '../http/body.ts'
import { idempotencyHeader, objectOf, ref, type Schema, text } from '../schemas/common.ts'
import { schemaOf } from '../schemas/operation.ts'
import { recordedJson } from './memories.ts'

const tag = 'routing'

const positive = (maximum: number): Schema => ({ type: 'integer', minimum: 1, maximum })
const micro: Schema = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }

const question: Schema = objectOf(
  {
    request: objectOf(
      {
        tenant: text(200, 'Whose budget pays'),
        gpu: text(60, 'By any of its names'),
        gpus: positive(1024),
        durationMs: positive(366 * 24 * 3_600_000),
        units: positive(2 ** 50),
        regions: { type: 'array', maxItems: 100, items: text(100) },
        maxPriceMicroUsd: micro,
        budgetMicroUsd: micro,
        maxLatencyMs: { type: 'number', minimum: 0, maximum: 1e9 },
        minReputation: { type: 'number', minimum: 0, maximum: 100 },
        spot: { type: 'boolean' },
      },
      ['tenant', 'gpu', 'gpus', 'durationMs'],
    ),
    ttlMs: {
      ...positive(366 * 24 * 3_600_000),
      description: 'How long it is held unless it is bound; five minutes unless given',
    },
    seed: { type: 'string', maxLength: 200, description: 'Decides between equal offers' },
    explain: {
      type: 'boolean',
      description: 'True adds `reasons`, `feasible`, and `candidates` with every offer',
    },
    record: {
      type: 'boolean',
      description:
        'True records the decision, which needs the scope memories:write too; with a key, from its first use on',
    },
  },
  ['request'],
)

interface Question {
  readonly request: unknown
  readonly ttlMs?: number
  readonly seed?: string
  readonly explain?: boolean
  readonly record?: boolean
}

const answer: Schema = objectOf(
  {
    chosen: { anyOf: [ref('Offer'), { type: 'null' }] },
    costMicroUsd: { type: ['integer', 'null'] },
    lease: { anyOf: [ref('Lease'), { type: 'null' }] },
    repeated: {
      type: 'boolean',
      description: 'True where the key was known: the first lease, as it is now',
    },
    policy: { type: 'string', description: 'The version of the policy' },
    catalog: objectOf({
      version: { type: 'string' },
      takenAt: { type: 'string' },
      offers: { type: 'integer' },
    }),
    why: ref('Candidate'),
    reasons: {
      type: 'object',
      additionalProperties: { type: 'integer' },
      description: 'How many offers are refused for each reason',
    },
    feasible: { type: 'integer', description: 'How many offers would do' },
    candidates: { type: 'array', items: ref('Candidate') },
    record: ref('Recorded'),
  },
  ['chosen', 'costMicroUsd', 'lease', 'repeated', 'policy', 'catalog'],
)

/** How many offers were refused for each reason, and how many were not. */
function reasonsOf({ candidates }: NonNullable<Routed['decision']>): {
  readonly reasons: Readonly<Record<string, number>>
  readonly feasible: number
} {
  const reasons: Record<string, number> = {}
  let feasible = 0
  for (const { reasonCode } of candidates) {
    if (reasonCode === null) feasible += 1
    else reasons[reasonCode] = (reasons[reasonCode] ?? 0) + 1
  }
  return { reasons, feasible }
}

/** What every answer of a router says of it. */
function sourceOf({ catalog, policy }: Router) {
  const { version, takenAt, offers } = catalog
  return { policy: policy.version, catalog: { version, takenAt, offers: offers.length } }
}

function routedJson(
  { catalog }: Router,
  source: ReturnType<typeof sourceOf>,
  { decision, lease, repeated }: Routed,
  explain: boolean,
) {
  const known = { repeated, lease, policy: source.policy, catalog: source.catalog }
  if (decision === null) {
    const chosen: Offer | null = (lease && catalog.offer(lease.offerId)) ?? null
    return { ...known, chosen, costMicroUsd: lease?.costMicroUsd ?? null }
  }
  const { chosen, costMicroUsd } = decision
  const why = chosen === null ? undefined : decision.candidate(chosen)
  const answered = { ...known, chosen, costMicroUsd, why }
  // Ten thousand reasons that nobody reads would cost more than the decision.
  if (chosen !== null && !explain) return answered
  const candidates = explain ? decision.candidates : undefined
  return { ...answered, ...reasonsOf(decision), candidates }
}

/** `/v1/route`, `/v1/route/offers` */
export function addRoute(app: FastifyInstance, context: ServerContext, router: Router): void {
  const { workspace, metrics, readOnly } = context
  const source = sourceOf(router)
  const recordReceipt = async (receipt: Receipt) =>
    recordedJson(await workspace.record(routingDraft(receipt)))

  app.post<{ Body: Question }>(
    '/v1/route',
    {
      config: { access: writing('route') },
      schema: schemaOf({
        id: 'routeWork',
        tag,
        summary: 'Choose the offer for a GPU job, and set it aside',
        description:
          'The lease is on the disk when this is answered. `why` has the utilities and the score of what was chosen. Where no offer will do, `chosen` and `lease` are null and `reasons` says why. A repeated answer has none of these.',
        headers: idempotencyHeader,
        body: question,
        answers: { 200: { description: 'The decision and its lease', schema: answer } },
        problems: [
          ...(['BODY_TOO_LARGE', 'MEDIA_TYPE_REFUSED', 'IDEMPOTENCY_CONFLICT'] as const),
          ...(['BUDGET_EXCEEDED', 'BUDGET_UNKNOWN', 'NOT_WITNESSED'] as const),
          ...(['LOG_FULL', 'UNAVAILABLE', 'NOT_READY'] as const),
        ],
        token: 'needed',
      }),
    },
    async (request, reply) => {
      const { ttlMs, seed, explain = false, record = false } = request.body
      const asked = parseRequest(request.body.request)
      if (!asked.ok) throw new Problem('REQUEST_INVALID', `request.${problemText(asked.problem)}`)
      if (record && readOnly) throw new Problem('REQUEST_INVALID', 'Nothing is recorded here.')
      if (record) requireScope(request, reply, 'memories:write')
      const key = idempotencyKeyOf(request) ?? randomUUID()
      const routed = await router.route(asked.value, key, {
        keepReceipt: record,
        ...(ttlMs === undefined ? {} : { ttlMs }),
        ...(seed === undefined ? {} : { seed }),
      })
      metrics.routed(routed.repeated ? 'repeated' : routed.lease === null ? 'refused' : 'leased')
      const said = routedJson(router, source, routed, explain)
      if (!record) return said
      // A retry finds the receipt with the lease, and the record by its idempotency key.
      if (routed.receipt !== null) return { ...said, record: await recordReceipt(routed.receipt) }
      throw new Problem(
        'IDEMPOTENCY_CONFLICT',
        `The key "${key}" was used without \`record\`, and what was decided then is gone.`,
      )
    },
  )

  app.get<{ Querystring: { gpu?: string } }>(
    '/v1/route/offers',
    {
      config: { access: reading('route') },
      schema: schemaOf({
        id: 'listOffers',
        tag,
        summary: 'List the offers with what is free of them, the cheapest first',
        query: objectOf({ gpu: text(60, 'Of this GPU alone, by any of its names') }, []),
        answers: {
          200: {
            description: 'The offers',
            schema: objectOf({ items: { type: 'array', items: ref('Offer') } }),
          },
        },
        problems: ['UNAVAILABLE', 'NOT_READY'],
        token: 'optional',
      }),
    },
    async ({ query }) => ({ items: router.offers(query.gpu) }),
  )
}
