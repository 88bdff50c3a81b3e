/** A log in PostgreSQL: several server instances take turns as its writer, a batch at a time. */
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { decodeEntryBundle, encodeEntryBundle } from '@vaultmesh/merkle/tiles'
import { TlogError } from '../errors.ts'
import type { KeyIndex, LockBackend, LogStorage, Stage, TileStore } from '../storage.ts'
import type { PostgresPool } from './client.ts'
import { PostgresSession } from './session.ts'

/** What a column holds. Throws LOG_STATE_DAMAGED where the tables are not ours. */
function bytesIn(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return Uint8Array.from(value)
  throw new TlogError('LOG_STATE_DAMAGED', 'a table of logs holds what it never would')
}

/** As {@link bytesIn}: `pg` gives a bigint as its digits. */
function bigintIn(value: unknown): bigint {
  if (typeof value === 'string' && /^[0-9]+$/.test(value)) return BigInt(value)
  throw new TlogError('LOG_STATE_DAMAGED', 'a table of logs holds what it never would')
}

function tilesIn(session: PostgresSession): TileStore {
  return {
    name: session.name,
    async prepare() {},
    async read(path, limit) {
      const { rows } = await session.read(
        path === 'checkpoint'
          ? 'SELECT checkpoint AS bytes FROM tlog_published WHERE origin = $1'
          : 'SELECT bytes FROM tlog_tile WHERE origin = $1 AND path = $2',
        ...(path === 'checkpoint' ? [] : [path]),
      )
      const bytes = rows[0] && bytesIn(rows[0]['bytes'])
      if (bytes !== undefined && bytes.length > limit) {
        throw new Error(`${path} has ${bytes.length} bytes, more than the ${limit} it can have`)
      }
      return bytes
    },
    async put(files) {
      const values = [files.map(({ path }) => path), files.map(({ bytes }) => Buffer.from(bytes))]
      await session.write(
        `INSERT INTO tlog_tile SELECT $1, file.* FROM unnest($2::text[], $3::bytea[]) AS file
         ON CONFLICT DO NOTHING`,
        ...values,
      )
      const { rows } = await session.write(
        `SELECT tile.path FROM tlog_tile AS tile
         JOIN unnest($2::text[], $3::bytea[]) AS file (path, bytes) ON tile.path = file.path
         WHERE tile.origin = $1 AND tile.bytes <> file.bytes LIMIT 1`,
        ...values,
      )
      if (rows[0] === undefined) return
      throw new TlogError(
        'LOG_TREE_DAMAGED',
        `${String(rows[0]['path'])} is there already, with other bytes than this log would write`,
      )
    },
    async publish(checkpoint) {
      await session.write(
        `INSERT INTO tlog_published VALUES ($1, $2)
         ON CONFLICT (origin) DO UPDATE SET checkpoint = excluded.checkpoint`,
        Buffer.from(encodeUtf8(checkpoint)),
      )
    },
    async *list(folder) {
      const { rows } = await session.read(
        'SELECT path FROM tlog_tile WHERE origin = $1 AND starts_with(path, $2)',
        folder,
      )
      for (const { path } of rows) yield String(path)
    },
    async delete(paths) {
      await session.write('DELETE FROM tlog_tile WHERE origin = $1 AND path = ANY($2)', [...paths])
    },
  }
}

function lockIn(session: PostgresSession): LockBackend {
  return {
    name: session.name,
    isShared: true,
    async prepare() {},
    acquire: (options) => session.acquire(options),
    async read() {
      const { rows } = await session.read('SELECT checkpoint FROM tlog_signed WHERE origin = $1')
      return rows[0] && bytesIn(rows[0]['checkpoint'])
    },
    async replace(expected, next) {
      const { rowCount } =
        expected === undefined
          ? await session.write(
              'INSERT INTO tlog_signed VALUES ($1, $2) ON CONFLICT DO NOTHING',
              Buffer.from(next),
            )
          : await session.write(
              'UPDATE tlog_signed SET checkpoint = $3 WHERE origin = $1 AND checkpoint = $2',
              Buffer.from(expected),
              Buffer.from(next),
            )
      return rowCount === 1
    },
  }
}

