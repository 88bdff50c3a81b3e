/** The index of keys in an SQLite file. It is derived: a file that can't be used is thrown away. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Tree } from '../head.ts'
import { openDatabase } from '../sqlite.ts'
import type { KeyIndex, KeyRow } from '../storage.ts'

/** Stands in the file's `user_version`; a file of another one is made anew. */
const version = 1

const schema = `
  CREATE TABLE keys (key BLOB PRIMARY KEY, entry TEXT NOT NULL) WITHOUT ROWID, STRICT;
  CREATE TABLE covered (one INTEGER PRIMARY KEY CHECK (one = 1), size TEXT NOT NULL, root BLOB NOT NULL) STRICT;
  PRAGMA user_version = ${version};
`

interface Database {
  readonly sqlite: DatabaseSync
  readonly find: StatementSync
  readonly add: StatementSync
  readonly cover: StatementSync
  readonly covered: StatementSync
}

function prepare(sqlite: DatabaseSync): Database {
  return {
    sqlite,
    find: sqlite.prepare('SELECT entry FROM keys WHERE key = ?'),
    add: sqlite.prepare('INSERT INTO keys VALUES (?, ?) ON CONFLICT DO NOTHING'),
    cover: sqlite.prepare('INSERT OR REPLACE INTO covered VALUES (1, ?, ?)'),
    covered: sqlite.prepare('SELECT size, root FROM covered'),
  }
}

/** A {@link KeyIndex} in `keys.sqlite` below a folder that is there when it is first used. */
export class SqliteKeys implements KeyIndex {
  readonly #path: string
  #database: Database | undefined

  constructor(directory: string) {
    this.#path = join(directory, 'keys.sqlite')
  }

  async covered(): Promise<Tree | undefined> {
    const row = this.#usable().covered.get()
    if (row === undefined) return undefined
    const { size, root } = row
    return typeof size === 'string' && root instanceof Uint8Array
      ? { size: BigInt(size), root }
      : undefined
  }

  async find(key: Uint8Array): Promise<bigint | undefined> {
    const entry = this.#usable().find.get(key)?.['entry']
    return typeof entry === 'string' ? BigInt(entry) : undefined
  }

  async add(rows: readonly KeyRow[], tree: Tree): Promise<void> {
    const { sqlite, add, cover } = this.#usable()
    // Where this fails, the log closes the file, which takes back what was begun.
    sqlite.exec('BEGIN')
    for (const { key, index } of rows) add.run(key, index.toString())
    cover.run(tree.size.toString(), tree.root)
    sqlite.exec('COMMIT')
  }

  async clear(): Promise<void> {
    await this.close()
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${this.#path}${suffix}`, { force: true })
  }

  async close(): Promise<void> {
    this.#database?.sqlite.close()
    this.#database = undefined
  }

  #usable(): Database {
    this.#database ??= this.#openOrMake()
    return this.#database
  }

  #openOrMake(): Database {
    try {
      return this.#open()
    } catch {
      // Damaged, of another version, or no database at all.
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${this.#path}${suffix}`, { force: true })
      return this.#open()
    }
  }

  #open(): Database {
    const sqlite = openDatabase(this.#path)
    try {
      // A power cut may lose the last rows, which are found in the log again, but not the order.
      sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
      const found = sqlite.prepare('PRAGMA user_version').get()?.['user_version']
      if (found === 0) sqlite.exec(`BEGIN; ${schema} COMMIT`)
      else if (found !== version) throw new Error(`version ${found}`)
      return prepare(sqlite)
    } catch (error) {
      sqlite.close()
      throw error
    }
  }
}
