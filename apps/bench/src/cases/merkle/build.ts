/** Building whole trees. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BenchCase, Timed, Variant } from '../../harness/case.ts'
import { fixedEntries } from '../entries.ts'
import { batchSize, builders, ourBatchHasher } from './builders.ts'

const run = promisify(execFile)
const entryLength = 256

function hex(root: unknown): string {
  if (!(root instanceof Uint8Array)) throw new Error('a root is bytes')
  return Buffer.from(root).toString('hex')
}

async function buildInProcess(name: string, count: number): Promise<Timed> {
  const script = join(import.meta.dirname, 'build-process.ts')
  const { stdout } = await run(process.execPath, [...process.execArgv, script, name, `${count}`])
  const { ms, root, peak }: { ms: number; root: string; peak: number } = JSON.parse(stdout)
  return { samples: [ms], result: root, memory: { peak } }
}

/** 2^20 leaves, one process per tree. */
export const buildLarge: BenchCase = {
  title: 'Build a tree of 2^20 entries',
  async prepare({ scale }) {
    const count = scale === 'smoke' ? 2 ** 9 : 2 ** 20
    const all = await builders()
    return {
      input: `${count.toLocaleString('en')} entries of ${entryLength} bytes in memory; the RFC 6962 tree over SHA-256. One process per tree: it warms up with 2^13 entries, and the build alone is timed.`,
      items: { count, name: 'leaves' },
      rounds: 7,
      variants: all
        .filter(({ name }) => name !== '@openzeppelin/merkle-tree')
        .map(({ name, role, note }) => ({
          kind: 'timed',
          process: true,
          name,
          role,
          note,
          run: () => buildInProcess(name, count),
        })),
      absent: [
        {
          name: '@openzeppelin/merkle-tree',
          why: 'takes minutes for one such tree; it is measured on the smaller tree below',
        },
      ],
    }
  },
}

/** Small enough for the slowest peer. */
export const buildSmall: BenchCase = {
  title: 'Build a tree of 2^13 entries',
  async prepare({ scale }) {
    const count = scale === 'smoke' ? 2 ** 9 : 2 ** 13
    const entries = fixedEntries(count, entryLength)
    const { hasher } = await ourBatchHasher()
    const calls: Variant[] = (await builders()).map(({ name, role, note, build }) => ({
      kind: 'call',
      name,
      role,
      note,
      run: () => build(entries),
      result: hex,
    }))
    const [ours] = await builders()
    const root = hex(ours?.build(entries))
    return {
      input: `${count.toLocaleString('en')} entries of ${entryLength} bytes in memory; the RFC 6962 tree over SHA-256.`,
      items: { count, name: 'leaves' },
      isIsolated: true,
      variants: [
        ...calls,
        {
          kind: 'call',
          name: 'the hashes alone',
          role: 'floor',
          note: 'our hasher on as many leaves and nodes, and nothing else',
          run() {
            for (let at = 0; at < count; at += batchSize) {
              hasher.hashSubtree(hasher.hashLeaves(entries.slice(at, at + batchSize)))
            }
            return root
          },
          result: String,
        },
      ],
      notes: [
        '@openzeppelin/merkle-tree sorts pairs by default; here it is told not to, which its builder allows and its proofs do not.',
      ],
      async figures(medians) {
        const share = 1 - (medians.get('the hashes alone') ?? 0) / (medians.get('ours') ?? 1)
        return [
          { name: 'our time that is not spent hashing', value: `${(100 * share).toFixed(0)} %` },
        ]
      },
    }
  },
}
