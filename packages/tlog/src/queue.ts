/** Group commit: entries that arrive while a batch is written make up the next one. */
import { TlogError, toTlogError } from './errors.ts'
import type { Committed } from './writer.ts'

/** Where an entry is, and the proof of it that the log owes from now on. */
export interface Appended {
  readonly index: bigint
  /** The signed checkpoint that covers the entry, published. */
  readonly checkpoint: string
}

interface Waiting {
  readonly entry: Uint8Array
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: TlogError) => void
}

/** Adds a batch. LOG_NO_SPACE says that nothing has happened; any other error ends the queue. */
export type Commit = (entries: readonly Uint8Array[]) => Promise<Committed>

/** Entries that wait to be added. */
export class AppendQueue {
  readonly #commit: Commit
  readonly #maxBatch: number
  readonly #waiting: Waiting[] = []
  #running: Promise<void> | undefined
  #failure: TlogError | undefined
  #isClosed = false

  constructor(commit: Commit, maxBatch: number) {
    this.#commit = commit
    this.#maxBatch = maxBatch
  }

  /** Adds an entry, after all that were added before. Rejects with LOG_CLOSED or LOG_FAILED too. */
  async add(entry: Uint8Array): Promise<Appended> {
    if (this.#isClosed) {
      throw new TlogError('LOG_CLOSED', 'the log was closed; open it again to add entries')
    }
    if (this.#failure !== undefined) throw latched(this.#failure)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Takes no more entries. Resolves once those that were taken are published, or have failed. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
  }

  async #run(): Promise<void> {
    // What is added in one go belongs to one batch.
    await Promise.resolve()
    while (this.#waiting.length > 0) await this.#addBatch(this.#waiting.splice(0, this.#maxBatch))
    this.#running = undefined
  }

  async #addBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const { first, checkpoint } = await this.#commit(batch.map(({ entry }) => entry))
      for (const [i, { resolve }] of batch.entries()) {
        resolve({ index: first + BigInt(i), checkpoint })
      }
    } catch (error) {
      const failure = toTlogError(error, 'adding entries')
      for (const { reject } of batch) reject(failure)
      if (failure.code !== 'LOG_NO_SPACE') this.#latch(failure)
    }
  }

  // After a failed sync the system may have dropped what it could not write, and say nothing of it
  // the next time. Only reading everything again, on opening, shows what is there.
  #latch(failure: TlogError): void {
    this.#failure = failure
    for (const { reject } of this.#waiting.splice(0)) reject(latched(failure))
  }
}

function latched(failure: TlogError): TlogError {
  return new TlogError(
    'LOG_FAILED',
    `nothing is added after an earlier failure; close the log and open it again (${failure.message})`,
    { cause: failure },
  )
}
