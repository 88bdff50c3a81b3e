/** What a ledger of leases keeps. */

/** `hold` until it is `bound` or `expired`; `bound` until it is `released` or `expired`. */
export const leaseStates = ['hold', 'bound', 'released', 'expired'] as const

/** The state of a lease. */
export type LeaseState = (typeof leaseStates)[number]

/** A lease: some units of an offer, and a part of a tenant's budget, for a time. */
export interface Lease {
  readonly id: string
  readonly offerId: string
  readonly tenant: string
  readonly units: number
  /** What is set aside of the budget while the lease lives, and charged when it was bound. */
  readonly costMicroUsd: number
  readonly idempotencyKey: string
  /**
   * Grows with every hold and every binding of a ledger. Whoever acts for the lease presents it, so
   * that one who was asleep while the lease ended can't act on it, nor a provider be told twice.
   */
  readonly fence: number
  readonly state: LeaseState
  /** Milliseconds since 1970; what has not happened is null. */
  readonly heldAt: number
  readonly expiresAt: number
  readonly boundAt: number | null
  readonly endedAt: number | null
  /** The provider's name for what runs, once bound. */
  readonly reference: string | null
  /** What the tenant was charged, once it has ended. */
  readonly chargedMicroUsd: number | null
}

/** What a hold asks for. */
export interface HoldRequest {
  /** The same key and content give back the first lease; the same key and other content fail. */
  readonly idempotencyKey: string
  readonly offerId: string
  readonly tenant: string
  readonly units: number
  readonly costMicroUsd: number
  /** How long it is held unless it is bound, in milliseconds. */
  readonly ttlMs: number
}

/** An offer's units. */
export interface Capacity {
  readonly offerId: string
  readonly units: number
  /** In holds and bound leases. */
  readonly leased: number
}

/** A tenant's money. */
export interface Budget {
  readonly tenant: string
  readonly limitMicroUsd: number
  /** Charged for leases that have ended. */
  readonly spentMicroUsd: number
  /** Set aside for holds and bound leases. */
  readonly heldMicroUsd: number
}

/** One change of a lease, in the order in which they were committed. */
export interface LeaseEvent {
  readonly sequence: number
  readonly leaseId: string
  readonly state: LeaseState
  readonly at: number
}
