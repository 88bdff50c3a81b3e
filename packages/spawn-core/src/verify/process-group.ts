/** A child process with all its descendants: started, watched and ended together. */
import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { systemCode } from '../errors.ts'
import type { Command } from '../template/verification.ts'
import { OutputTail } from './tail.ts'

/** How a process ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
  /** Set where the program could not be started. */
  readonly error?: Error
}

/** How long a group gets to end by itself before it is killed. */
const graceMs = 2_000

/** How long what left the group may keep its output open. */
const closeMs = 1_000

/** A child that leads a process group of its own. */
export class ProcessGroup {
  /** Resolves when the leader has ended and the rest of the group is killed. Never rejects. */
  readonly ended: Promise<Exit>
  // Two, because the order between two pipes is lost anyway, and neither may push the other out.
  readonly #tails = [new OutputTail(), new OutputTail()] as const
  #child: ChildProcess | undefined

  /** Starts `command` without a shell. */
  constructor(command: Command, cwd: string, env: Readonly<Record<string, string>>) {
    this.ended = this.#run(command, cwd, env).catch((error: unknown) => ({
      code: null,
      signal: null,
      error: error instanceof Error ? error : new Error(String(error)),
    }))
  }

  /** The end of what it wrote to stdout, then of what it wrote to stderr. */
  output(): string {
    return this.#tails
      .map((tail) => tail.text())
      .filter(Boolean)
      .join('\n')
  }

  async #run(command: Command, cwd: string, env: Readonly<Record<string, string>>): Promise<Exit> {
    const [program, ...args] = command
    const child = spawn(program, args, {
      cwd,
      env,
      // A group of its own: npm's children, and theirs, can then be signalled at once.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    child.stdout.on('data', (chunk: Buffer) => this.#tails[0].push(chunk))
    child.stderr.on('data', (chunk: Buffer) => this.#tails[1].push(chunk))
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
    const exit = await new Promise<Exit>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve({ code, signal }))
    })
    this.#signalGroup('SIGKILL')
    const giveUp = new AbortController()
    const late = delay(closeMs, undefined, { signal: giveUp.signal }).catch(() => undefined)
    await Promise.race([closed, late])
    giveUp.abort()
    child.stdout.destroy()
    child.stderr.destroy()
    return exit
  }

  #signalGroup(signal: NodeJS.Signals): void {
    if (this.#child?.pid === undefined) return
    try {
      process.kill(-this.#child.pid, signal)
    } catch (error) {
      // ESRCH: all of it has ended. EPERM (macOS): only zombies are left.
      if (!['ESRCH', 'EPERM'].includes(systemCode(error) ?? '')) throw error
    }
  }

  /** Sends SIGTERM to the leader alone, as Kubernetes does. */
  terminate(): void {
    this.#child?.kill('SIGTERM')
  }

  /** Ends the whole group: SIGTERM, and SIGKILL for what is still there after two seconds. */
  async stop(): Promise<Exit> {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) {
      this.#signalGroup('SIGTERM')
      const done = new AbortController()
      const timer = delay(graceMs, undefined, { signal: done.signal }).then(
        () => this.#signalGroup('SIGKILL'),
        () => undefined,
      )
      await this.ended
      done.abort()
      await timer
    }
    return this.ended
  }
}

/** What {@link runToEnd} waited for. */
export interface RunOutcome extends Exit {
  readonly timedOut: boolean
}

/** Waits until a group has ended; ends it itself at the deadline or when the signal aborts. */
export async function runToEnd(
  group: ProcessGroup,
  deadlineMs: number,
  signal: AbortSignal | undefined,
): Promise<RunOutcome> {
  let timedOut = false
  const stop = (): void => void group.stop()
  const timer = setTimeout(() => {
    timedOut = true
    stop()
  }, deadlineMs)
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted === true) stop()
  const exit = await group.ended
  clearTimeout(timer)
  signal?.removeEventListener('abort', stop)
  return { ...exit, timedOut }
}

/** How a process ended, in words. */
export function exitText({ code, signal, error }: Exit): string {
  if (error !== undefined) {
    return systemCode(error) === 'ENOENT' ? 'is not on the PATH' : `did not start: ${error.message}`
  }
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`
}
