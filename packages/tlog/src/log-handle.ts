/** An open log. */
import { maxEntryLength } from '@vaultmesh/merkle/tiles'
import { TlogError } from './errors.ts'
import type { Head } from './head.ts'
import type { Lock } from './lock.ts'
import { type Appended, AppendQueue } from './queue.ts'
import type { IndexedEntry, LogReader } from './reader.ts'
import { maxBatch } from './stage.ts'
import type { LogWriter } from './writer.ts'

/** A log that this process, and no other, writes. */
export interface Log extends LogReader {
  /**
   * Adds an entry of 1 to 65,535 bytes. Resolves once it is on the disk and published under a
   * signed checkpoint. Entries keep the order of the calls; those that come while a batch is
   * written make up the next one, so call it many times without waiting where there are many.
   *
   * Rejects with ENTRY_EMPTY, ENTRY_TOO_LARGE, LOG_NO_SPACE (all of which leave the log usable) or
   * LOG_CLOSED where the entry is not in the log, and with LOG_FAILED where that shows only when
   * the log is closed and opened again.
   */
  append(entry: Uint8Array): Promise<Appended>
  /** Waits for the entries under way, then lets another writer in. Reading still works. */
  close(): Promise<void>
  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Binds a writer, its lock and a reader. */
export class OpenLog implements Log {
  readonly origin: string
  readonly #reader: LogReader
  readonly #queue: AppendQueue
  readonly #lock: Lock

  constructor(reader: LogReader, writer: LogWriter, lock: Lock) {
    this.origin = reader.origin
    this.#reader = reader
    this.#queue = new AppendQueue((entries) => writer.commit(entries), maxBatch)
    this.#lock = lock
  }

  async append(entry: Uint8Array): Promise<Appended> {
    if (entry.length === 0) {
      throw new TlogError('ENTRY_EMPTY', 'an entry has at least one byte; this one has none')
    }
    if (entry.length > maxEntryLength) {
      throw new TlogError(
        'ENTRY_TOO_LARGE',
        `an entry has at most ${maxEntryLength} bytes; this one has ${entry.length}: log its digest and keep it elsewhere`,
      )
    }
    // A copy: the caller may use its buffer again while the entry waits.
    return this.#queue.add(Uint8Array.from(entry))
  }

  async close(): Promise<void> {
    await this.#queue.close()
    this.#lock.release()
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
