import { randomUUID } from 'node:crypto'

/**
 * The id of the lease in a row of the table: the row, so that finding it needs no index of its own,
 * and 48 random bits, so that no other ledger has a lease of this id.
 */
export function leaseId(row: number): string {
  return `lease-${row}-${randomUUID().slice(24)}`
}

/** The row of the lease of an id; 0, which no lease has, for what is none. */
export function leaseRow(id: string): number {
  return Number(/^lease-([1-9][0-9]{0,14})-[0-9a-f]{12}$/.exec(id)?.[1] ?? 0)
}
