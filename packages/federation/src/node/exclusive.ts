/** Work on a mirror, one piece after the other, in this process and in others. */
import { type Lock, type LockBackend, TlogError } from '@vaultmesh/tlog'
import { FederationError } from '../errors.ts'
import { orAborted } from './abort.ts'
import { toFederationError } from './files.ts'

/** What is locked, and how. */
export interface ExclusiveOptions {
  /** What is worked on, for messages. */
  readonly what: string
  readonly lockOf: () => LockBackend
  /** How long to wait for another process, in milliseconds. */
  readonly timeoutMs: number
}

/** Whoever comes next waits: for this process as long as it takes, for others up to a limit. */
export class Exclusive {
  readonly #options: ExclusiveOptions
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: ExclusiveOptions) {
    this.#options = options
  }

  /**
   * Gives what `work` gives. Rejects with MIRROR_LOCKED, with what `work` rejects with if it is of
   * this package, else FEDERATION_IO or FEDERATION_NO_SPACE, and at once with the signal's reason.
   */
  run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const alone = async (): Promise<T> => {
      signal.throwIfAborted()
      const lock = await this.#acquire(signal)
      try {
        return await work()
      } catch (error) {
        signal.throwIfAborted()
        throw toFederationError(error, `advancing ${this.#options.what}`)
      } finally {
        await lock.release()
      }
    }
    const done = this.#last.then(alone)
    this.#last = done.catch(() => undefined)
    return orAborted(done, signal)
  }

  async #acquire(signal: AbortSignal): Promise<Lock> {
    const { what, lockOf, timeoutMs } = this.#options
    const lock = lockOf()
    try {
      await lock.prepare()
      return await lock.acquire({ timeoutMs, signal })
    } catch (cause) {
      signal.throwIfAborted()
      const isLocked = cause instanceof TlogError && cause.code === 'LOG_LOCKED'
      if (!isLocked) throw toFederationError(cause, `locking ${what}`)
      const message = `another process advances ${what}; try again when it is done`
      throw new FederationError('MIRROR_LOCKED', message, { cause })
    }
  }
}
