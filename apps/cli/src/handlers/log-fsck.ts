import { checkLog } from '@vaultmesh/tlog'
import type { Handler } from '../command.ts'
import type { logFsckArguments } from '../commands/log.ts'
import { withLog } from '../log-target.ts'
import { toned } from '../text.ts'

/** `vm log fsck` */
export const run: Handler<typeof logFsckArguments> = (context, values) =>
  withLog(context, values, async ({ origin, directory, verifiers }) => {
    const { signal, talk } = context
    const { head, problems } = await checkLog({
      directory,
      origin,
      verifiers,
      signal,
      onProgress: (entries, size) => talk.status(`${entries} of ${size} entries`),
    })
    signal.throwIfAborted()
    const size = String(head.size)
    const json = {
      directory,
      origin,
      problems: problems.map(({ path, detail }) => ({ detail, path })),
      size,
    }
    if (problems.length === 0) {
      return { json, text: [[toned('good', '\u2713'), ` ${origin}: all files of ${size} entries`]] }
    }
    return {
      json,
      text: problems.map(({ path, detail }) => [toned('bad', '\u2717'), ` ${path}: ${detail}`]),
      failure: {
        code: 'VM_NOT_VERIFIED',
        message: `${problems.length === 1 ? 'one thing is' : `${problems.length} things are`} wrong in ${directory}`,
        hint: 'run `vm log repair`, with --from and a copy of the log where entries are damaged',
      },
    }
  })
