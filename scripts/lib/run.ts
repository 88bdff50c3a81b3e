/** Runs programs for our tools. */
import { type SpawnOptions, spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { root } from './workspace.ts'

/** The PATH with this workspace's programs first, as in a script of pnpm. */
function path(): string {
  const programs = join(root, 'node_modules/.bin')
  const current = process.env['PATH'] ?? ''
  return current.split(delimiter).includes(programs) ? current : programs + delimiter + current
}

/** How a program ended and what it wrote: stdout and stderr as they came, and stdout alone. */
export interface Ended {
  readonly code: number
  readonly output: string
  readonly stdout: string
  readonly stdoutBytes: Buffer
}

/** Where a program runs and where its output goes. */
export interface RunOptions {
  /** By default the repository. */
  readonly cwd?: string
  /** Changes to this process's environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The whole environment, in place of `env`. */
  readonly onlyEnv?: Readonly<Record<string, string>>
  /** Text for its standard input, which is empty otherwise. */
  readonly input?: string | Uint8Array
  /** Called with each piece of output, as it comes. */
  readonly onOutput?: (text: string) => void
}

/**
 * Runs a program to its end. Fails only where the program can't be started or is killed; any exit
 * code is a result.
 */
export function run(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  const settings: SpawnOptions = {
    cwd: options.cwd ?? root,
    env: options.onlyEnv ?? { ...process.env, PATH: path(), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  }
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, settings)
    const chunks: Buffer[] = []
    const standard: Buffer[] = []
    const take = (chunk: Buffer): void => {
      chunks.push(chunk)
      options.onOutput?.(chunk.toString())
    }
    child.stdout?.on('data', (chunk: Buffer) => {
      standard.push(chunk)
      take(chunk)
    })
    child.stderr?.on('data', take)
    // A program may end before it has read everything; that is its right.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(options.input)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (code === null) {
        reject(new Error(`${program} was killed by ${signal}`))
      } else {
        const stdoutBytes = Buffer.concat(standard)
        resolve({
          code,
          output: Buffer.concat(chunks).toString(),
          stdout: stdoutBytes.toString(),
          stdoutBytes,
        })
      }
    })
  })
}

/** Runs a program that must end with 0, and gives its stdout. */
export async function output(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const ended = await run(program, args, options)
  if (ended.code !== 0) {
    throw new Error(`${[program, ...args].join(' ')} ended with ${ended.code}\n${ended.output}`)
  }
  return ended.stdout
}

/** The pnpm that runs this script, or else the one that the README names. */
export function pnpm(): readonly [string, ...string[]] {
  const path = process.env['npm_execpath']
  if (path === undefined || !/pnpm/.test(path)) return ['npx', '-y', 'pnpm@12']
  // A JavaScript file where pnpm is installed as one, a program of its own where it is native.
  return /\.[cm]?js$/.test(path) ? [process.execPath, path] : [path]
}

/** The arguments of a command line, without the separator that pnpm hands on. */
export function commandLine(): string[] {
  return process.argv.slice(2).filter((argument) => argument !== '--')
}
