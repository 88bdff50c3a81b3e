/** How whole-log and single-entry work grow with a log. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { TreeBuilder } from '@vaultmesh/merkle/build'
import { fsck } from '@vaultmesh/merkle/fsck'
import { openLog } from '@vaultmesh/tlog'
import type { BenchCase } from '../harness/case.ts'
import { indexedEntry } from './log-tree.ts'
import { batchSize, ourBatchHasher } from './merkle/builders.ts'
import { logOptions, timeEach } from './tlog/log.ts'

const run = promisify(execFile)

const length = 100

/** Entries are made anew for each build: ten million of them would not fit beside each other. */
function buildOnce(count: number, hasher: Parameters<typeof TreeBuilder.empty>[0]): number {
  const builder = TreeBuilder.empty(hasher)
  let ms = 0
  for (let at = 0; at < count; at += batchSize) {
    const width = Math.min(batchSize, count - at)
    const entries = Array.from({ length: width }, (_, i) => indexedEntry(at + i, length))
    const begin = performance.now()
    builder.append(entries)
    ms += performance.now() - begin
  }
  const begin = performance.now()
  builder.root()
  return ms + performance.now() - begin
}

/** One size. */
export function growthCase(size: number): BenchCase {
  return {
    title: `A log of ${size.toLocaleString('en')} entries`,
    async prepare({ directory, scale }) {
      const count = scale === 'smoke' ? Math.min(size, 300) : size
      const { hasher } = await ourBatchHasher()
      const options = logOptions(directory)
      const script = join(import.meta.dirname, 'tlog/make-log.ts')
      const flags = process.execArgv
      const { stdout } = await run(process.execPath, [
        ...flags,
        script,
        directory,
        `${count}`,
        `${length}`,
      ])
      const root = new Uint8Array(Buffer.from(stdout, 'hex'))
      const head = { size: BigInt(count), root }
      const source = (path: string) =>
        readFile(join(options.directory, path)).catch(() => undefined)
      let at = count
      let log = await openLog(options)
      return {
        input: `${count.toLocaleString('en')} entries of ${length} bytes on this disk. \`build\`: \`TreeBuilder\`, entries in memory. \`fsck\`: every file, read from the disk and checked. \`append\`: one entry until it is sequenced. \`reopen\`: \`openLog\`.`,
        subject: null,
        variants: [
          {
            kind: 'timed',
            name: 'build',
            role: 'ours',
            run: async () => ({ samples: [buildOnce(count, hasher)], result: 'done' }),
          },
          {
            kind: 'timed',
            name: 'fsck',
            role: 'ours',
            async run() {
              let sound = false
              const samples = await timeEach(
                1,
                () => undefined,
                async () => {
                  const report = await fsck(head, source, { hasher })
                  sound = report.complete && report.problems.length === 0
                },
              )
              return { samples, result: sound ? 'done' : 'problems' }
            },
          },
          {
            kind: 'timed',
            name: 'append',
            role: 'ours',
            async run() {
              const samples = await timeEach(
                10,
                () => {
                  at += 1
                  return indexedEntry(at - 1, length)
                },
                (entry) => log.add(entry).sequenced,
              )
              await log.publish()
              return { samples, result: 'done' }
            },
          },
          {
            kind: 'timed',
            name: 'reopen',
            role: 'ours',
            async run() {
              await log.close()
              const samples = await timeEach(
                1,
                () => undefined,
                async () => {
                  log = await openLog(options)
                },
              )
              return { samples, result: 'done' }
            },
          },
        ],
        dispose: () => log.close(),
      }
    },
  }
}
