/** Runs git so that no setting of the user or of a repository can run a program or change a byte. */
import { spawn } from 'node:child_process'
import { type Environment, gitEnvironment } from './environment.ts'
import { messageOf, SpawnError, systemCode, throwIfAborted } from './errors.ts'

/** How to run git. */
export interface GitOptions {
  /** The folder that it runs in. */
  readonly cwd: string
  /** The caller's environment, of which git gets a part. */
  readonly env: Environment
  readonly signal?: AbortSignal | undefined
}

/** How git ended, and what it said. */
export interface GitResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const settings = [
  // Programs that a user's or a repository's settings would start.
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'gc.auto=0',
  'maintenance.auto=false',
  // Filters, line ends and ignore rules that would commit other bytes or files than were made.
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.autocrlf=false',
  'core.safecrlf=false',
  'i18n.commitEncoding=UTF-8',
  // An identity guessed from the name of the machine is none.
  'user.useConfigOnly=true',
].flatMap((setting) => ['-c', setting])

function failedToStart(error: unknown, cwd: string): SpawnError {
  const code = systemCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
    ? new SpawnError(
        'GIT_MISSING',
        'git is not on the PATH. Install it (https://git-scm.com/downloads), then try again.',
        { cause: error },
      )
    : new SpawnError('GIT_FAILED', `git can't be started in ${cwd}: ${messageOf(error)}`, {
        cause: error,
      })
}

function start(args: readonly string[], options: GitOptions): Promise<GitResult> {
  const { cwd, env, signal } = options
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...settings, ...args], {
      cwd,
      env: gitEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stop = (): void => void child.kill('SIGKILL')
    const done = (): void => signal?.removeEventListener('abort', stop)
    signal?.addEventListener('abort', stop, { once: true })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', (error) => {
      done()
      reject(error)
    })
    child.on('close', (code) => {
      done()
      resolve({ code: code ?? 128, stdout, stderr })
    })
  })
}

/**
 * Runs `git` with arguments and waits until it has ended, also when the signal aborts.
 *
 * Throws `GIT_MISSING`, `GIT_FAILED` (can't be started) or `ABORTED`; another exit code than 0 is
 * returned.
 */
export async function git(args: readonly string[], options: GitOptions): Promise<GitResult> {
  throwIfAborted(options.signal)
  const result = await start(args, options).catch((error: unknown) => {
    throw failedToStart(error, options.cwd)
  })
  throwIfAborted(options.signal)
  return result
}

/** Runs git and gives what it wrote to stdout. Throws `GIT_FAILED` on another exit code than 0. */
export async function gitOutput(args: readonly string[], options: GitOptions): Promise<string> {
  const { code, stdout, stderr } = await git(args, options)
  if (code !== 0) {
    const said = stderr.trim().split('\n').slice(-5).join('\n')
    throw new SpawnError('GIT_FAILED', `git ${args[0] ?? ''} ended with ${code}: ${said}`)
  }
  return stdout
}
