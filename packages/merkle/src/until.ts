/** Work that ends by its result, by the clock, or because nobody wants it any more. */

/** How work ended. */
export type Outcome<T> =
  | { readonly ended: 'done'; readonly value: T }
  | { readonly ended: 'aborted' | 'timeout' }

// One for all: to make one, with its stack, would take a tenth of what it takes to read a tile.
const over = new DOMException('There is an outcome already.', 'AbortError')

/**
 * Starts `work`, unless it is no longer wanted, and gives what comes first: its result, an abort by
 * one of `signals`, or, where `timeoutMs` is given, the end of that time. The signal that `work` gets
 * is aborted as soon as there is an outcome; work that goes on all the same is not waited for.
 * Rejects where `work` does, or throws.
 */
export function until<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signals: readonly (AbortSignal | undefined)[],
  timeoutMs?: number,
): Promise<Outcome<T>> {
  if (signals.some((signal) => signal?.aborted)) return Promise.resolve({ ended: 'aborted' })
  const controller = new AbortController()
  const { promise, resolve, reject } = Promise.withResolvers<Outcome<T>>()
  const abort = (): void => resolve({ ended: 'aborted' })
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => resolve({ ended: 'timeout' }), timeoutMs)
  for (const signal of signals) signal?.addEventListener('abort', abort, { once: true })
  const running = new Promise<T>((give) => give(work(controller.signal)))
  running.then((value) => resolve({ ended: 'done', value }), reject)
  return promise.finally(() => {
    clearTimeout(timer)
    for (const signal of signals) signal?.removeEventListener('abort', abort)
    controller.abort(over)
  })
}
