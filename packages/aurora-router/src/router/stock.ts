/** What can be leased now: a catalog with the units that a ledger says are free. */
import { type Snapshot, type Units, withUnits } from '../catalog/snapshot.ts'
import type { HoldBatch } from '../leases/batch.ts'
import type { Capacity } from '../leases/types.ts'

/** The units that are different from what a snapshot says, of its own offers. */
function changes(snapshot: Snapshot, capacities: Iterable<Capacity>): Map<string, Units> {
  const changed = new Map<string, Units>()
  for (const { offerId, units, leased } of capacities) {
    const offer = snapshot.offer(offerId)
    const free = units - leased
    if (offer === undefined || (offer.capacity === units && offer.free === free)) continue
    changed.set(offerId, { capacity: units, free })
  }
  return changed
}

/**
 * A catalog with the units of a ledger: what is leased there is not free, and what is stated there
 * of an offer's capacity counts in place of what the catalog says.
 */
export function withLeased(snapshot: Snapshot, capacities: Iterable<Capacity>): Snapshot {
  return withUnits(snapshot, changes(snapshot, capacities))
}

/** Offers of which nobody has said how many units there are: none can be leased. */
function withoutUnknown(catalog: Snapshot): Snapshot {
  const unknown = catalog.offers.filter(({ capacity }) => capacity === null)
  return withUnits(catalog, new Map(unknown.map(({ id }) => [id, { capacity: 0, free: 0 }])))
}

/** Keeps up with a ledger that other processes may change too. */
export class Stock {
  readonly #catalog: Snapshot
  #snapshot: Snapshot
  #version: number | undefined

  constructor(catalog: Snapshot) {
    this.#catalog = withoutUnknown(catalog)
    this.#snapshot = this.#catalog
  }

  /** What can be leased as a transaction begins. */
  before(batch: HoldBatch): Snapshot {
    const version = batch.stock()
    if (version !== this.#version) {
      this.#snapshot = withLeased(this.#catalog, batch.capacities())
      this.#version = version
    }
    return this.#snapshot
  }

  /** What can be leased in the middle of a transaction. Not known from then on. */
  within(batch: HoldBatch): Snapshot {
    this.#version = undefined
    this.#snapshot = withLeased(this.#snapshot, batch.taken())
    return this.#snapshot
  }

  /** What has been taken is committed, and nothing else was changed: that needs no reading again. */
  after(taken: Iterable<Capacity>, version: number): void {
    this.#snapshot = withLeased(this.#snapshot, taken)
    this.#version = version
  }

  /** What was taken may be rolled back. */
  forget(): void {
    this.#version = undefined
  }
}
