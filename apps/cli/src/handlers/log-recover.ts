import { recoverLog } from '@vaultmesh/tlog'
import type { Handler } from '../command.ts'
import type { logRecoverArguments } from '../commands/log.ts'
import { withLog, writerOf } from '../log-target.ts'
import { toned } from '../text.ts'

/** `vm log recover` */
export const run: Handler<typeof logRecoverArguments> = (context, values) =>
  withLog(context, values, async (target) => {
    const expectedSize = values['expected-size']
    const log = await recoverLog({ ...(await writerOf(context, target)), expectedSize })
    await log.close()
    const { origin } = target
    return {
      json: { origin, size: String(expectedSize) },
      text: [
        [toned('good', '\u2713'), ` the log ${origin} goes on after ${expectedSize} records`],
        'Never write to another copy of it.',
      ],
    }
  })
