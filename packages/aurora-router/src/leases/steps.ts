/** The steps that a ledger's transactions are made of. */
import { RouterError } from '../errors.ts'
import { requireWhole } from './checks.ts'
import { leaseRow } from './lease-id.ts'
import { leaseOf } from './rows.ts'
import type { Tables } from './tables.ts'
import type { Lease } from './types.ts'

/** What a transaction begins with. */
export interface Moment {
  /** The clock's time, or the latest that any process has seen. */
  readonly now: number
  /** The highest fence so far. */
  readonly fence: number
}

/** The time of this transaction. */
export function advance(tables: Tables, given: number): Moment {
  requireWhole('the clock', given, 0, 2 ** 52)
  const { latest, fence } = tables.one(
    'update clock set latest = max(latest, ?) returning latest, fence',
    given,
  )
  return { now: Number(latest), fence: Number(fence) }
}

/** Ends what is due, and says how many leases that were. */
export function sweep(tables: Tables, now: number): number {
  const due = tables
    .all(`select * from lease where state in ('hold', 'bound') and expiresAt <= ?`, now)
    .map(leaseOf)
  // Who bound it has run it to its end, as far as is known here.
  for (const lease of due) {
    end(tables, lease, 'expired', lease.state === 'bound' ? lease.costMicroUsd : 0, now)
  }
  return due.length
}

/** Ends a lease: its units are free again, and its money spent or free again. */
export function end(
  tables: Tables,
  lease: Lease,
  state: 'released' | 'expired',
  charged: number,
  now: number,
): void {
  const { id, offerId, tenant, units, costMicroUsd } = lease
  tables.run('update capacity set leased = leased - ? where offer = ?', units, offerId)
  tables.run(
    'update budget set held = held - ?, spent = spent + ? where tenant = ?',
    ...[costMicroUsd, charged, tenant],
  )
  tables.run(
    'update lease set state = ?, endedAt = ?, charged = ? where row = ?',
    ...[state, now, charged, leaseRow(id)],
  )
  tables.note(id, state, now)
}

/** A lease that lives and has this fence. */
export function living(tables: Tables, id: string, fence: number): Lease {
  const lease = tables.lease(id)
  if (lease.state === 'released' || lease.state === 'expired') {
    throw new RouterError('LEASE_ENDED', `the lease ${id} is ${lease.state}`)
  }
  if (lease.fence !== fence) {
    throw new RouterError('FENCE_STALE', `the fence of the lease ${id} is not ${fence}`)
  }
  return lease
}
