/** Runs programs and reads the operating system's own accounting of them. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { findProgram } from '@vaultmesh/testing/programs'

/** What to run: an absolute path with its arguments, and its whole environment. */
export interface Launch {
  readonly command: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

/** How it went. Milliseconds, and MiB. */
export interface Launched {
  readonly code: number
  /** From just before the start until the system said that it had ended. */
  readonly wall: number
  /** What wait4(2) says; undefined where nothing can ask it. */
  readonly user?: number
  readonly system?: number
  readonly peak?: number
  /** Both outputs, up to 1 MiB. */
  readonly output: string
}

/** Starts programs one after another. */
export interface Launcher {
  /** Runs one program to its end. Throws where it can't be started. */
  run(launch: Launch): Promise<Launched>
  close(): void
}

/** `launcher.py`, which can call wait4(2). */
class PythonLauncher implements Launcher {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: Interface
  readonly #answers: AsyncIterator<string>

  constructor(python: string) {
    this.#child = spawn(python, [join(import.meta.dirname, 'launcher.py')])
    this.#lines = createInterface({ input: this.#child.stdout })
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  async run({ command, cwd, env }: Launch): Promise<Launched> {
    this.#child.stdin.write(`${JSON.stringify({ command, cwd, env })}\n`)
    const { value, done } = await this.#answers.next()
    if (done === true) throw new Error('the launcher ended')
    const answer: Launched | { readonly error: string } = JSON.parse(value)
    if ('error' in answer) throw new Error(`${command[0]}: ${answer.error}`)
    return answer
  }

  close(): void {
    this.#lines.close()
    this.#child.stdin.end()
  }
}

/** Node alone: it knows when a child ended, not what it used. */
const wallOnly: Launcher = {
  async run({ command: [file, ...args], cwd, env }) {
    const begin = performance.now()
    const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, env, encoding: 'utf8' })
    const wall = performance.now() - begin
    if (error !== undefined) throw error
    return { code: status ?? -1, wall, output: stdout + stderr }
  },
  close() {},
}

/** The best launcher that this machine allows. */
export function startLauncher(): Launcher {
  const python = findProgram('python3')
  return python === undefined ? wallOnly : new PythonLauncher(python)
}
