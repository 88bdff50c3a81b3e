/** Leases of capacity within budgets, kept in SQLite. Needs Node. */

export { Ledger, type LedgerOptions, type ReleaseOptions } from './leases/ledger.ts'
export {
  type Budget,
  type Capacity,
  type HoldRequest,
  type Lease,
  type LeaseEvent,
  type LeaseState,
  leaseStates,
} from './leases/types.ts'
