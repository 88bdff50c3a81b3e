/** The tables of `index.sqlite`, and what is read from them. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { parseEntry } from '../entry.ts'
import { type MemoryRecord, parseRecord } from '../record.ts'
import { isBodyKind, recordKinds } from '../schemas/kinds.ts'
import type { TimelineFilter, TimelineItem } from './types.ts'

/** Tables of another version are thrown away and filled anew. */
const version = 3

const schema = `
  CREATE TABLE state (
    singleton INTEGER PRIMARY KEY CHECK (singleton = 0),
    origin TEXT NOT NULL,
    size INTEGER NOT NULL,
    last BLOB NOT NULL
  ) STRICT;
  CREATE TABLE records (
    position INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    occurred_at TEXT NOT NULL,
    occurred INTEGER NOT NULL,
    tags TEXT NOT NULL,
    idempotency_key TEXT,
    status TEXT,
    signers TEXT NOT NULL,
    body TEXT,
    has_text INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX records_by_time ON records (occurred, position);
  CREATE INDEX records_by_key ON records (idempotency_key) WHERE idempotency_key IS NOT NULL;
  CREATE INDEX records_by_kind ON records (kind, position);
  CREATE INDEX records_by_body ON records (body) WHERE body IS NOT NULL;
  CREATE TABLE successions (
    record TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (record, position)
  ) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE texts USING fts5 (
    title, kind, tags, body, tokenize = 'unicode61 remove_diacritics 2'
  );
  INSERT INTO texts (texts, rank) VALUES ('secure-delete', 1);
  CREATE TABLE shards (name TEXT PRIMARY KEY, changed INTEGER NOT NULL) STRICT;
  PRAGMA user_version = ${version};
`

const tables = ['state', 'records', 'successions', 'texts', 'shards']

const largestInteger = 2n ** 63n - 1n

/** An index of an entry as SQLite can hold it, to compare with; without one, above all others. */
export function boundOf(before: bigint = largestInteger): bigint {
  if (before < 0n) return 0n
  return before > largestInteger ? largestInteger : before
}

/** How far the index has read which log. */
export interface Progress {
  readonly origin: string
  /** The entries that were read. */
  readonly size: bigint
  /** SHA-256 of the last of them: another log of the same origin is noticed by it. */
  readonly last: Uint8Array
}

/** An entry as it is read from the log. */
export interface LogEntry {
  readonly index: bigint
  readonly entry: Uint8Array
}

