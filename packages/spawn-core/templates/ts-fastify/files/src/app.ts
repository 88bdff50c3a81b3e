import fastify, { type FastifyInstance, type FastifyRequest, LogController } from 'fastify'
import type { Config } from './config.ts'
import { addProbes, probePaths, type Readiness } from './health.ts'
import { type LogStream, loggerOptions, pathOf, requestId, traceId } from './logging.ts'
import type { Metrics } from './metrics.ts'
import { sendError, sendNotFound } from './problem.ts'
import { addRoutes } from './routes.ts'
import type { Service } from './service.ts'

export interface Dependencies {
  readonly config: Config
  readonly service: Service
  readonly readiness: Readiness
  readonly metrics: Metrics
  readonly logStream?: LogStream
}

/** Builds the HTTP application without listening, so that tests can inject requests. */
export function buildApp(dependencies: Dependencies): FastifyInstance {
  const { config, service, readiness, metrics, logStream } = dependencies

  const app = fastify({
    logger: loggerOptions(config.logLevel, service, logStream),
    // One line per request is written below, when its outcome is known.
    logController: new LogController({
      disableRequestLogging: true,
      requestIdLogLabel: 'request_id',
    }),
    genReqId: requestId,
    childLoggerFactory: (logger, bindings, options, request) => {
      const trace = traceId(request)
      return logger.child(
        trace === undefined ? bindings : { ...bindings, trace_id: trace },
        options,
      )
    },
    bodyLimit: config.bodyLimit,
    requestTimeout: config.requestTimeoutMs,
    handlerTimeout: config.requestTimeoutMs,
    // A request that reached this instance is served, even while it drains.
    return503OnClosing: false,
    ajv: { customOptions: { removeAdditional: false } },
    frameworkErrors: sendError,
  })

  app.setErrorHandler(sendError)
  app.setNotFoundHandler(sendNotFound)

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'x-request-id': request.id,
    })
  })

  app.addHook('onSend', async (_request, reply) => {
    // Sends clients with a kept-alive connection elsewhere, and lets the server close it.
    if (readiness.draining) reply.header('connection', 'close')
  })

  app.addHook('onResponse', async (request, reply) => {
    const route = routeOf(request)
    if (probePaths.has(route)) return
    const { method } = request
    const status = reply.statusCode
    metrics.observe({ method, route, status, seconds: reply.elapsedTime / 1_000 })
    const duration_ms = Math.round(reply.elapsedTime)
    request.log.info({ method, path: pathOf(request), route, status, duration_ms }, 'request')
  })

  app.addHook('onRequestAbort', async (request) => {
    request.log.info({ method: request.method, route: routeOf(request) }, 'client went away')
  })

  addProbes(app, readiness)
  addRoutes(app, service)
  return app
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unmatched'
}
