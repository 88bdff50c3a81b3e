/**
 * Leases in SQLite: capacity and budget are taken in one transaction, so that processes that work on
 * one file at the same time can't sell a unit twice, nor spend a dollar twice.
 *
 * A lease that is due ends before anything else is looked at, whoever comes next: nothing needs to
 * run for holds to end.
 */
import { maxUnits } from '../catalog/offer.ts'
import { RouterError } from '../errors.ts'
import { maxDurationMs } from '../money.ts'
import { HoldBatch, type Known } from './batch.ts'
import { requireHold, requireText, requireWhole, translated } from './checks.ts'
import { leaseRow } from './lease-id.ts'
import { budgetOf, eventOf, leaseOf } from './rows.ts'
import { advance, end, living, type Moment, sweep } from './steps.ts'
import { Tables } from './tables.ts'
import {
  type Budget,
  type Capacity,
  type HoldRequest,
  type Lease,
  type LeaseEvent,
  type LeaseState,
  leaseStates,
} from './types.ts'
import { WalSync } from './wal-sync.ts'

/** What a {@link Ledger} needs. */
export interface LedgerOptions {
  /** The database's file, made where there is none. */
  readonly path: string
  /** The time in milliseconds since 1970. A ledger's time never goes back, even where this does. */
  readonly clock: () => number
  /** How long to wait for another process's transaction, in milliseconds; 30,000 unless given. */
  readonly patienceMs?: number
  /**
   * True where commits don't wait for the disk each, and whoever answers for one waits for
   * {@link Ledger.durable}: many then share one sync, and none blocks the process. For a file only.
   */
  readonly groupSync?: boolean
}

const defaultPatienceMs = 30_000

/** How a bound lease is given back. */
export interface ReleaseOptions {
  /** What it came to; all that was set aside where left out, and nothing where it was never bound. */
  readonly chargedMicroUsd?: number
}

/**
 * An open ledger. Every method is one transaction, done when it returns; it is on the disk by then
 * too, but for `groupSync`.
 */
export class Ledger {
  readonly #tables: Tables
  readonly #clock: () => number
  readonly #sync: WalSync | undefined

  constructor({ path, clock, patienceMs = defaultPatienceMs, groupSync = false }: LedgerOptions) {
    this.#tables = translated(() => new Tables(path, patienceMs))
    this.#clock = clock
    if (!groupSync) return
    try {
      this.#sync = new WalSync(path)
      this.#tables.deferSync()
    } catch (cause) {
      this.#tables.close()
      throw new RouterError('LEDGER_IO', 'the file of the ledger has no log to sync', { cause })
    }
  }

  /**
   * Resolves once all that was done before this call is on the disk.
   *
   * @throws {RouterError} `LEDGER_IO`, now and for ever, where it could not be brought there.
   */
  async durable(): Promise<void> {
    await this.#sync?.durable()
  }

