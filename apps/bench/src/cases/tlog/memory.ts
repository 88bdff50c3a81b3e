/** Whether memory grows with what is appended. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BenchCase } from '../../harness/case.ts'

const run = promisify(execFile)
const length = 256
const youngFlag = '--max-semi-space-size=8'

/** Long runs of appends, each in a process of its own. */
export const appendMemory: BenchCase = {
  title: 'Memory while appending',
  async prepare({ directory, scale }) {
    const counts = scale === 'smoke' ? [100, 300] : [10_000, 200_000]
    const script = join(import.meta.dirname, 'append-process.ts')
    let made = 0
    return {
      input: `A process appends entries of ${length} bytes, 256 at a time, waiting for nothing but \`sequenced\`, until all are published. Times are per entry. With \`${youngFlag}\`: by default V8's young generation may grow to 128 MiB in a process that goes on allocating, however little it keeps.`,
      rounds: 7,
      subject: null,
      variants: counts.map((count) => ({
        kind: 'timed',
        process: true,
        name: `${count.toLocaleString('en')} entries`,
        role: 'ours',
        async run() {
          made += 1
          const folder = join(directory, `${made}`)
          const args = [...process.execArgv, youngFlag, script, folder, `${count}`, `${length}`]
          const { stdout } = await run(process.execPath, args)
          const { ms, ...memory }: { ms: number; base: number; peak: number } = JSON.parse(stdout)
          return { samples: [ms / count], result: 'published', memory }
        },
      })),
    }
  },
}
