/** Bounds on how much others can ask for. */
import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../errors.ts'
import type { Limits } from '../limits.ts'

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
  if (requestsPerMinute === null) return
  await app.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: 60_000,
    cache: 10_000,
    // A token counts by its name, wherever it is used; one that is refused counts for its address.
    keyGenerator: ({ client, ip }) =>
      typeof client === 'object' && client !== null ? `token ${client.name}` : ip,
    errorResponseBuilder: (_request, { after }) =>
      new Problem('RATE_LIMITED', `Too many requests. Ask again in ${after}.`),
  })
}
