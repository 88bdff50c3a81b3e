/**
 * A process that appends and does nothing else: `node append-process.ts FOLDER COUNT ENTRY_BYTES`.
 * Writes one line of JSON: the milliseconds until all are published, and its memory in MiB before
 * the first entry and at its peak.
 */
import { peakMemory, resetPeak, residentMemory } from '../../harness/memory.ts'
import { logOptions, MeasuredLog } from './log.ts'

const [directory = '', count, length] = process.argv.slice(2)
const measured = await MeasuredLog.create(logOptions(directory), Number(length), 300)
const base = residentMemory()
resetPeak()
const begin = performance.now()
for (let left = Number(count); left > 0; left -= 256) {
  const entries = measured.next(Math.min(left, 256))
  await Promise.all(entries.map((entry) => measured.log.add(entry).sequenced))
}
await measured.log.publish()
const ms = performance.now() - begin
process.stdout.write(`${JSON.stringify({ ms, base, peak: peakMemory() })}\n`)
await measured.log.close()
