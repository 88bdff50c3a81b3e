/** The connection that holds a log's lock; whatever needs the lock goes through it, or not at all. */
import { hash } from 'node:crypto'
import { TlogError, toTlogError } from '../errors.ts'
import { tryUntil } from '../lock-wait.ts'
import type { Lock, LockOptions } from '../storage.ts'
import type { PostgresClient, PostgresPool, PostgresResult } from './client.ts'

/** One log in a database. */
export class PostgresSession {
  readonly origin: string
  readonly #pool: PostgresPool
  readonly #lockKey: string
  #held: PostgresClient | undefined

  constructor(pool: PostgresPool, origin: string) {
    this.origin = origin
    this.#pool = pool
    const digest = hash('sha256', `vaultmesh.cloud/tlog-lock/v0\n${origin}\n`, 'buffer')
    this.#lockKey = digest.readBigInt64BE().toString()
  }

  /** For messages. */
  get name(): string {
    return `PostgreSQL (${this.origin})`
  }

  /** Reads, with or without the lock. The first parameter is the origin. */
  read(text: string, ...values: unknown[]): Promise<PostgresResult> {
    return this.#run(this.#held ?? this.#pool, text, values)
  }

  /**
   * Writes, with the lock. Where its connection was lost, and with it perhaps the lock, this fails:
   * another writer may be at work. The first parameter is the origin.
   */
  async write(text: string, ...values: unknown[]): Promise<PostgresResult> {
    if (this.#held === undefined) throw new Error(`the lock of ${this.name} is not held`)
    return this.#run(this.#held, text, values)
  }

  async #run(
    queries: Pick<PostgresPool, 'query'>,
    text: string,
    values: unknown[],
  ): Promise<PostgresResult> {
    try {
      return await queries.query(text, [this.origin, ...values])
    } catch (error) {
      // SQLSTATE 53100 is disk_full; nothing of a failed statement stays.
      const isFull = error instanceof Error && 'code' in error && error.code === '53100'
      const cause = isFull ? Object.assign(new Error(error.message), { code: 'ENOSPC' }) : error
      throw toTlogError(cause, `using ${this.name}`)
    }
  }

  /** Takes the advisory lock, on a connection of its own; the server frees it when that ends. */
  async acquire(options: LockOptions): Promise<Lock> {
    const client = await this.#connect()
    let isLost = false
    const onError = (): void => {
      isLost = true
    }
    // Without a listener the loss of an idle connection would end the process.
    client.on('error', onError)
    const giveBack = (destroy: boolean): void => {
      client.off('error', onError)
      client.release(destroy || isLost)
    }
    try {
      const taken = await tryUntil(() => this.#try(client), options)
      if (taken === undefined) {
        throw new TlogError(
          'LOG_LOCKED',
          `another writer has ${this.name}; wait until it ends its batch, or end it`,
        )
      }
      // A commit that was acknowledged before it was on the disk would be no commit.
      await client.query('SET synchronous_commit = on')
    } catch (error) {
      giveBack(true)
      options.signal?.throwIfAborted()
      throw toTlogError(error, `locking ${this.name}`)
    }
    this.#held = client
    return { release: () => this.#release(client, giveBack) }
  }

  async #connect(): Promise<PostgresClient> {
    try {
      return await this.#pool.connect()
    } catch (error) {
      throw toTlogError(error, `connecting to ${this.name}`)
    }
  }

  async #try(client: PostgresClient): Promise<true | undefined> {
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS taken', [this.#lockKey])
    return rows[0]?.['taken'] === true || undefined
  }

  async #release(client: PostgresClient, giveBack: (destroy: boolean) => void): Promise<void> {
    if (this.#held !== client) return
    this.#held = undefined
    const released = await client
      .query('SELECT pg_advisory_unlock($1)', [this.#lockKey])
      .catch(() => undefined)
    giveBack(released === undefined)
  }
}
