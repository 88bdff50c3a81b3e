/** Leases: shown, bound to what runs, and given back. */
import type { Router } from '@vaultmesh/aurora-router/router'
import type { FastifyInstance } from 'fastify'
import { reading, writing } from '../http/authorise.ts'
import { objectOf, ref, type Schema, text } from '../schemas/common.ts'
import { schemaOf } from '../schemas/operation.ts'

const tag = 'routing'

const params = objectOf({ id: text(64, 'The id of a lease') })
const fence: Schema = {
  type: 'integer',
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'The fence of the lease, as the answer before gave it',
}

interface Bind {
  readonly fence: number
  readonly reference: string
  readonly ttlMs: number
}

interface Release {
  readonly fence: number
  readonly chargedMicroUsd?: number
}

const problems = [
  ...(['LEASE_NOT_FOUND', 'LEASE_ENDED', 'BODY_TOO_LARGE'] as const),
  ...(['MEDIA_TYPE_REFUSED', 'UNAVAILABLE', 'NOT_READY'] as const),
]

/** `/v1/leases` */
export function addLeases(app: FastifyInstance, router: Router): void {
  app.get<{ Params: { id: string } }>(
    '/v1/leases/:id',
    {
      config: { access: reading('route') },
      schema: schemaOf({
        id: 'getLease',
        tag,
        summary: 'Show a lease',
        params,
        answers: { 200: { description: 'The lease', schema: ref('Lease') } },
        problems: ['LEASE_NOT_FOUND', 'UNAVAILABLE', 'NOT_READY'],
        token: 'optional',
      }),
    },
    async ({ params: { id } }) => router.lease(id),
  )

  app.post<{ Params: { id: string }; Body: Bind }>(
    '/v1/leases/:id/bind',
    {
      config: { access: writing('route') },
      schema: schemaOf({
        id: 'bindLease',
        tag,
        summary: 'Say that what was held now runs',
        params,
        body: objectOf({
          fence,
          reference: text(200, "The provider's name for what runs"),
          ttlMs: { type: 'integer', minimum: 1, maximum: 366 * 24 * 3_600_000 },
        }),
        answers: {
          200: { description: 'The lease, with a new fence', schema: ref('Lease') },
        },
        problems,
        token: 'needed',
      }),
    },
    async ({ params: { id }, body }) => router.bind(id, body.fence, body.reference, body.ttlMs),
  )

  app.post<{ Params: { id: string }; Body: Release }>(
    '/v1/leases/:id/release',
    {
      config: { access: writing('route') },
      schema: schemaOf({
        id: 'releaseLease',
        tag,
        summary: 'Give a lease back',
        params,
        body: objectOf(
          {
            fence,
            chargedMicroUsd: {
              type: 'integer',
              minimum: 0,
              maximum: Number.MAX_SAFE_INTEGER,
              description: 'What it came to; all that was set aside where it ran, unless given',
            },
          },
          ['fence'],
        ),
        answers: { 200: { description: 'The lease', schema: ref('Lease') } },
        problems,
        token: 'needed',
      }),
    },
    async ({ params: { id }, body: { fence: presented, chargedMicroUsd } }) =>
      router.release(id, presented, chargedMicroUsd === undefined ? {} : { chargedMicroUsd }),
  )
}