function stageIn(session: PostgresSession): Stage {
  return {
    name: session.name,
    async open() {
      const { rows } = await session.read(
        'SELECT first, count, base_size, base_root FROM tlog_staged WHERE origin = $1 ORDER BY first',
      )
      let first: bigint | undefined
      let next: bigint | undefined
      for (const row of rows) {
        const begin = bigintIn(row['first'])
        if (begin !== next) first = begin
        next = begin + bigintIn(row['count'])
      }
      const last = rows.at(-1)
      if (last === undefined || first === undefined || next === undefined) return undefined
      return {
        first,
        next,
        base: { size: bigintIn(last['base_size']), root: bytesIn(last['base_root']) },
      }
    },
    async read(from) {
      const { rows } = await session.read(
        `SELECT first, count, entries FROM tlog_staged
         WHERE origin = $1 AND first <= $2 AND first + count > $2`,
        from.toString(),
      )
      const [row] = rows
      if (row === undefined) return []
      const entries = decodeEntryBundle(bytesIn(row['entries']), Number(bigintIn(row['count'])))
      if (entries === undefined) {
        throw new TlogError('LOG_STATE_DAMAGED', `the stage of ${session.name} is damaged`)
      }
      return entries.slice(Number(from - bigintIn(row['first'])))
    },
    // A transaction that can be read is on the server's disk.
    async secure() {},
    async append(first, entries, base) {
      await session.write(
        'INSERT INTO tlog_staged VALUES ($1, $2, $3, $4, $5, $6)',
        first.toString(),
        entries.length,
        Buffer.from(encodeEntryBundle(entries)),
        base.size.toString(),
        Buffer.from(base.root),
      )
    },
    async discard(before) {
      await session.write(
        'DELETE FROM tlog_staged WHERE origin = $1 AND first + count <= $2',
        before.toString(),
      )
    },
    async close() {},
  }
}

function keysIn(session: PostgresSession): KeyIndex {
  return {
    async covered() {
      const { rows } = await session.read(
        'SELECT size, root FROM tlog_key_covered WHERE origin = $1',
      )
      const [row] = rows
      return row && { size: bigintIn(row['size']), root: bytesIn(row['root']) }
    },
    async find(key) {
      const { rows } = await session.read(
        'SELECT entry FROM tlog_key WHERE origin = $1 AND key = $2',
        Buffer.from(key),
      )
      return rows[0] && bigintIn(rows[0]['entry'])
    },
    async add(added, tree) {
      await session.write(
        `WITH added AS (
           INSERT INTO tlog_key SELECT $1, row.* FROM unnest($2::bytea[], $3::bigint[]) AS row
           ON CONFLICT DO NOTHING)
         INSERT INTO tlog_key_covered VALUES ($1, $4, $5)
         ON CONFLICT (origin) DO UPDATE SET size = excluded.size, root = excluded.root`,
        added.map(({ key }) => Buffer.from(key)),
        added.map(({ index }) => index.toString()),
        tree.size.toString(),
        Buffer.from(tree.root),
      )
    },
    async clear() {
      await session.write(
        `WITH rows AS (DELETE FROM tlog_key WHERE origin = $1)
         DELETE FROM tlog_key_covered WHERE origin = $1`,
      )
    },
    async close() {},
  }
}

/** The storage of the log with this origin, in tables that `migratePostgres` has made. */
export function postgresStorage(pool: PostgresPool, origin: string): LogStorage {
  const session = new PostgresSession(pool, origin)
  return {
    tiles: tilesIn(session),
    lock: lockIn(session),
    stage: stageIn(session),
    keys: keysIn(session),
  }
}
