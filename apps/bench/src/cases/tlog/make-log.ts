/**
 * A process that makes a log and leaves, so that its garbage is in nobody's memory:
 * `node make-log.ts FOLDER COUNT ENTRY_BYTES`. Writes the root in hex.
 */
import { logOptions, makeLog } from './log.ts'

const [directory = '', count, length] = process.argv.slice(2)
const root = await makeLog(logOptions(directory), Number(count), Number(length))
process.stdout.write(Buffer.from(root).toString('hex'))
