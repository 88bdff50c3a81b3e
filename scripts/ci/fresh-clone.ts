/** The README's two commands, in a fresh clone, in an environment that holds next to nothing. */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { output, run } from '../lib/run.ts'
import type { Outcome, Step } from '../lib/step.ts'
import { root } from '../lib/workspace.ts'

/** What the README asks for. */
const programs = ['node', 'npm', 'npx', 'git']
/** What every Linux has: the core utilities and their nearest kin. */
const basics =
  'sh [ awk base64 basename cat chgrp chmod chown cksum cmp comm cp cut date dd df diff dirname du echo env expr false find grep head id install kill link ln ls md5sum mkdir mkfifo mktemp mv nice nl nproc od paste printenv printf pwd readlink realpath rm rmdir sed seq sha256sum sleep sort split stat stty sync tail tee test timeout touch tr true truncate tty uname uniq unlink wc whoami xargs yes'

/** The first of these programs on the machine's own PATH, without what this workspace adds. */
function machineProgram(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    // Folders of packages: their `node` is the one that this workspace pins.
    if (folder === '' || /[/\\]node_modules[/\\]/.test(folder)) continue
    try {
      accessSync(join(folder, name), constants.X_OK)
      return join(folder, name)
    } catch {
      // Not in this folder.
    }
  }
  return undefined
}

/** Makes the folder that is the whole PATH. */
function makePath(folder: string): void {
  mkdirSync(folder)
  for (const name of [...programs, ...basics.split(' ')]) {
    const found = machineProgram(name)
    if (found !== undefined) symlinkSync(found, join(folder, name))
    else if (programs.includes(name)) throw new Error(`${name} is not on the PATH`)
  }
}

interface Surroundings {
  readonly clone: string
  readonly environment: Readonly<Record<string, string>>
  readonly remove: () => void
}

async function surroundings(): Promise<Surroundings> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'vaultmesh-clone-'))
  // A test that runs as somebody else must be able to read the sources.
  chmodSync(folder, 0o755)
  const home = join(folder, 'home')
  const clone = join(folder, 'clone')
  mkdirSync(home)
  makePath(join(folder, 'bin'))
  await output('git', ['clone', '--quiet', '--no-hardlinks', root, clone])
  return {
    clone,
    environment: { HOME: home, PATH: join(folder, 'bin') },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Nothing may be left in the clone that git would see. */
async function cleanTree(clone: string): Promise<Outcome> {
  const { stdout } = await run('git', ['status', '--porcelain', '--untracked-files=all'], {
    cwd: clone,
  })
  return { ok: stdout === '', output: `left in the tree:\n${stdout}` }
}

/** One step for each command, and one that looks at the tree after them. */
export function freshCloneSteps(): Step[] {
  let made: Promise<Surroundings> | undefined
  const prepared = (): Promise<Surroundings> => {
    made ??= surroundings()
    return made
  }
  const command = (script: string): Step => ({
    name: `fresh clone: ${script}`,
    run: async ({ onOutput }) => {
      const { clone, environment } = await prepared()
      const npx = join(environment['PATH'] ?? '', 'npx')
      if (!existsSync(npx)) throw new Error('npx is not on the PATH')
      const args = ['-y', 'pnpm@12', script]
      const { code, output: said } = await run(npx, args, {
        cwd: clone,
        onlyEnv: environment,
        onOutput,
      })
      return { ok: code === 0, output: said }
    },
  })
  return [
    command('start'),
    command('test'),
    {
      name: 'fresh clone: clean tree',
      run: async () => {
        const { clone, remove } = await prepared()
        try {
          return await cleanTree(clone)
        } finally {
          remove()
        }
      },
    },
  ]
}
