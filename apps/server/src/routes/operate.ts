/** For those who operate the server: whether it lives, whether it can work, what it does, what it takes. */
import type { FastifyInstance } from 'fastify'
import type { ServerContext } from '../context.ts'
import { publicAccess, reading } from '../http/authorise.ts'
import { anyObject, objectOf, type Schema } from '../schemas/common.ts'
import { schemaOf } from '../schemas/operation.ts'

const tag = 'operation'

const state = (...states: readonly string[]): Schema =>
  objectOf({ status: { type: 'string', enum: [...states] } })

function addHealth(app: FastifyInstance, context: ServerContext): void {
  const { workspace, router, isDraining } = context
  app.get(
    '/healthz',
    {
      config: { access: publicAccess },
      schema: schemaOf({
        id: 'getHealth',
        tag,
        summary: 'Say that the process answers',
        answers: { 200: { description: 'It does', schema: state('ok') } },
        token: 'public',
      }),
    },
    async () => ({ status: 'ok' }),
  )

  app.get(
    '/readyz',
    {
      config: { access: publicAccess },
      schema: schemaOf({
        id: 'getReadiness',
        tag,
        summary: 'Say whether requests can be answered now',
        answers: {
          200: { description: 'They can', schema: state('ready') },
          503: { description: 'They can not', schema: state('draining', 'failing') },
        },
        token: 'public',
      }),
    },
    async (request, reply) => {
      if (isDraining()) return reply.code(503).send({ status: 'draining' })
      try {
        // Reads the log's checkpoint and verifies its signature.
        await workspace.timeline({ limit: 1 })
        // A log or a ledger that could not be written takes nothing more until it is opened again.
        const failure = router?.failure ?? (await workspace.recordFailure())
        if (failure !== undefined) throw failure
        return { status: 'ready' }
      } catch (err) {
        request.log.error({ err }, 'not ready')
        return reply.code(503).send({ status: 'failing' })
      }
    },
  )
}

/** `/healthz`, `/readyz`, `/metrics`, `/openapi.json` */
export function addOperate(app: FastifyInstance, context: ServerContext): void {
  const { registry } = context.metrics
  addHealth(app, context)

  app.get(
    '/metrics',
    {
      config: { access: reading('metrics') },
      schema: schemaOf({
        id: 'getMetrics',
        tag,
        summary: 'Give figures for Prometheus',
        answers: { 200: { description: 'Prometheus text', mediaType: 'text/plain' } },
        token: 'optional',
      }),
    },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  )

  app.get(
    '/openapi.json',
    {
      config: { access: publicAccess },
      schema: schemaOf({
        id: 'getOpenapi',
        tag,
        summary: 'Describe this API',
        answers: { 200: { description: 'OpenAPI 3.1', schema: anyObject } },
        token: 'public',
      }),
    },
    async (_request, reply) => reply.type('application/json').send(JSON.stringify(app.swagger())),
  )
}
