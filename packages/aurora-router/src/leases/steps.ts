/** The steps that a ledger's transactions are made of. */
import { RouterError } from '../errors.ts'
import { requireWhole } from './checks.ts'
import { leaseOf } from './rows.ts'
import type { Tables } from './tables.ts'
import type { HoldRequest, Lease } from './types.ts'

/** The time of this transaction: the clock's, or the latest that any process has seen. */
export function advance(tables: Tables, given: number): number {
  requireWhole('the clock', given, 0, 2 ** 52)
  const { latest } = tables.one('update clock set latest = max(latest, ?) returning latest', given)
  return Number(latest)
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

/** Takes what a hold asks for. */
export function take(tables: Tables, { offerId, tenant, units, costMicroUsd }: HoldRequest): void {
  const capacity = tables.capacity(offerId)
  if (capacity === undefined) {
    throw new RouterError('CAPACITY_UNKNOWN', `nothing is known of the capacity of ${offerId}`)
  }
  const free = capacity.units - capacity.leased
  if (free < units) {
    throw new RouterError('CAPACITY_EXCEEDED', `${offerId} has ${free} units free, not ${units}`)
  }
  const budget = tables.budget(tenant)
  if (budget === undefined) {
    throw new RouterError('BUDGET_UNKNOWN', `${tenant} has no budget`)
  }
  const left = budget.limitMicroUsd - budget.spentMicroUsd - budget.heldMicroUsd
  if (left < costMicroUsd) {
    throw new RouterError(
      'BUDGET_EXCEEDED',
      `${tenant} has ${left} micro-USD left, not ${costMicroUsd}`,
    )
  }
  tables.run('update capacity set leased = leased + ? where offer = ?', units, offerId)
  tables.run('update budget set held = held + ? where tenant = ?', costMicroUsd, tenant)
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
    'update lease set state = ?, endedAt = ?, charged = ? where id = ?',
    ...[state, now, charged, id],
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
