/** Open offers of one GPU, cheapest first, in columns: a choice compares numbers of many offers. */
import type { Offer } from './offer.ts'

/**
 * A bucket. Columns run along `offers`. Where something is not known, they hold what it may be at
 * worst, but for the free units: how many there are is found out by asking the provider.
 */
export interface Bucket {
  /** By price; at one price by id. */
  readonly offers: readonly Offer[]
  readonly prices: Float64Array
  readonly gpus: Uint16Array
  /** 1 for an offer that can be taken back. */
  readonly spot: Uint8Array
  /** Infinity where not known. */
  readonly latencies: Float64Array
  /** 0 where not known. */
  readonly reputations: Float64Array
  /** Infinity where not known. */
  readonly freeUnits: Float64Array
  /** See {@link freeUtility}. */
  readonly freeUtilities: Float64Array
  /** The least of `latencies`. */
  readonly leastLatency: number
  /** The most of `reputations`. */
  readonly bestReputation: number
  /** The most of `freeUtilities`. */
  readonly mostFree: number
}

function cheapestFirst(one: Offer, other: Offer): number {
  return one.priceMicroUsd - other.priceMicroUsd || (one.id < other.id ? -1 : 1)
}

/** The part of an offer's units that is free, in whole millionths; 0 where it is not known. */
export function freeUtility({ capacity, free }: Offer): number {
  if (capacity === null || free === null || capacity === 0) return 0
  return Math.floor((free / capacity) * 1_000_000)
}

/** A bucket of open offers that are all of one GPU. */
export function bucketOf(unsorted: readonly Offer[]): Bucket {
  const offers = unsorted.toSorted(cheapestFirst)
  const numbers = (of: (offer: Offer) => number): Float64Array => Float64Array.from(offers, of)
  const latencies = numbers(({ latencyMs }) => latencyMs ?? Number.POSITIVE_INFINITY)
  const reputations = numbers(({ reputation }) => reputation ?? 0)
  const freeUtilities = numbers(freeUtility)
  const most = (column: Float64Array): number =>
    column.reduce((highest, value) => Math.max(highest, value), 0)
  return {
    offers,
    prices: numbers(({ priceMicroUsd }) => priceMicroUsd),
    gpus: Uint16Array.from(offers, ({ gpus }) => gpus),
    spot: Uint8Array.from(offers, ({ spot }) => Number(spot)),
    latencies,
    reputations,
    freeUnits: numbers(({ free }) => free ?? Number.POSITIVE_INFINITY),
    freeUtilities,
    leastLatency: latencies.reduce((least, value) => Math.min(least, value), Infinity),
    bestReputation: most(reputations),
    mostFree: most(freeUtilities),
  }
}
