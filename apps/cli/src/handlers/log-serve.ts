import { openLogReader, posixTiles } from '@vaultmesh/tlog'
import { staticLog } from '@vaultmesh/tlog/fastify'
import type { Handler } from '../command.ts'
import type { logServeArguments } from '../commands/log.ts'
import { withLog } from '../log-target.ts'
import { loopbackAddress } from '../serving.ts'
import { serveThisMachine } from '../serving-http.ts'

const usualPort = 6962n

/** `vm log serve` */
export const run: Handler<typeof logServeArguments> = async (context, values) => {
  const address = loopbackAddress(values, usualPort)
  return withLog(context, values, async ({ origin, directory, verifiers }) => {
    // A folder without a log, or with another one, is refused at once.
    const { size } = await (await openLogReader({ directory, origin, verifiers })).head()
    const url = await serveThisMachine(
      context,
      address,
      async (app) => app.register(staticLog, { tiles: posixTiles(directory) }),
      (at) => `${origin}, ${size} entries, at ${at}`,
    )
    return { json: { origin, url }, text: [`${origin} is served no longer`] }
  })
}
