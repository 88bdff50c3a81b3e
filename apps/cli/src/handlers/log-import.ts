import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { importDirectory } from '@vaultmesh/tlog'
import type { Handler } from '../command.ts'
import type { logImportArguments } from '../commands/log.ts'
import { VmError } from '../errors.ts'
import { streamNamed, unreadable } from '../files.ts'
import { withLog } from '../log-target.ts'
import { toned } from '../text.ts'

/** `vm log import` */
export const run: Handler<typeof logImportArguments> = async (context, values) => {
  const { file, log, vkey, origin: named } = values
  if (log !== undefined && vkey.length === 0 && named === undefined) {
    throw new VmError('VM_USAGE', '--log needs --vkey, or --origin where the log is yours', {
      hint: 'whose checkpoint is to be believed can not come from the file itself',
    })
  }
  return withLog(context, values, async ({ origin, directory, verifiers, place }) => {
    const ofWhich = [
      ...(log === undefined ? [] : ['--log', log]),
      ...vkey.flatMap((key) => ['--vkey', key]),
    ]
    const which = ofWhich.map((word) => ` ${word}`).join('')
    const archive = await streamNamed(context, file).catch((error: unknown) => {
      throw unreadable(file, error)
    })
    let missing: unknown
    archive.on('error', (error) => {
      // Whoever stops reading ends the stream with an error of its own.
      if ('errno' in error) missing = error
    })
    await mkdir(dirname(directory), { recursive: true })
    try {
      const { signal } = context
      const { size } = await importDirectory({ origin, verifiers, archive, directory, signal })
      return {
        json: { directory, origin, size: String(size) },
        text: [[toned('good', '\u2713'), ` ${origin} in ${directory}, ${size} entries`]],
        next: [
          `vm log fsck${which}`,
          ...(place === undefined
            ? []
            : [`vm log recover --expected-size N${which}   # to write to it again`]),
        ],
      }
    } catch (error) {
      throw missing === undefined ? error : unreadable(file, missing)
    }
  })
}
