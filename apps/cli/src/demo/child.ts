/** Child processes that end with us, whatever happens. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'

/** What to run. */
export interface ChildOptions {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  /** Called with each whole line that the child writes on stdout. */
  readonly onLine?: (line: string) => void
  /** Called with each whole line that the child writes on stderr. */
  readonly onTalk?: (line: string) => void
}

/** How a child ended. A child that was killed has exit code 1. */
export interface Ended {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** A child that runs. */
export interface Child {
  /** Writes to its standard input. What a child that has ended no longer reads is lost. */
  write(text: string): void
  /** No more comes on its standard input. */
  endInput(): void
  /**
   * Its end. Rejects with the signal's reason where that has aborted, and with the system's error
   * where the program could not be started.
   */
  readonly ended: Promise<Ended>
  /** Ends it and everything that it started, and waits for that. */
  stop(): Promise<void>
}

/** How long a child may clean up after it was asked to end. */
const patienceMs = 10_000

/**
 * Starts a program.
 *
 * It leads a process group of its own. When the signal aborts, the group is asked to end, and
 * killed when it does not: no grandchild outlives it.
 *
 * @throws the signal's reason when it has aborted.
 */
export function startChild(
  file: string,
  parameters: readonly string[],
  options: ChildOptions,
): Child {
  const { cwd, env, signal, onLine, onTalk } = options
  signal.throwIfAborted()
  const child = spawn(file, parameters, { cwd, env: { ...env }, detached: true, stdio: 'pipe' })
  // A child may end before it has read everything.
  child.stdin.on('error', () => undefined)
  const stdout = collect(child.stdout, onLine)
  const stderr = collect(child.stderr, onTalk)
  let killer: NodeJS.Timeout | undefined
  const askToEnd = (): void => {
    if (killer !== undefined) return
    killGroup(child.pid, 'SIGTERM')
    killer = setTimeout(() => killGroup(child.pid, 'SIGKILL'), patienceMs)
  }
  const untilEnded = async (): Promise<Ended> => {
    try {
      const [exitCode] = (await once(child, 'close')) as [number | null]
      return { exitCode: exitCode ?? 1, stdout: stdout(), stderr: stderr() }
    } finally {
      clearTimeout(killer)
      // Whoever is left of the group outlived its leader.
      if (killer !== undefined) killGroup(child.pid, 'SIGKILL')
      signal.removeEventListener('abort', askToEnd)
    }
  }
  signal.addEventListener('abort', askToEnd, { once: true })
  const closed = untilEnded()
  const ended = closed.finally(() => signal.throwIfAborted())
  // Nobody may be waiting for it.
  ended.catch(() => undefined)
  return {
    write: (text) => void child.stdin.write(text),
    endInput: () => void child.stdin.end(),
    ended,
    async stop() {
      askToEnd()
      await closed.catch(() => undefined)
    },
  }
}

/**
 * Runs a program to its end, with nothing on its standard input.
 *
 * @throws the signal's reason when it aborted; the system's error when the program can't start.
 */
export async function runChild(
  file: string,
  parameters: readonly string[],
  options: ChildOptions,
): Promise<Ended> {
  const child = startChild(file, parameters, options)
  child.endInput()
  return await child.ended
}

/** Reads a stream to its end. Gives what was read until now, and each whole line as it comes. */
function collect(stream: Readable, onLine: (line: string) => void = () => undefined): () => string {
  let text = ''
  let unfinished = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    const lines = `${unfinished}${chunk}`.split('\n')
    unfinished = lines.pop() ?? ''
    for (const line of lines) onLine(line)
  })
  return () => text
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
