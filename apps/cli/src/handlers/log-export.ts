import { exportLog, posixTiles } from '@vaultmesh/tlog'
import type { Handler } from '../command.ts'
import type { logExportArguments } from '../commands/log.ts'
import { writeNamed } from '../files.ts'
import { withLog } from '../log-target.ts'
import { toned } from '../text.ts'

/** `vm log export` */
export const run: Handler<typeof logExportArguments> = (context, values) =>
  withLog(context, values, async ({ origin, directory, verifiers }) => {
    const { signal } = context
    const pieces = exportLog({ origin, verifiers, tiles: posixTiles(directory), signal })
    let bytes = 0
    async function* counted(): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces) {
        bytes += piece.length
        yield piece
      }
    }
    const file = await writeNamed(context, values.output, counted())
    return {
      json: { bytes, file, origin },
      text: [[toned('good', '\u2713'), ` ${origin} in ${file}, ${bytes} bytes`]],
    }
  })
