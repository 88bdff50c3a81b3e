/** The tables of logs. Each migration runs once, in order, and is never changed afterwards. */
import { toTlogError } from '../errors.ts'
import type { PostgresClient, PostgresPool } from './client.ts'

const migrations: readonly string[] = [
  `
  CREATE TABLE tlog_signed (
    origin text PRIMARY KEY,
    checkpoint bytea NOT NULL
  );
  CREATE TABLE tlog_staged (
    origin text NOT NULL,
    first bigint NOT NULL,
    count bigint NOT NULL CHECK (count > 0),
    entries bytea NOT NULL,
    base_size bigint NOT NULL,
    base_root bytea NOT NULL,
    PRIMARY KEY (origin, first)
  );
  CREATE TABLE tlog_published (
    origin text PRIMARY KEY,
    checkpoint bytea NOT NULL
  );
  CREATE TABLE tlog_tile (
    origin text NOT NULL,
    path text COLLATE "C" NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (origin, path)
  );
  CREATE TABLE tlog_key (
    origin text NOT NULL,
    key bytea NOT NULL,
    entry bigint NOT NULL,
    PRIMARY KEY (origin, key)
  );
  CREATE TABLE tlog_key_covered (
    origin text PRIMARY KEY,
    size bigint NOT NULL,
    root bytea NOT NULL
  );
  `,
]

/** Any number will do, as long as all agree: two servers that start at once take turns. */
const migrationLock = 7_091_964_041n

/**
 * Makes the tables, or brings them up to date. Does nothing where they are. Throws LOG_IO, also
 * where they are of a newer version.
 */
export async function migratePostgres(pool: PostgresPool): Promise<void> {
  let client: PostgresClient | undefined
  try {
    client = await pool.connect()
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock.toString()])
    await client.query('CREATE TABLE IF NOT EXISTS tlog_migration (number int PRIMARY KEY)')
    const { rows } = await client.query(
      'SELECT coalesce(max(number), 0) AS last FROM tlog_migration',
    )
    const last = Number(rows[0]?.['last'])
    if (last > migrations.length) {
      throw new Error(`they are of version ${last}, and this program knows ${migrations.length}`)
    }
    for (const [i, migration] of migrations.entries()) {
      if (i + 1 <= last) continue
      await client.query(migration)
      await client.query('INSERT INTO tlog_migration VALUES ($1)', [i + 1])
    }
    await client.query('COMMIT')
    client.release()
  } catch (error) {
    // The transaction ends with its connection.
    client?.release(true)
    throw toTlogError(error, 'making the tables of logs')
  }
}
