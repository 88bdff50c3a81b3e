import { maxEntryLength } from '@vaultmesh/merkle/tiles'
import { openLog, TlogError } from '@vaultmesh/tlog'
import type { Handler } from '../command.ts'
import type { logAppendArguments } from '../commands/log.ts'
import { VmError } from '../errors.ts'
import { readNamed } from '../files.ts'
import { withLog, writerOf } from '../log-target.ts'
import { toned } from '../text.ts'

/** As much as is taken at a time; an entry has at most 64 KiB. */
const longestInput = 64 * 1024 * 1024

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const end = bytes.indexOf(0x0a, at)
    const next = end === -1 ? bytes.length : end
    if (next > at) lines.push(bytes.subarray(at, next))
    at = next + 1
  }
  return lines
}

/** Before any is added: what is in a log can't be taken out of it again. */
function requireAllFit(entries: readonly Uint8Array[]): void {
  const at = entries.findIndex(({ length }) => length > maxEntryLength)
  if (at === -1) return
  throw new TlogError(
    'ENTRY_TOO_LARGE',
    `an entry has at most ${maxEntryLength} bytes; number ${at + 1} of ${entries.length} has ${entries[at]?.length}, so nothing was added: log its digest and keep it elsewhere`,
  )
}

/** `vm log append` */
export const run: Handler<typeof logAppendArguments> = (context, values) =>
  withLog(context, values, async (target) => {
    const { file, lines } = values
    const bytes = await readNamed(context, file, longestInput)
    const entries = lines ? linesOf(bytes) : [bytes]
    if (entries.length === 0)
      throw new VmError('VM_USAGE', `${file} has no line with anything in it`)
    requireAllFit(entries)
    const log = await openLog(await writerOf(context, target))
    try {
      const added = await Promise.all(entries.map((entry) => log.add(entry).published))
      const indexes = added.map(({ index }) => String(index))
      const [first, last] = [indexes.at(0) ?? '', indexes.at(-1) ?? '']
      const which = indexes.length === 1 ? `entry ${first}` : `entries ${first} to ${last}`
      return {
        json: { indexes, origin: target.origin },
        text: [[toned('good', '\u2713'), ` ${which} of ${target.origin}`]],
      }
    } finally {
      await log.close()
    }
  })
