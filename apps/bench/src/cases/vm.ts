/** The built `vm`, and a home for it. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Unavailable } from '../harness/case.ts'

/** The file that npm's `vm` starts. Throws {@link Unavailable} where it is not built. */
export function builtVm(): string {
  const manifest = fileURLToPath(import.meta.resolve('@vaultmesh/cli/package.json'))
  const path = join(dirname(manifest), 'dist/vm.js')
  if (!existsSync(path)) throw new Unavailable('vm is not built: run this without --sources')
  return path
}

/** A workspace of its own, with a home and a git identity; nothing of the user's is read. */
export interface VmHome {
  readonly env: Readonly<Record<string, string>>
  readonly workspace: string
  /** Runs `vm` in the workspace. */
  readonly run: (...args: readonly string[]) => void
}

/** Makes a home and a workspace below `directory`. */
export function makeVmHome(vm: string, directory: string): VmHome {
  const [home, workspace] = [join(directory, 'home'), join(directory, 'shop')]
  mkdirSync(home)
  mkdirSync(workspace)
  writeFileSync(join(home, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.com\n')
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, LC_ALL: 'C' }
  const run = (...args: readonly string[]): void => {
    execFileSync(process.execPath, [vm, ...args], { cwd: workspace, env, stdio: 'pipe' })
  }
  run('init', '--no-passphrase', '--namespace', 'payments')
  return { env, workspace, run }
}