/** Makes the tables, unless they are there. */
export function prepareTables(db: DatabaseSync): void {
  // The text of a deleted body must not stay behind in free pages.
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;
    PRAGMA secure_delete = ON`)
  const found = db.prepare('PRAGMA user_version').get()?.['user_version']
  if (found === version) return
  db.exec('BEGIN IMMEDIATE')
  db.exec(tables.map((name) => `DROP TABLE IF EXISTS ${name};`).join(' ') + schema)
  db.exec('COMMIT')
}

/** How far the index has come; undefined for a new one. */
export function readProgress(db: DatabaseSync): Progress | undefined {
  const statement = db.prepare('SELECT origin, size, last FROM state')
  statement.setReadBigInts(true)
  const row = statement.get()
  const { origin, size, last } = row ?? {}
  return typeof origin === 'string' && typeof size === 'bigint' && last instanceof Uint8Array
    ? { origin, size, last }
    : undefined
}

interface Row {
  readonly index: bigint
  readonly record: MemoryRecord
  readonly values: readonly SQLInputValue[]
}

function rowOf({ index, entry }: LogEntry): Row | undefined {
  const parsed = parseEntry(entry)
  const read = parsed.ok ? parseRecord(parsed.value.payload) : parsed
  // A log may hold what this version can't read: it has its place in the tree, and no row here.
  if (!parsed.ok || !read.ok) return undefined
  const record = read.value
  const { id, kind, title, occurredAt, occurred, tags, idempotencyKey, predicate, subject } = record
  const { status } = predicate
  // An inline text is a part of the log and stays; any other is a file, and may go.
  const isFile = isBodyKind(kind) && record.body === undefined
  const body = isFile ? subject[0]?.digest['sha256'] : undefined
  const values = [
    index,
    id,
    kind,
    title,
    occurredAt,
    occurred.getTime(),
    JSON.stringify(tags),
    idempotencyKey ?? null,
    typeof status === 'string' ? status : null,
    JSON.stringify(parsed.value.signatures.map(({ keyid }) => keyid)),
    body ?? null,
    record.body === undefined ? 0 : 1,
  ]
  return { index, record, values }
}

/** What adds records, unless they are there. */
function rowAdder(db: DatabaseSync): (row: Row) => void {
  // The first of two equal records, or of two with one key, is the one that counts.
  const addRecord = db.prepare(
    'INSERT OR IGNORE INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const addText = db.prepare(
    'INSERT INTO texts (rowid, title, kind, tags, body) VALUES (?, ?, ?, ?, ?)',
  )
  const addSuccession = db.prepare('INSERT OR IGNORE INTO successions VALUES (?, ?)')
  // Not forgotten: a folder that goes must be missed.
  const staleShard = db.prepare('UPDATE shards SET changed = 0 WHERE name = ?')
  return ({ index, record, values }) => {
    if (Number(addRecord.run(...values).changes) === 0) return
    const { kind, title, tags, links, body, subject } = record
    addText.run(index, title, kind, tags.join(' '), body?.text ?? '')
    for (const link of kind === 'decision' ? links : []) {
      if (link.rel === 'supersedes' && 'record' in link) addSuccession.run(link.record, index)
    }
    // Its text may have come before it did.
    staleShard.run(subject[0]?.digest['sha256']?.slice(0, 2) ?? '')
  }
}

/**
 * Adds entries and moves the progress on, in one step. Gives false, and does nothing, where another
 * process has moved it meanwhile.
 */
export function addEntries(
  db: DatabaseSync,
  before: Progress | undefined,
  entries: readonly LogEntry[],
  after: Progress,
): boolean {
  const rows = entries.flatMap((entry) => {
    const row = rowOf(entry)
    return row === undefined ? [] : [row]
  })
  db.exec('BEGIN IMMEDIATE')
  try {
    const current = readProgress(db)
    const isUnchanged = current?.size === before?.size && current?.origin === before?.origin
    if (isUnchanged) {
      const addRow = rowAdder(db)
      for (const row of rows) addRow(row)
      db.prepare('INSERT OR REPLACE INTO state VALUES (0, ?, ?, ?)').run(
        after.origin,
        after.size,
        after.last,
      )
    }
    db.exec('COMMIT')
    return isUnchanged
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** Forgets everything. */
export function clearTables(db: DatabaseSync): void {
  const all = tables.map((name) => `DELETE FROM ${name};`).join(' ')
  db.exec(`BEGIN IMMEDIATE; ${all} COMMIT`)
}

/** A row with the columns of a timeline. */
export function itemOf(row: Readonly<Record<string, unknown>>): TimelineItem {
  return {
    id: String(row['id']),
    index: BigInt(Number(row['position'])),
    kind: recordKinds.find((known) => known === row['kind']) ?? 'note',
    title: String(row['title']),
    occurredAt: String(row['occurred_at']),
    tags: JSON.parse(String(row['tags'])),
  }
}

/** The records of a timeline, newest first. */
export function selectTimeline(db: DatabaseSync, filter: TimelineFilter): TimelineItem[] {
  const { kind, since, limit = 50 } = filter
  const statement = db.prepare(`
    SELECT position, id, kind, title, occurred_at, tags FROM records
    WHERE (? IS NULL OR kind = ?) AND occurred >= ?
    ORDER BY occurred DESC, position DESC LIMIT ?`)
  statement.setReadBigInts(true)
  const from = since?.getTime() ?? 0
  // Plain marks: Node 22 binds numbered ones wrongly.
  return statement.all(kind ?? null, kind ?? null, from, limit).map(itemOf)
}

/** Where a record stands in the log. */
export interface Position {
  readonly id: string
  readonly index: bigint
}

/** The ids and positions of rows. */
export function positions(rows: readonly Record<string, unknown>[]): Position[] {
  return rows.map((row) => ({ id: String(row['id']), index: BigInt(Number(row['position'])) }))
}

/** At most two records whose id begins with a prefix of hex digits. */
export function selectByPrefix(db: DatabaseSync, prefix: string): Position[] {
  const from = `sha256:${prefix}`
  const statement = db.prepare(
    'SELECT id, position FROM records WHERE id >= ? AND id < ? ORDER BY id LIMIT 2',
  )
  // No hex digit is above "f".
  return positions(statement.all(from, `${from}g`))
}

/** The first record with an idempotency key. */
export function selectByKey(db: DatabaseSync, key: string): Position | undefined {
  const statement = db.prepare(
    'SELECT id, position FROM records WHERE idempotency_key = ? ORDER BY position LIMIT 1',
  )
  return positions(statement.all(key))[0]
}
