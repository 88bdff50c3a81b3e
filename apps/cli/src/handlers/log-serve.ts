import { once } from 'node:events'
import { openLogReader, posixTiles } from '@vaultmesh/tlog'
import { staticLog } from '@vaultmesh/tlog/fastify'
import { fastify } from 'fastify'
import type { Handler } from '../command.ts'
import type { logServeArguments } from '../commands/log.ts'
import { withLog } from '../log-target.ts'
import { requireLoopback, requirePort } from '../serving.ts'
import { toned } from '../text.ts'

const usualPort = 6962n

/** `vm log serve` */
export const run: Handler<typeof logServeArguments> = async (context, values) => {
  const { host = '127.0.0.1' } = values
  requireLoopback(host)
  const port = requirePort(values.port ?? usualPort)
  return withLog(context, values, async ({ origin, directory, verifiers }) => {
    // A folder without a log, or with another one, is refused at once.
    const { size } = await (await openLogReader({ directory, origin, verifiers })).head()
    const app = fastify({ forceCloseConnections: 'idle', bodyLimit: 1 })
    // A page in a browser of this machine could have its own name resolve to this address.
    app.addHook('onRequest', async (request, reply) => {
      const { hostname } = request
      if (hostname === host || hostname === `[${host}]` || hostname === 'localhost') return
      await reply.code(421).type('text/plain').send('this address is served to this machine only\n')
    })
    await app.register(staticLog, { tiles: posixTiles(directory) })
    const url = `${await app.listen({ host, port })}/`
    context.talk.say([toned('good', '\u2713'), ` ${origin}, ${size} entries, at ${url}`])
    if (!context.signal.aborted) await once(context.signal, 'abort')
    await app.close()
    return { json: { origin, url }, text: [`${origin} is served no longer`] }
  })
}
