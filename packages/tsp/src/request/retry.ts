/** Tries again what may go away by itself, within a deadline. */
import { TspError } from '../errors.ts'
import type { Failure } from './exchange.ts'

/** Time and chance: the tests bring their own. */
export interface Surroundings {
  /** Milliseconds that only grow. */
  elapsed(): number
  /** Milliseconds since 1970: a Retry-After may be a date. */
  now(): number
  /** From 0 to 1. */
  random(): number
  /** Waits; rejects when `signal` is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  /** Is aborted after that time. */
  timeout(milliseconds: number): AbortSignal
}

/** The machine's. */
export const surroundings: Surroundings = {
  elapsed: () => performance.now(),
  now: () => Date.now(),
  random: () => Math.random(),
  timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop)
        resolve()
      }, milliseconds)
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    }),
}

/** How often and how long. */
export interface RetryLimits {
  readonly attempts: number
  /** For all attempts and the waits between them, in milliseconds. */
  readonly deadline: number
  /** For one attempt, in milliseconds. */
  readonly attemptTimeout: number
  readonly signal: AbortSignal | undefined
}

/** The first wait, and the longest that is chosen here, in milliseconds. */
const waits = { first: 500, longest: 10_000 } as const

/** The longest time that timers take, in milliseconds: some 24 days. */
const longestTimeout = 2 ** 31 - 1

/**
 * Runs `attempt` until it succeeds, fails for good, or the limits are reached; then throws the last
 * {@link TspError}. Waits twice as long each time, by chance anything down to nothing (so that many
 * clients don't come back at once), and never less than a server asks for.
 */
export async function retry<T extends { readonly ok: true }>(
  attempt: (signal: AbortSignal, number: number) => Promise<T | Failure>,
  { attempts, deadline, attemptTimeout, signal: caller }: RetryLimits,
  { elapsed, now, random, sleep, timeout }: Surroundings,
): Promise<T> {
  const end = elapsed() + deadline
  const never = new AbortController().signal
  const aborted = () => new TspError('ABORTED', 'the caller aborted the request')
  const isAborted = () => caller?.aborted === true
  for (let number = 1; ; number += 1) {
    if (isAborted()) throw aborted()
    const left = Math.max(0, end - elapsed())
    const limit = timeout(Math.ceil(Math.min(left, attemptTimeout, longestTimeout)))
    const result = await attempt(AbortSignal.any([limit, caller ?? never]), number)
    if (result.ok) return result
    if (isAborted()) throw aborted()
    const chosen = random() * Math.min(waits.longest, waits.first * 2 ** (number - 1))
    const wait = Math.max(chosen, askedWait(result.retryAfter, now()))
    // Waiting beyond the deadline would change nothing.
    const isLast = number >= attempts || elapsed() + wait >= end
    if (!result.isPassing || isLast) throw result.error
    await sleep(wait, caller ?? never).catch(() => {
      throw aborted()
    })
  }
}

/** Retry-After in milliseconds: whole seconds or a date (RFC 9110 section 10.2.3). */
function askedWait(text: string | undefined, now: number): number {
  if (text === undefined) return 0
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const date = Date.parse(text)
  return Number.isNaN(date) ? 0 : Math.max(0, date - now)
}
