/** Holds that are taken together, in one transaction. */
import { RouterError } from '../errors.ts'
import { requireHold } from './checks.ts'
import { leaseId } from './lease-id.ts'
import { leaseOf, type Row } from './rows.ts'
import type { Moment } from './steps.ts'
import type { Tables } from './tables.ts'
import type { Budget, Capacity, HoldRequest, Lease } from './types.ts'

/** What is kept with a lease for whoever asks again with its key. */
export interface Asked {
  /** What was asked for, as a text that is the same for the same question. */
  readonly question?: string
  /** What it was answered with, as far as it is needed again. */
  readonly receipt?: string
}

/** A lease that was found by its key. */
export interface Known {
  readonly lease: Lease
  readonly ttlMs: number
  /** Null where it was held without a question. */
  readonly question: string | null
  readonly receipt: string | null
}

type Changing<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Holds of one transaction. Each is refused or taken by itself: a refusal has changed nothing. The
 * sums are written once, at the end.
 */
export class HoldBatch {
  readonly #tables: Tables
  readonly #now: number
  readonly #capacities = new Map<string, Changing<Capacity>>()
  readonly #budgets = new Map<string, Changing<Budget>>()
  readonly #taken = new Set<Capacity>()
  #fence: number
  /** The row of the first lease that this batch takes, and of the next. */
  #rows: { readonly first: number; next: number } | undefined

  /** Made by the ledger. @internal */
  constructor(tables: Tables, { now, fence }: Moment) {
    this.#tables = tables
    this.#now = now
    this.#fence = fence
  }

  /**
   * Grows by one with each change of what an offer has, by any process. Of this batch,
   * {@link assume} counts at once, and each offer of {@link taken} once when the batch ends.
   */
  stock(): number {
    return Number(this.#tables.one('select stock from clock')['stock'])
  }

  /** What an offer has, with what this batch has taken of it, or undefined. */
  capacity(offerId: string): Capacity | undefined {
    return cached(this.#capacities, offerId, () => this.#tables.capacity(offerId))
  }

  /** What every offer that was ever set has, by id. */
  capacities(): readonly Capacity[] {
    return this.#tables.capacities().map((each) => this.#capacities.get(each.offerId) ?? each)
  }

  /** The offers that this batch has taken units of, and what they have then. */
  taken(): ReadonlySet<Capacity> {
    return this.#taken
  }

  /** Says how many units an offer has, where nobody has said so before. */
  assume(offerId: string, units: number): void {
    if (this.capacity(offerId) === undefined) this.#tables.assumeCapacity(offerId, units)
  }

  /** The lease of a key, or undefined. */
  known(key: string): Known | undefined {
    const row = this.#tables.first('select * from lease where key = ?', key)
    if (row === undefined) return undefined
    const { ttl, question, receipt } = row
    return {
      lease: leaseOf(row),
      ttlMs: Number(ttl),
      question: textOrNull(question),
      receipt: textOrNull(receipt),
    }
  }

  /**
   * Sets units of an offer and a part of a budget aside. Gives what is known of the key where it was
   * used before, and has changed nothing then.
   *
   * @throws {RouterError} `CAPACITY_UNKNOWN`, `BUDGET_UNKNOWN`, `CAPACITY_EXCEEDED`,
   * `BUDGET_EXCEEDED`, `INVALID_ARGUMENT`.
   */
  take(request: HoldRequest, asked: Asked = {}): Lease | Known {
    requireHold(request)
    const { offerId, tenant, units, costMicroUsd, idempotencyKey, ttlMs } = request
    const capacity = this.#capacityFor(request)
    const budget = this.#budgetFor(request)
    this.#rows ??= this.#nextRows()
    const row = this.#rows.next
    const lease: Lease = {
      id: leaseId(row),
      offerId,
      tenant,
      units,
      costMicroUsd,
      idempotencyKey,
      fence: this.#fence + 1,
      state: 'hold',
      heldAt: this.#now,
      expiresAt: this.#now + ttlMs,
      boundAt: null,
      endedAt: null,
      reference: null,
      chargedMicroUsd: null,
    }
    const inserted = this.#tables.run(
      `insert into lease (row, id, key, offer, tenant, units, cost, ttl, fence, state, heldAt, expiresAt, question, receipt)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'hold', ?, ?, ?, ?) on conflict (key) do nothing`,
      row,
      lease.id,
      idempotencyKey,
      offerId,
      tenant,
      units,
      costMicroUsd,
      ttlMs,
      lease.fence,
      lease.heldAt,
      lease.expiresAt,
      asked.question ?? null,
      asked.receipt ?? null,
    )
    if (inserted === 0) return this.#requireKnown(idempotencyKey)
    this.#rows.next += 1
    this.#fence = lease.fence
    capacity.leased += units
    this.#taken.add(capacity)
    budget.heldMicroUsd += costMicroUsd
    return lease
  }

  /** Writes the sums. @internal */
  finish(): void {
    if (this.#taken.size === 0 || this.#rows === undefined) return
    for (const { offerId, leased } of this.#taken) {
      this.#tables.run('update capacity set leased = ? where offer = ?', leased, offerId)
    }
    for (const { tenant, heldMicroUsd } of this.#budgets.values()) {
      this.#tables.run('update budget set held = ? where tenant = ?', heldMicroUsd, tenant)
    }
    this.#tables.run('update clock set fence = ?', this.#fence)
    this.#tables.run(
      'insert into event (lease, state, at) select row, state, heldAt from lease where row >= ? order by row',
      this.#rows.first,
    )
  }

  #nextRows(): { readonly first: number; next: number } {
    const first = Number(this.#tables.one('select max(row) as last from lease')['last'] ?? 0) + 1
    return { first, next: first }
  }

  #requireKnown(key: string): Known {
    const known = this.known(key)
    if (known !== undefined) return known
    throw new RouterError('LEDGER_INVALID', `the key ${key} is known, and its lease is not there`)
  }

  #capacityFor({ offerId, units }: HoldRequest): Changing<Capacity> {
    const capacity = cached(this.#capacities, offerId, () => this.#tables.capacity(offerId))
    if (capacity === undefined) {
      throw new RouterError('CAPACITY_UNKNOWN', `nothing is known of the capacity of ${offerId}`)
    }
    const free = capacity.units - capacity.leased
    if (free >= units) return capacity
    throw new RouterError('CAPACITY_EXCEEDED', `${offerId} has ${free} units free, not ${units}`)
  }

  #budgetFor({ tenant, costMicroUsd }: HoldRequest): Changing<Budget> {
    const budget = cached(this.#budgets, tenant, () => this.#tables.budget(tenant))
    if (budget === undefined) throw new RouterError('BUDGET_UNKNOWN', `${tenant} has no budget`)
    const left = budget.limitMicroUsd - budget.spentMicroUsd - budget.heldMicroUsd
    if (left >= costMicroUsd) return budget
    throw new RouterError(
      'BUDGET_EXCEEDED',
      `${tenant} has ${left} micro-USD left, not ${costMicroUsd}`,
    )
  }
}

function cached<T>(cache: Map<string, Changing<T>>, key: string, read: () => T | undefined) {
  const found = cache.get(key)
  if (found !== undefined) return found
  const value = read()
  if (value === undefined) return undefined
  const changing: Changing<T> = { ...value }
  cache.set(key, changing)
  return changing
}

function textOrNull(value: Row[string] | undefined): string | null {
  return typeof value === 'string' ? value : null
}
