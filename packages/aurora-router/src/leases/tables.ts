/** Statements on a ledger's tables, and the transactions around them. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { maxUnits } from '../catalog/offer.ts'
import { RouterError } from '../errors.ts'
import { requireText, requireWhole } from './checks.ts'
import { openTables } from './database.ts'
import { leaseRow } from './lease-id.ts'
import { budgetOf, capacityOf, leaseOf, type Row } from './rows.ts'
import type { Budget, Capacity, Lease, LeaseState } from './types.ts'

/** The tables of an open ledger. */
export class Tables {
  readonly #database: DatabaseSync
  // The texts are constants of this package, so there are few.
  readonly #statements = new Map<string, StatementSync>()

  constructor(path: string, timeout: number) {
    this.#database = openTables(path, timeout)
  }

  /** From now on a commit does not wait for the disk: `WalSync` does. */
  deferSync(): void {
    // Copying the log into the file waits for the disk twice, so it is done seldom: at 32 MiB.
    this.#database.exec('pragma synchronous = normal; pragma wal_autocheckpoint = 8192')
  }

  close(): void {
    this.#database.close()
  }

  /** Runs work alone, among all processes: what it wrote is there whole or, when it throws, not at all. */
  transact<T>(work: () => T): T {
    this.run('begin immediate')
    try {
      const result = work()
      this.run('commit')
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('rollback')
      throw error
    }
  }

  /** A lease. @throws {RouterError} `LEASE_NOT_FOUND`. */
  lease(id: string): Lease {
    const row = this.first('select * from lease where row = ? and id = ?', leaseRow(id), id)
    if (row === undefined) throw new RouterError('LEASE_NOT_FOUND', `there is no lease ${id}`)
    return leaseOf(row)
  }

  /** What an offer has, or undefined. */
  capacity(offerId: string): Capacity | undefined {
    const row = this.first('select * from capacity where offer = ?', offerId)
    return row === undefined ? undefined : capacityOf(row)
  }

  /** What every offer that was ever set has, by id. */
  capacities(): Capacity[] {
    return this.all('select * from capacity order by offer').map(capacityOf)
  }

  /** Says how many units an offer has, where nobody has said so before. */
  assumeCapacity(offerId: string, units: number): void {
    requireText('offerId', offerId)
    requireWhole('units', units, 0, maxUnits)
    this.run(
      'insert into capacity (offer, units) values (?, ?) on conflict do nothing',
      offerId,
      units,
    )
  }

  /** What a tenant has, or undefined. */
  budget(tenant: string): Budget | undefined {
    const row = this.first('select * from budget where tenant = ?', tenant)
    return row === undefined ? undefined : budgetOf(row)
  }

  /** A fence above all before it. */
  nextFence(): number {
    return Number(this.one('update clock set fence = fence + 1 returning fence')['fence'])
  }

  /** Adds an event. */
  note(lease: string, state: LeaseState, at: number): void {
    this.run('insert into event (lease, state, at) values (?, ?, ?)', leaseRow(lease), state, at)
  }

  /** Runs a statement that gives no rows; gives how many it has changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes)
  }

  /** The first row, or undefined. */
  first(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values)
  }

  /** The one row that is always there. */
  one(sql: string, ...values: SQLInputValue[]): Row {
    const row = this.first(sql, ...values)
    if (row === undefined) throw new RouterError('LEDGER_INVALID', 'the ledger has lost its clock')
    return row
  }

  /** All rows. */
  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values)
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#database.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }
}
