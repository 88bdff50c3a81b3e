/**
 * One process that builds one tree: `node build-process.ts NAME COUNT`. Writes one line of JSON:
 * the milliseconds of the build alone, its root and the process's peak memory in MiB.
 */
import { parseArgs } from 'node:util'
import { peakMemory } from '../../harness/memory.ts'
import { fixedEntries } from '../entries.ts'
import { builders } from './builders.ts'

const [name, count] = parseArgs({ allowPositionals: true }).positionals
const builder = (await builders()).find((candidate) => candidate.name === name)
if (builder === undefined) throw new Error(`there is no builder ${name}`)
// Warms up: the compiler has seen every path before the clock runs.
builder.build(fixedEntries(2 ** 13, 256, 1))
const entries = fixedEntries(Number(count), 256)
const begin = performance.now()
const root = builder.build(entries)
const ms = performance.now() - begin
const answer = { ms, root: Buffer.from(root).toString('hex'), peak: peakMemory() }
process.stdout.write(`${JSON.stringify(answer)}\n`)
