/** Rows of a ledger's tables as values. */
import type { SQLOutputValue } from 'node:sqlite'
import { RouterError } from '../errors.ts'
import { type Budget, type Capacity, type Lease, type LeaseEvent, leaseStates } from './types.ts'

/** A row as `node:sqlite` gives it. */
export type Row = Readonly<Record<string, SQLOutputValue>>

function text(row: Row, column: string): string {
  const value = row[column]
  return typeof value === 'string' ? value : damaged(column)
}

function whole(row: Row, column: string): number {
  const value = row[column]
  return typeof value === 'number' ? value : damaged(column)
}

function damaged(column: string): never {
  throw new RouterError('LEDGER_INVALID', `the column ${column} does not hold what it must`)
}

function state(row: Row): Lease['state'] {
  const value = text(row, 'state')
  return leaseStates.find((each) => each === value) ?? damaged('state')
}

function orNull<T>(row: Row, column: string, read: (row: Row, column: string) => T): T | null {
  return row[column] === null ? null : read(row, column)
}

/** A row of `lease`. */
export function leaseOf(row: Row): Lease {
  return {
    id: text(row, 'id'),
    offerId: text(row, 'offer'),
    tenant: text(row, 'tenant'),
    units: whole(row, 'units'),
    costMicroUsd: whole(row, 'cost'),
    idempotencyKey: text(row, 'key'),
    fence: whole(row, 'fence'),
    state: state(row),
    heldAt: whole(row, 'heldAt'),
    expiresAt: whole(row, 'expiresAt'),
    boundAt: orNull(row, 'boundAt', whole),
    endedAt: orNull(row, 'endedAt', whole),
    reference: orNull(row, 'reference', text),
    chargedMicroUsd: orNull(row, 'charged', whole),
  }
}

/** A row of `capacity`. */
export function capacityOf(row: Row): Capacity {
  return { offerId: text(row, 'offer'), units: whole(row, 'units'), leased: whole(row, 'leased') }
}

/** A row of `budget`. */
export function budgetOf(row: Row): Budget {
  return {
    tenant: text(row, 'tenant'),
    limitMicroUsd: whole(row, 'allowance'),
    spentMicroUsd: whole(row, 'spent'),
    heldMicroUsd: whole(row, 'held'),
  }
}

/** A row of `event`. */
export function eventOf(row: Row): LeaseEvent {
  return {
    sequence: whole(row, 'sequence'),
    leaseId: text(row, 'lease'),
    state: state(row),
    at: whole(row, 'at'),
  }
}
