/** Child processes that end with us, whatever happens. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** What to run. */
export interface ChildOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Called with each whole line that the child writes on stderr. */
  readonly onTalk?: (line: string) => void
}

/** How a child ended. A child that was killed has exit code 1. */
export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** How long a child may clean up after it was asked to end. */
const patienceMs = 10_000

/**
 * Runs a program to its end.
 *
 * It leads a process group of its own. When the signal aborts, the group is asked to end, and
 * killed when it does not: no grandchild outlives the call.
 *
 * @throws the signal's reason when it aborted; the system's error when the program can't start.
 */
export async function runChild(
  file: string,
  parameters: readonly string[],
  options: ChildOptions,
): Promise<Ended> {
  const { cwd, env, signal, onTalk } = options
  signal.throwIfAborted()
  const child = spawn(file, parameters, {
    cwd,
    env: { ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { stdout: '', stderr: '' }
  let unfinished = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text.stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text.stderr += chunk
    const lines = `${unfinished}${chunk}`.split('\n')
    unfinished = lines.pop() ?? ''
    for (const line of lines) onTalk?.(line)
  })
  let killer: NodeJS.Timeout | undefined
  const onAbort = (): void => {
    killGroup(child.pid, 'SIGTERM')
    killer = setTimeout(() => killGroup(child.pid, 'SIGKILL'), patienceMs)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const [exitCode] = (await once(child, 'close')) as [number | null]
    signal.throwIfAborted()
    return { exitCode: exitCode ?? 1, ...text }
  } finally {
    clearTimeout(killer)
    // Whoever is left of the group outlived its leader.
    if (signal.aborted) killGroup(child.pid, 'SIGKILL')
    signal.removeEventListener('abort', onAbort)
  }
}

function killGroup(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, name)
  } catch (error) {
    // The group is gone already, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
