/** What happens to every request before and after its handler. */
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import type { ServerContext } from '../context.ts'
import { Problem } from '../errors.ts'
import type { ServerOptions, Settings } from '../options.ts'
import { authorise, clientOf } from './authorise.ts'
import { guard } from './guard.ts'

/** What every answer says, unless a route says it otherwise. */
const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** The status, as nginx has it, of what nobody waited for; it is logged, and sent to nobody. */
const gone = 499

/** Those that say how the server is, to whoever decides where requests go. */
const whileDraining: readonly string[] = ['/healthz', '/readyz']

/** Adds what comes before the rate limit of a route, and after its answer. */
export function addHooks(
  app: FastifyInstance,
  { metrics, isDraining }: ServerContext,
  settings: Settings,
  { tokens, log: sink }: Pick<ServerOptions, 'tokens' | 'log'>,
): void {
  const check = guard(settings)
  const isLogged = sink !== undefined
  app.decorateRequest('client', null)

  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(headers)
    if (isDraining()) {
      reply.header('connection', 'close')
      if (!whileDraining.includes(request.routeOptions.url ?? '')) {
        throw new Problem('DRAINING', 'The server is about to end. Ask again in a moment.')
      }
    }
    check(request)
    request.client = clientOf(request.headers.authorization, tokens)
    done()
  })

  const note = (request: FastifyRequest, { elapsedTime }: FastifyReply, status: number): void => {
    const { client, method, routeOptions, log } = request
    const route = routeOptions.url ?? 'unmatched'
    metrics.answered(method, route, status, elapsedTime / 1000)
    if (!isLogged) return
    const who = typeof client === 'object' && client !== null ? { token: client.name } : {}
    const ms = Math.round(elapsedTime * 100) / 100
    log.info({ method, route, status, ms, ...who }, status === gone ? 'gone' : 'answered')
  }

  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = reply
    // What was begun for whoever has gone is done all the same.
    raw.once('close', () => {
      if (!raw.writableFinished) note(request, reply, gone)
    })
    done()
  })

  app.addHook('onResponse', (request, reply, done) => {
    note(request, reply, reply.statusCode)
    done()
  })
}

/**
 * Has every route that is added from now on ask who is there, after its rate limit and before its
 * body is read.
 */
export function addAuthorisation(app: FastifyInstance, { freeReads }: Settings): void {
  const hook: onRequestHookHandler = (request, reply, done) => {
    authorise(request, reply, freeReads)
    done()
  }
  app.addHook('onRoute', (route) => {
    const { onRequest = [] } = route
    route.onRequest = [...(Array.isArray(onRequest) ? onRequest : [onRequest]), hook]
  })
}
