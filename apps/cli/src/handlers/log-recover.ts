import type { Handler } from '../command.ts'
import type { logRecoverArguments } from '../commands/operate.ts'
import { toned } from '../text.ts'
import { withWorkspace } from '../with-workspace.ts'

/** `vm log recover` */
export const run: Handler<typeof logRecoverArguments> = (context, values) =>
  withWorkspace(context, values['passphrase-file'], async (workspace) => {
    const size = values['expected-size']
    await workspace.recoverLog(size)
    return {
      json: { origin: workspace.origin, size: String(size) },
      text: [
        [toned('good', '\u2713'), ` the log ${workspace.origin} goes on after ${size} records`],
        'Never write to another copy of it.',
      ],
    }
  })
