/** Waits for a lock that can only be tried, without blocking. */
import { setTimeout as delay } from 'node:timers/promises'
import type { LockOptions } from './storage.ts'

const firstPauseMs = 5
const longestPauseMs = 100

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/** What `attempt` gives once it gives something, or undefined after the time that there is. */
export async function tryUntil<T>(
  attempt: () => T | undefined | Promise<T | undefined>,
  { timeoutMs, signal }: LockOptions,
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs
  signal?.throwIfAborted()
  for (let wait = firstPauseMs; ; wait = Math.min(2 * wait, longestPauseMs)) {
    const taken = await attempt()
    if (taken !== undefined) return taken
    const left = deadline - performance.now()
    if (left <= 0) return undefined
    await pause(Math.min(wait, left), signal)
  }
}
