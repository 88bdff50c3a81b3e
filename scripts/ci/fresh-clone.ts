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
import { demoProblems } from '../lib/demo.ts'
import { output, run } from '../lib/run.ts'
import type { Outcome, Step } from '../lib/step.ts'
import { root } from '../lib/workspace.ts'

/** What the README asks for. */
const programs = ['node', 'npm', 'npx', 'git']
/** Browsers, of which the first command takes one where it is. The tests are run without. */
const browsers = ['chromium', 'chromium-browser', 'google-chrome']
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

/** Makes a folder for the PATH, with those of these programs that there are. */
function makePath(folder: string, names: readonly string[]): void {
  mkdirSync(folder)
  for (const name of names) {
    const found = machineProgram(name)
    if (found !== undefined) symlinkSync(found, join(folder, name))
    else if (programs.includes(name)) throw new Error(`${name} is not on the PATH`)
  }
}

/** Runs one of the README's commands in the clone. */
async function runInClone(
  script: string,
  { clone, environment, browsers: browserPath }: Surroundings,
  onOutput: (text: string) => void,
): Promise<Outcome> {
  const { PATH } = environment
  const npx = join(PATH, 'npx')
  if (!existsSync(npx)) throw new Error('npx is not on the PATH')
  const begun = performance.now()
  const isDemo = script === 'start'
  const path = isDemo ? [PATH, browserPath].join(delimiter) : PATH
  const options = { cwd: clone, onlyEnv: { ...environment, PATH: path }, onOutput }
  const { code, output: said } = await run(npx, ['-y', 'pnpm@12', script], options)
  const seconds = (performance.now() - begun) / 1000
  const problems = isDemo
    ? demoProblems(said, seconds, process.env['VAULTMESH_REQUIRE'] === 'all')
    : []
  return {
    ok: code === 0 && problems.length === 0,
    output: [said, ...problems].join('\n'),
    notes: [`${seconds.toFixed(0)} s from \`npx\` to its end`],
  }
}

interface Surroundings {
  readonly clone: string
  readonly environment: { readonly HOME: string; readonly PATH: string }
  /** A folder with the browsers. */
  readonly browsers: string
  readonly remove: () => void
}

async function surroundings(): Promise<Surroundings> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'vaultmesh-clone-'))
  // A test that runs as somebody else must be able to read the sources.
  chmodSync(folder, 0o755)
  const home = join(folder, 'home')
  const clone = join(folder, 'clone')
  mkdirSync(home)
  const at = (name: string): string => join(folder, name)
  makePath(at('bin'), [...programs, ...basics.split(' ')])
  makePath(at('browsers'), browsers)
  await output('git', ['clone', '--quiet', '--no-hardlinks', root, clone])
  return {
    clone,
    environment: { HOME: home, PATH: at('bin') },
    browsers: at('browsers'),
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
    run: async ({ onOutput }) => runInClone(script, await prepared(), onOutput),
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