  /**
   * Says how many units an offer has.
   *
   * @throws {RouterError} `CAPACITY_IN_USE` where more are leased.
   */
  setCapacity(offerId: string, units: number): void {
    requireText('offerId', offerId)
    requireWhole('units', units, 0, maxUnits)
    this.#transact(() => {
      const before = this.#tables.capacity(offerId)
      if (before !== undefined && before.leased > units) {
        throw new RouterError(
          'CAPACITY_IN_USE',
          `${before.leased} units of ${offerId} are leased, more than ${units}`,
        )
      }
      this.#tables.run(
        'insert into capacity (offer, units) values (?, ?) on conflict do update set units = excluded.units',
        offerId,
        units,
      )
    })
  }

  /** Says how many units an offer has, where nobody has said so before. */
  assumeCapacity(offerId: string, units: number): void {
    this.#transact(() => this.#tables.assumeCapacity(offerId, units))
  }

  /**
   * Says how much a tenant may spend in all.
   *
   * @throws {RouterError} `BUDGET_IN_USE` where more is spent and held.
   */
  setBudget(tenant: string, limitMicroUsd: number): void {
    requireText('tenant', tenant)
    requireWhole('limitMicroUsd', limitMicroUsd, 0, Number.MAX_SAFE_INTEGER)
    this.#transact(() => {
      const before = this.#tables.budget(tenant)
      const used = before === undefined ? 0 : before.spentMicroUsd + before.heldMicroUsd
      if (used > limitMicroUsd) {
        throw new RouterError(
          'BUDGET_IN_USE',
          `${tenant} has spent or set aside ${used} micro-USD, more than ${limitMicroUsd}`,
        )
      }
      this.#tables.run(
        'insert into budget (tenant, allowance) values (?, ?) on conflict do update set allowance = excluded.allowance',
        tenant,
        limitMicroUsd,
      )
    })
  }

  /**
   * Sets units of an offer and a part of a budget aside, until bound, released or `ttlMs` later.
   *
   * @throws {RouterError} `CAPACITY_UNKNOWN`, `BUDGET_UNKNOWN`, `CAPACITY_EXCEEDED`,
   * `BUDGET_EXCEEDED`, `IDEMPOTENCY_CONFLICT`, `INVALID_ARGUMENT`.
   */
  hold(request: HoldRequest): Lease {
    requireHold(request)
    return this.batch((batch) => {
      // Also where nothing is free any more, the first lease is given back.
      const found = batch.known(request.idempotencyKey) ?? batch.take(request)
      return 'lease' in found ? sameOrConflict(found, request) : found
    })
  }

  /** Makes several holds in one transaction. Where `work` throws, none of them is made. */
  batch<T>(work: (batch: HoldBatch) => T): T {
    return this.#transact((moment) => {
      const batch = new HoldBatch(this.#tables, moment)
      const result = work(batch)
      batch.finish()
      return result
    })
  }

  /**
   * Marks a hold as running: its cost will be charged. It ends `ttlMs` later unless it is released
   * before. Gives the lease with a new fence; the one before no longer counts. Binding it again
   * with its new fence and the same reference changes nothing.
   *
   * @throws {RouterError} `LEASE_NOT_FOUND`, `LEASE_ENDED`, `FENCE_STALE`, `INVALID_ARGUMENT`.
   */
  bind(id: string, fence: number, reference: string, ttlMs: number): Lease {
    requireText('reference', reference)
    requireWhole('ttlMs', ttlMs, 1, maxDurationMs)
    return this.#transact(({ now }) => {
      const lease = living(this.#tables, id, fence)
      if (lease.state === 'bound') {
        if (lease.reference === reference) return lease
        throw new RouterError('LEASE_ENDED', `the lease ${id} is bound to ${lease.reference}`)
      }
      this.#tables.run(
        `update lease set state = 'bound', fence = ?, boundAt = ?, expiresAt = ?, reference = ? where row = ?`,
        ...[this.#tables.nextFence(), now, now + ttlMs, reference, leaseRow(id)],
      )
      this.#tables.note(id, 'bound', now)
      return this.#tables.lease(id)
    })
  }

  /**
   * Gives a lease back. A hold costs nothing; a bound lease what is stated, at most what was set
   * aside. Releasing it again gives back the lease as it is.
   *
   * @throws {RouterError} `LEASE_NOT_FOUND`, `LEASE_ENDED` where it has expired, `FENCE_STALE`,
   * `INVALID_ARGUMENT`.
   */
  release(id: string, fence: number, options: ReleaseOptions = {}): Lease {
    return this.#transact(({ now }) => {
      const before = this.#tables.lease(id)
      if (before.state === 'released' && before.fence === fence) return before
      const lease = living(this.#tables, id, fence)
      const most = lease.state === 'bound' ? lease.costMicroUsd : 0
      const charged = options.chargedMicroUsd ?? most
      requireWhole('chargedMicroUsd', charged, 0, most)
      end(this.#tables, lease, 'released', charged, now)
      return this.#tables.lease(id)
    })
  }

  /** A lease by its id. @throws {RouterError} `LEASE_NOT_FOUND`. */
  lease(id: string): Lease {
    return this.#transact(() => this.#tables.lease(id))
  }

  /** All leases, or those in some states, the oldest first. */
  leases(states?: readonly LeaseState[]): readonly Lease[] {
    return this.#transact(() =>
      this.#tables
        .all('select * from lease order by fence')
        .map(leaseOf)
        .filter((each) => states === undefined || states.includes(each.state)),
    )
  }

  /** What every offer that was ever set has, by id. */
  capacities(): readonly Capacity[] {
    return this.#transact(() => this.#tables.capacities())
  }

  /** What every tenant has, by name. */
  budgets(): readonly Budget[] {
    return this.#transact(() =>
      this.#tables.all('select * from budget order by tenant').map(budgetOf),
    )
  }

  /** How many leases are in each state. */
  counts(): Readonly<Record<LeaseState, number>> {
    return this.#transact(() => {
      const counts = { hold: 0, bound: 0, released: 0, expired: 0 }
      for (const { state, n } of this.#tables.all(
        'select state, count(*) as n from lease group by state',
      )) {
        const known = leaseStates.find((each) => each === state)
        if (known !== undefined) counts[known] = Number(n)
      }
      return counts
    })
  }

  /** Every change of a lease, in order. */
  events(): readonly LeaseEvent[] {
    return this.#transact(() =>
      this.#tables
        .all(
          'select sequence, id as lease, event.state, at from event join lease on lease.row = event.lease order by sequence',
        )
        .map(eventOf),
    )
  }

  /** Ends what is due, and says how many leases that were. Every other method does so as well. */
  sweep(): number {
    let ended = 0
    this.#transact((_moment, swept) => {
      ended = swept
    })
    return ended
  }

  /** Why nothing more is written until the ledger is opened again; undefined while it works. */
  get failure(): RouterError | undefined {
    return this.#sync?.failure
  }

  /** Closes the file. Where `groupSync` is on, wait for {@link durable} before. */
  close(): void {
    this.#sync?.close()
    this.#tables.close()
  }

  #transact<T>(work: (moment: Moment, swept: number) => T): T {
    if (this.#sync?.failure !== undefined) throw this.#sync.failure
    // What was due and is rolled back stays due: it ends in the next transaction.
    return translated(() =>
      this.#tables.transact(() => {
        const moment = advance(this.#tables, this.#clock())
        return work(moment, sweep(this.#tables, moment.now))
      }),
    )
  }
}

function sameOrConflict({ lease, ttlMs, question }: Known, request: HoldRequest): Lease {
  const isSame =
    question === null &&
    lease.offerId === request.offerId &&
    lease.tenant === request.tenant &&
    lease.units === request.units &&
    lease.costMicroUsd === request.costMicroUsd &&
    ttlMs === request.ttlMs
  if (isSame) return lease
  throw new RouterError(
    'IDEMPOTENCY_CONFLICT',
    `the key ${request.idempotencyKey} was used for another hold`,
  )
}
