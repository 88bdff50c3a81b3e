/**
 * `index.sqlite`: where records are found by id, idempotency key, kind and time. Everything in it
 * comes from the log, so it may be deleted at any time; it is filled again on the next use.
 */
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '@vaultmesh/tlog/sqlite'
import { syncTexts } from './body-texts.ts'
import { type DecisionRow, selectDecisions } from './decision-rows.ts'
import {
  addEntries,
  clearTables,
  type LogEntry,
  type Position,
  type Progress,
  prepareTables,
  readProgress,
  selectByKey,
  selectByPrefix,
  selectTimeline,
} from './record-rows.ts'
import { selectByWords } from './search-rows.ts'
import type {
  DecisionFilter,
  SearchFilter,
  SearchHit,
  TimelineFilter,
  TimelineItem,
} from './types.ts'

/** What the index reads from the log. */
export interface IndexedLog {
  readonly origin: string
  head(): Promise<{ readonly size: bigint }>
  entry(index: bigint): Promise<Uint8Array>
  entries(from?: bigint, to?: bigint): AsyncIterable<LogEntry>
}

/** Entries that are read before they are written in one step. */
const batchSize = 1024

function digest(entry: Uint8Array): Uint8Array {
  return createHash('sha256').update(entry).digest()
}

function isSqliteError(error: unknown): error is Error & { errcode: number } {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

/** SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN: the file is not to blame. */
const storageFailures: readonly number[] = [8, 10, 13, 14]

/** Whether the file can't be written, be it whole or not. */
function isUnwritable(error: unknown): boolean {
  return isSqliteError(error) && storageFailures.includes(error.errcode & 255)
}

/** SQLITE_BUSY: another process holds the file; it is whole. */
const busy = 5

/** Whether what the file holds is to blame. Only its own JSON is parsed with it. */
function isDamage(error: unknown): boolean {
  if (error instanceof SyntaxError) return true
  return isSqliteError(error) && (error.errcode & 255) !== busy
}

function openPrepared(path: string): DatabaseSync {
  const db = openDatabase(path)
  try {
    prepareTables(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function removeFile(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
}

/** The file's database, a new one where it was damaged, one in memory where it can't be written. */
function openUsable(path: string, mayRemove: boolean): DatabaseSync {
  try {
    return openPrepared(path)
  } catch (error) {
    if (!isSqliteError(error) || !isDamage(error)) throw error
    if (isUnwritable(error) || !mayRemove) return openPrepared(':memory:')
    removeFile(path)
    return openUsable(path, false)
  }
}

/** An open index. */
export class RecordIndex {
  readonly #path: string
  #db: DatabaseSync
  #turn: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
    this.#db = openUsable(path, true)
  }

  /** The records of a timeline, newest first. */
  timeline(log: IndexedLog, filter: TimelineFilter): Promise<TimelineItem[]> {
    return this.#query(log, (db) => selectTimeline(db, filter))
  }

  /** The records that a query finds; `blobs` is the folder of the bodies. */
  search(
    log: IndexedLog,
    blobs: string,
    query: string,
    filter: SearchFilter,
  ): Promise<SearchHit[]> {
    return this.#query(
      log,
      (db) => selectByWords(db, query, filter),
      (db) => syncTexts(db, blobs),
    )
  }

  /** The decisions, the newest entries of the log first; `persons` as {@link selectDecisions} has them. */
  decisions(
    log: IndexedLog,
    filter: DecisionFilter,
    persons: readonly string[],
  ): Promise<DecisionRow[]> {
    return this.#query(log, (db) => selectDecisions(db, filter, persons))
  }

  /** At most two records whose id begins with a prefix of hex digits. */
  withPrefix(log: IndexedLog, prefix: string): Promise<Position[]> {
    return this.#query(log, (db) => selectByPrefix(db, prefix))
  }

  /** The first record with an idempotency key. */
  withKey(log: IndexedLog, key: string): Promise<Position | undefined> {
    return this.#query(log, (db) => selectByKey(db, key))
  }

  close(): void {
    this.#db.close()
  }

  /** Asks the index, after it has read what the log holds and it does not. */
  #query<T>(
    log: IndexedLog,
    ask: (db: DatabaseSync) => T,
    prepare: (db: DatabaseSync) => Promise<void> = () => Promise.resolve(),
  ): Promise<T> {
    const work = async (): Promise<T> => {
      await this.#catchUp(log)
      await prepare(this.#db)
      return ask(this.#db)
    }
    // One after another: two at once would read the same entries.
    const mine = this.#turn.then(() => this.#repairing(work))
    this.#turn = mine.then(
      () => undefined,
      () => undefined,
    )
    return mine
  }

  // Damage inside a file shows only when the damaged page is read, and a full disk when it is written.
  async #repairing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (!isDamage(error)) throw error
      this.#db.close()
      if (!isUnwritable(error)) removeFile(this.#path)
      this.#db = isUnwritable(error) ? openPrepared(':memory:') : openUsable(this.#path, false)
      return work()
    }
  }

  async #catchUp(log: IndexedLog): Promise<void> {
    const { size } = await log.head()
    let progress = await this.#valid(log, size)
    while ((progress?.size ?? 0n) < size) {
      const from = progress?.size ?? 0n
      const to = from + BigInt(batchSize) < size ? from + BigInt(batchSize) : size
      const entries: LogEntry[] = []
      for await (const entry of log.entries(from, to)) entries.push(entry)
      const last = digest(entries.at(-1)?.entry ?? new Uint8Array())
      const after = { origin: log.origin, size: to, last }
      addEntries(this.#db, progress, entries, after)
      progress = readProgress(this.#db)
    }
  }

  /** How far the index has come, or undefined after it was emptied: it was of another log. */
  async #valid(log: IndexedLog, size: bigint): Promise<Progress | undefined> {
    const progress = readProgress(this.#db)
    if (progress === undefined) return undefined
    const isOurs =
      progress.origin === log.origin &&
      progress.size > 0n &&
      progress.size <= size &&
      Buffer.compare(digest(await log.entry(progress.size - 1n)), progress.last) === 0
    if (isOurs) return progress
    clearTables(this.#db)
    return undefined
  }
}
