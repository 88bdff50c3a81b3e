/** Serves something over HTTP to this machine alone. */
import { once } from 'node:events'
import { type FastifyInstance, fastify } from 'fastify'
import type { Context } from './command.ts'
import type { Address } from './serving.ts'
import { toned } from './text.ts'

/**
 * Serves until the signal aborts. `register` adds what is served; `started` is the line that says
 * so. Gives the URL.
 */
export async function serveThisMachine(
  { signal, talk }: Context,
  { host, port }: Address,
  register: (app: FastifyInstance) => Promise<unknown>,
  started: (url: string) => string,
): Promise<string> {
  const app = fastify({ forceCloseConnections: 'idle', bodyLimit: 1 })
  // A page in a browser of this machine could have its own name resolve to this address.
  app.addHook('onRequest', async (request, reply) => {
    const { hostname } = request
    if (hostname === host || hostname === `[${host}]` || hostname === 'localhost') return
    await reply.code(421).type('text/plain').send('this address is served to this machine only\n')
  })
  await register(app)
  const url = `${await app.listen({ host, port })}/`
  talk.say([toned('good', '\u2713'), ` ${started(url)}`])
  if (!signal.aborted) await once(signal, 'abort')
  await app.close()
  return url
}
