/** Bounds on how much others can ask for. */
import rateLimit, { normalizeIP } from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'
import type { Limits } from '../limits.ts'
import { sendProblem } from './problem.ts'

function nothingHere(_request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(reply, 'NOT_FOUND', 'There is nothing here.')
}

/** Refuses requests when there are too many of one client, or more than can be answered. */
export async function addPressure(app: FastifyInstance, limits: Limits): Promise<void> {
  const { eventLoopDelayMs, requestsPerMinute } = limits
  if (eventLoopDelayMs !== null) {
    await app.register(underPressure, {
      maxEventLoopDelay: eventLoopDelayMs,
      pressureHandler: (request, reply) => {
        if (request.routeOptions.url === '/healthz') return
        reply.header('retry-after', '1')
        throw new Problem('OVERLOADED', 'The server has too much to do. Ask again in a moment.')
      },
    })
  }
  if (requestsPerMinute === null) return void app.setNotFoundHandler(nothingHere)
  await app.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: 60_000,
    cache: 10_000,
    // A token counts by its name, wherever it is used; one that is refused counts for its address,
    // and that for its network of 64 bits: whoever has one of IPv6 has all of it.
    keyGenerator: ({ client, ip }) =>
      typeof client === 'object' && client !== null ? `token ${client.name}` : normalizeIP(ip),
    errorResponseBuilder: (_request, { after }) =>
      new Problem('RATE_LIMITED', `Too many requests. Ask again in ${after}.`),
  })
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, nothingHere)
}
