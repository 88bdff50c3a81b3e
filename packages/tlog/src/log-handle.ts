/** An open log. */
import { maxEntryLength } from '@vaultmesh/merkle/tiles'
import type { Addition, AddOptions, Appender } from './appender.ts'
import { TlogError } from './errors.ts'
import type { Head } from './head.ts'
import type { LogStatus } from './observer.ts'
import type { WriterContext } from './options.ts'
import { Pipeline } from './pipeline.ts'
import { Progress } from './progress.ts'
import { type IndexedEntry, type LogReader, TreeReader } from './reader.ts'
import { Session, type TakeUp } from './session.ts'

/** A log that this process writes. */
export interface Log extends LogReader, Appender {
  /**
   * Integrates and publishes all that was added so far, also what witnesses withheld their
   * cosignatures from before. Rejects with LOG_NOT_WITNESSED, LOG_FAILED, LOG_LOCKED or
   * LOG_CLOSED.
   */
  publish(): Promise<Head>
  /** How far this process has brought the log. */
  status(): LogStatus
  /** Publishes what is under way, then lets another writer in. Reading still works. */
  close(): Promise<void>
  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void>
}

/** The caller may use its buffer again while the entry waits. Out of Node's pool, which is faster. */
function copyOf(entry: Uint8Array): Uint8Array {
  const { buffer, byteOffset, length } = Buffer.from(entry)
  return new Uint8Array(buffer, byteOffset, length)
}

/** Binds a writer and a reader. */
export class OpenLog implements Log {
  readonly origin: string
  readonly #context: WriterContext
  readonly #reader: LogReader
  readonly #session: Session
  readonly #pipeline: Pipeline

  private constructor(context: WriterContext, takeUp: TakeUp) {
    this.origin = context.identity.origin
    this.#context = context
    this.#reader = new TreeReader(context)
    this.#session = new Session(context, async (before) => {
      const writer = await takeUp(before)
      if (writer !== before) await this.#pipeline.prepare(writer)
      return writer
    })
    this.#pipeline = new Pipeline(context, this.#session)
  }

  /** Takes the log up with `first`, and later, where others write it in between, with `again`. */
  static async open(context: WriterContext, first: TakeUp, again: TakeUp): Promise<OpenLog> {
    const log = new OpenLog(context, (before) => (before === undefined ? first : again)(before))
    await log.#session.enter()
    await log.#session.leave()
    return log
  }

  add(entry: Uint8Array, options: AddOptions = {}): Addition {
    const problem = this.#problem(entry, options)
    if (problem === undefined) return this.#pipeline.add(copyOf(entry))
    const refused = new Progress(() => undefined)
    refused.fail(problem)
    return refused
  }

  #problem(entry: Uint8Array, { dedupeKey }: AddOptions): TlogError | undefined {
    if (entry.length === 0) {
      return new TlogError('ENTRY_EMPTY', 'an entry has at least one byte; this one has none')
    }
    if (entry.length > maxEntryLength) {
      return new TlogError(
        'ENTRY_TOO_LARGE',
        `an entry has at most ${maxEntryLength} bytes; this one has ${entry.length}: log its digest and keep it elsewhere`,
      )
    }
    const { dedupeKeyOf } = this.#context
    if (dedupeKey === undefined || dedupeKeyOf?.(entry)?.key === dedupeKey) return undefined
    return new TlogError(
      'LOG_OPTIONS',
      dedupeKeyOf === undefined
        ? 'a log knows keys only with "dedupeKeyOf", which reads them from its entries; else they could not be found again'
        : `the entry has not the key ${JSON.stringify(dedupeKey.slice(0, 100))}`,
    )
  }

  publish(): Promise<Head> {
    return this.#pipeline.publish()
  }

  status(): LogStatus {
    return this.#pipeline.status()
  }

  async close(): Promise<void> {
    await this.#pipeline.close()
    await this.#session.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  head(): Promise<Head> {
    return this.#reader.head()
  }

  entry(index: bigint): Promise<Uint8Array> {
    return this.#reader.entry(index)
  }

  entries(from?: bigint, to?: bigint): AsyncIterable<IndexedEntry> {
    return this.#reader.entries(from, to)
  }

  prove(index: bigint): Promise<string> {
    return this.#reader.prove(index)
  }
}
