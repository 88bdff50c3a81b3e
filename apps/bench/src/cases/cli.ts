/** How long `vm` takes to start, beside Node itself. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openWorkspace } from '@vaultmesh/remembrancer/workspace'
import type { BenchCase, ProcessVariant } from '../harness/case.ts'
import { builtVm, makeVmHome } from './vm.ts'

const records = 100

/** Records notes as `vm memory record note` does, without a process for each. */
async function recordNotes(
  directory: string,
  env: Readonly<Record<string, string>>,
  count: number,
): Promise<void> {
  const workspace = await openWorkspace({ directory, env, clock: () => new Date() })
  for (let i = 0; i < count; i += 1) {
    const body = { text: `The note with number ${i}.` }
    await workspace.record({ kind: 'note', title: `Note ${i}`, body, details: {} })
  }
  await workspace.close()
}

/** Start-up. */
export const cliStart: BenchCase = {
  title: 'Start the command line',
  async prepare({ scale, directory }) {
    const vm = builtVm()
    const { env, workspace } = makeVmHome(vm, directory)
    const count = scale === 'smoke' ? 1 : records
    await recordNotes(workspace, env, count)
    const empty = join(directory, 'empty.mjs')
    writeFileSync(empty, '')
    const start = (name: string, args: readonly string[], shows: RegExp): ProcessVariant => ({
      kind: 'process',
      name,
      role: 'ours',
      command: [process.execPath, vm, ...args],
      cwd: workspace,
      env,
      result: (output) => (shows.test(output) ? 'shown' : output),
    })
    return {
      input: `One process each; \`memory timeline\` in a workspace of ${count} records.`,
      subject: 'bare Node',
      variants: [
        {
          kind: 'process',
          name: 'bare Node',
          role: 'floor',
          note: 'an empty ES module',
          command: [process.execPath, empty],
          cwd: workspace,
          env,
          result: () => 'shown',
        },
        start('vm --version', ['--version'], /^\d+\.\d+\.\d+/m),
        start('vm --help', ['--help'], /spawn/),
        start('vm memory timeline', ['memory', 'timeline'], / note +Note \d+ /),
      ],
    }
  },
}
