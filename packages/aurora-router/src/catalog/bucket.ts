/** Offers of one GPU in one region, cheapest first, with what the rest of the list can offer at best. */
import type { Offer } from './offer.ts'

/** A bucket. Arrays run along `offers`; the three maxima are over an offer and all after it. */
export interface Bucket {
  /** By price; at one price by id. */
  readonly offers: readonly Offer[]
  /** The least latency from here on; Infinity where none is known. */
  readonly leastLatency: Float64Array
  /** The best reputation from here on; -1 where none is known. */
  readonly bestReputation: Float64Array
  /** The largest part of its units that any offer from here on has free; 0 where none is known. */
  readonly mostFree: Float64Array
}

function cheapestFirst(one: Offer, other: Offer): number {
  return one.priceMicroUsd - other.priceMicroUsd || (one.id < other.id ? -1 : 1)
}

/** The part of an offer's units that is free; 0 where it is not known. */
export function freeFraction({ capacity, free }: Offer): number {
  return capacity === null || free === null || capacity === 0 ? 0 : free / capacity
}

/** A bucket of offers that are all of one GPU and region. */
export function bucketOf(unsorted: readonly Offer[]): Bucket {
  const offers = unsorted.toSorted(cheapestFirst)
  const leastLatency = new Float64Array(offers.length)
  const bestReputation = new Float64Array(offers.length)
  const mostFree = new Float64Array(offers.length)
  let latency = Number.POSITIVE_INFINITY
  let reputation = -1
  let free = 0
  for (let at = offers.length - 1; at >= 0; at -= 1) {
    const offer = offers[at]
    if (offer === undefined) continue
    latency = Math.min(latency, offer.latencyMs ?? latency)
    reputation = Math.max(reputation, offer.reputation ?? -1)
    free = Math.max(free, freeFraction(offer))
    leastLatency[at] = latency
    bestReputation[at] = reputation
    mostFree[at] = free
  }
  return { offers, leastLatency, bestReputation, mostFree }
}
