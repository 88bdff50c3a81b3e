/** The writer while it has the lock: for as long as the log is open, or for a few batches. */
import type { WriterContext } from './options.ts'
import type { Lock } from './storage.ts'
import type { LogWriter } from './writer.ts'

/** Takes up the log under the lock; `before` is what this process knew when it last had it. */
export type TakeUp = (before: LogWriter | undefined) => Promise<LogWriter>

/** Gives the writer to whoever works, and the lock back once nobody does. */
export class Session {
  readonly #context: WriterContext
  readonly #takeUp: TakeUp
  #users = 0
  #lock: Lock | undefined
  #writer: LogWriter | undefined
  #entering: Promise<LogWriter> | undefined
  #leaving: Promise<void> | undefined

  constructor(context: WriterContext, takeUp: TakeUp) {
    this.#context = context
    this.#takeUp = takeUp
  }

  /** The writer as it was last, undefined before anybody entered. */
  get writer(): LogWriter | undefined {
    return this.#writer
  }

  /** Has the lock until {@link leave}. Rejects as opening a log does. */
  async enter(): Promise<LogWriter> {
    this.#users += 1
    await this.#leaving
    const entering = this.#entering ?? this.#open()
    this.#entering = entering
    try {
      return await entering
    } catch (error) {
      this.#users -= 1
      if (this.#entering === entering) this.#entering = undefined
      throw error
    }
  }

  async #open(): Promise<LogWriter> {
    const { storage, lockTimeoutMs: timeoutMs, signal } = this.#context
    const lock = await storage.lock.acquire({ timeoutMs, signal })
    try {
      this.#writer = await this.#takeUp(this.#writer)
      this.#lock = lock
      return this.#writer
    } catch (error) {
      await storage.stage.close()
      await storage.keys.close()
      await lock.release()
      throw error
    }
  }

  /** Ends what {@link enter} began. A lock that others may want is given back with the last user. */
  async leave(): Promise<void> {
    this.#users -= 1
    if (this.#users > 0 || !this.#context.storage.lock.isShared) return
    await this.close()
  }

  /** Gives the lock back. */
  close(): Promise<void> {
    this.#leaving ??= this.#release().finally(() => {
      this.#leaving = undefined
    })
    return this.#leaving
  }

  async #release(): Promise<void> {
    const lock = this.#lock
    this.#lock = undefined
    this.#entering = undefined
    if (lock === undefined) return
    const { stage, keys } = this.#context.storage
    try {
      await stage.close()
      await keys.close()
    } finally {
      await lock.release()
    }
  }
}
