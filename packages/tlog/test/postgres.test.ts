import { describeWith } from '@vaultmesh/testing'
import { type PostgresServer, startPostgres } from '@vaultmesh/testing/postgres'
import pg from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createLog, openLog, type StorageOptions } from '../src/index.ts'
import { migratePostgres, postgresStorage } from '../src/postgres.ts'
import { bytesOf, naiveRoot, origin, recordingKey } from './support/logs.ts'
import { conformance, keyOf, optionsFor } from './support/storage-conformance.ts'

describeWith(['postgres'], 'a storage in PostgreSQL', () => {
  let server: PostgresServer
  const pools: pg.Pool[] = []

  /** A new connection, as another server instance has it. */
  function connect(): pg.Pool {
    const pool = new pg.Pool({ ...server.connection, max: 4 })
    // The server is stopped under its idle connections.
    pool.on('error', () => undefined)
    pools.push(pool)
    return pool
  }

  async function empty(): Promise<pg.Pool> {
    const pool = connect()
    await pool.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    await migratePostgres(pool)
    return pool
  }

  beforeAll(async () => {
    server = await startPostgres()
  })

  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()))
    await server?.stop()
  })

  it.each(Object.entries(conformance))('%s', async (_, check) => {
    const pool = await empty()
    await check(() => postgresStorage(pool, origin))
  })

  it('is made once, whoever else makes it', async () => {
    const pool = await empty()
    await Promise.all([migratePostgres(pool), migratePostgres(connect())])
  })

  it('is not made where the connection is lost, or there is none', async () => {
    const pool = await empty()
    const holder = await pool.connect()
    await holder.query('SELECT pg_advisory_lock(7091964041)')
    const migrating = expect(migratePostgres(connect())).rejects.toMatchObject({ code: 'LOG_IO' })
    const waiting = `FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'`
    await vi.waitFor(async () => {
      const { rowCount } = await pool.query(`SELECT pg_terminate_backend(pid) ${waiting}`)
      expect(rowCount).toBe(1)
    }, 30_000)
    await migrating
    holder.release(true)
    const nowhere = new pg.Pool({ ...server.connection, port: 1 })
    await expect(migratePostgres(nowhere)).rejects.toMatchObject({ code: 'LOG_IO' })
  })

  it('is left alone where a newer version has made it', async () => {
    const pool = await empty()
    await pool.query('INSERT INTO tlog_migration VALUES (1000)')
    await expect(migratePostgres(pool)).rejects.toMatchObject({
      code: 'LOG_IO',
      message: expect.stringContaining('version 1000'),
    })
  })

  it('says so where the tables are missing, are not ours, or can not be reached', async () => {
    const pool = await empty()
    await (await createLog(optionsFor(postgresStorage(pool, origin)))).close()
    await pool.query("UPDATE tlog_signed SET checkpoint = 'not a checkpoint'")
    const open = () => openLog(optionsFor(postgresStorage(pool, origin)))
    await expect(open()).rejects.toMatchObject({ code: 'LOG_STATE_DAMAGED' })
    await pool.query('ALTER TABLE tlog_signed ALTER checkpoint TYPE text USING origin')
    await expect(open()).rejects.toMatchObject({ code: 'LOG_STATE_DAMAGED' })
    await pool.query('DROP TABLE tlog_signed')
    await expect(open()).rejects.toMatchObject({ code: 'LOG_IO' })
    await pool.query('DROP TABLE tlog_migration')
    await expect(migratePostgres(pool)).rejects.toMatchObject({ code: 'LOG_IO' })
    const nowhere = new pg.Pool({ ...server.connection, port: 1 })
    const storage = postgresStorage(nowhere, origin)
    await expect(storage.lock.acquire({ timeoutMs: 0 })).rejects.toMatchObject({ code: 'LOG_IO' })
    await expect(storage.tiles.publish('x')).rejects.toThrow('not held')
  })

  it('says where its stage is damaged', async () => {
    const pool = await empty()
    const storage = postgresStorage(pool, origin)
    await (await createLog(optionsFor(storage))).close()
    const lock = await storage.lock.acquire({ timeoutMs: 0 })
    await storage.stage.append(0n, [bytesOf('a')], { size: 0n, root: naiveRoot([]) })
    await lock.release()
    await pool.query("UPDATE tlog_staged SET entries = 'x', count = 2")
    await expect(openLog(optionsFor(storage))).rejects.toMatchObject({ code: 'LOG_STATE_DAMAGED' })
  })

  it('keeps logs apart', async () => {
    const pool = await empty()
    for (const name of ['example.com/one', 'example.com/two']) {
      const { signer, verifier } = recordingKey(name)
      const options: StorageOptions = {
        storage: postgresStorage(pool, name),
        origin: name,
        signers: [signer],
        verifiers: [verifier],
      }
      const log = await createLog(options)
      expect((await log.add(bytesOf(name)).published).index).toBe(0n)
      await log.close()
    }
  })

  it('is written by several instances at once, as one history without repetitions', async () => {
    const pool = await empty()
    await (await createLog(optionsFor(postgresStorage(pool, origin)))).close()
    const instances = await Promise.all(
      [connect(), connect(), connect()].map((each) =>
        openLog({
          ...optionsFor(postgresStorage(each, origin)),
          lockTimeoutMs: 60_000,
          dedupeKeyOf: keyOf,
        }),
      ),
    )
    const added = await Promise.all(
      instances.flatMap((log, i) =>
        Array.from({ length: 40 }, (_, n) => [
          log.add(bytesOf(`instance ${i}: ${n}`)).published,
          log.add(bytesOf(`key ${n}=same`)).published,
        ]).flat(),
      ),
    )
    const [log] = instances
    if (log === undefined) throw new Error('no instance')
    const entries: Uint8Array[] = []
    for await (const { entry } of log.entries()) entries.push(entry)
    expect(entries).toHaveLength(160)
    expect(new Set(entries.map((entry) => new TextDecoder().decode(entry))).size).toBe(160)
    expect(added.filter(({ isRepeated }) => isRepeated)).toHaveLength(80)
    expect((await log.head()).root).toEqual(naiveRoot(entries))
    await Promise.all(instances.map((instance) => instance.close()))
  })

  it('fails a writer whose connection was lost, and lets another one go on', async () => {
    const pool = await empty()
    const lost = connect()
    const log = await createLog({
      ...optionsFor(postgresStorage(lost, origin)),
      // The connection ends while this writer has the lock, after it has signed.
      cosign: async (checkpoint) => {
        await pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted`,
        )
        return checkpoint
      },
    })
    const { sequenced, integrated, published } = log.add(bytesOf('a'))
    expect(await sequenced).toEqual({ index: 0n, isRepeated: false })
    await integrated
    await expect(published).rejects.toMatchObject({ code: 'LOG_FAILED' })
    await log.close()
    const other = await openLog(optionsFor(postgresStorage(pool, origin)))
    expect(await other.entry(0n)).toEqual(bytesOf('a'))
    expect((await other.add(bytesOf('b')).published).index).toBe(1n)
    await other.close()
  })
})
