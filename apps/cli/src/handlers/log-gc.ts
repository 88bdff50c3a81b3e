import { collectPartials, openLogReader, posixTiles } from '@vaultmesh/tlog'
import type { Handler } from '../command.ts'
import type { logGcArguments } from '../commands/log.ts'
import { withLog } from '../log-target.ts'
import { toned } from '../text.ts'

/** `vm log gc` */
export const run: Handler<typeof logGcArguments> = (context, values) =>
  withLog(context, values, async ({ origin, directory, verifiers }) => {
    const head = await (await openLogReader({ directory, origin, verifiers })).head()
    const tiles = posixTiles(directory)
    const deleted = await collectPartials(head, { tiles, signal: context.signal })
    return {
      json: { deleted, directory, origin },
      text: [
        [toned('good', '\u2713'), ` ${deleted === 1 ? 'one file' : `${deleted} files`} deleted`],
      ],
    }
  })
