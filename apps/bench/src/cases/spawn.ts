/** Spawning a service, beside the least that it can cost. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type BenchCase, Unavailable } from '../harness/case.ts'
import { builtVm, makeVmHome } from './vm.ts'

const name = 'payment-service'
const template = 'ts-fastify'

interface PlainFile {
  readonly path: string
  readonly base64: string
  readonly mode: number
}

/** The files of a folder, but for git's own. */
function filesBelow(folder: string): PlainFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !relative(folder, path).startsWith('.git/'))
    .map((path) => ({
      path: relative(folder, path),
      base64: readFileSync(path).toString('base64'),
      mode: statSync(path).mode & 0o777,
    }))
}

/** `vm spawn create` of the built-in template. */
export const spawnCreate: BenchCase = {
  title: 'Spawn a service',
  async prepare({ directory, program }) {
    const git = program('git')
    if (git === undefined) throw new Unavailable('no git here')
    const vm = builtVm()
    const { env, workspace, run } = makeVmHome(vm, directory)
    const [ours, floor] = [join(workspace, name), join(directory, name)]
    const args = ['spawn', 'create', name, '--template', template]
    run(...args)
    const files = filesBelow(ours)
    const list = join(directory, 'files.json')
    writeFileSync(list, JSON.stringify(files))
    const tree = (folder: string) =>
      execFileSync(git, ['rev-parse', 'HEAD^{tree}'], { cwd: folder, env, encoding: 'utf8' }).trim()
    const clear = () => {
      for (const folder of [ours, floor]) rmSync(folder, { recursive: true, force: true })
    }
    return {
      input: `The template ${template}: ${files.length} files, committed to a new git repository. The trees that git gives for both are the same.`,
      variants: [
        {
          kind: 'process',
          name: 'vm spawn create',
          role: 'ours',
          note: 'also checks the files, signs their manifest, and records the spawn durably in the log of the workspace',
          command: [process.execPath, vm, ...args],
          cwd: workspace,
          env,
          before: clear,
          result: () => tree(ours),
        },
        {
          kind: 'process',
          name: 'floor',
          role: 'floor',
          note: 'starts Node, writes the same files, `git init`, `git add`, `git commit`',
          command: [process.execPath, join(import.meta.dirname, 'spawn-floor.mjs'), list, floor],
          cwd: directory,
          env,
          before: clear,
          result: () => tree(floor),
        },
      ],
      absent: ['copier', 'cookiecutter', 'yeoman', 'plop'].map((peer) => ({
        name: peer,
        why: 'the corpus is not translated into its templates yet',
      })),
    }
  },
}
