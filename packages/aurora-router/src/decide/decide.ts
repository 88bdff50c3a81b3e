/** The choice of an offer: pure, so that the same inputs give the same bytes. */
import type { Bucket } from '../catalog/bucket.ts'
import { everywhere, type Offer } from '../catalog/offer.ts'
import type { Snapshot } from '../catalog/snapshot.ts'
import { RouterError } from '../errors.ts'
import { costMicroUsd } from '../money.ts'
import { ageOf, Decision } from './decision.ts'
import { type Limits, limitsOf, weightedPrice, weightedQuality } from './limits.ts'
import type { Policy } from './policy.ts'
import type { Request } from './request.ts'

const none: readonly Bucket[] = []

/** The buckets that hold the open offers of the right GPU in a region that will do. */
function bucketsFor({ buckets }: Snapshot, { gpu, regions }: Request): readonly Bucket[] {
  const ofGpu = buckets.get(gpu)
  if (ofGpu === undefined) return none
  if (regions === undefined) return [ofGpu.anywhere]
  const found: Bucket[] = []
  const add = (region: string): void => {
    const bucket = ofGpu.byRegion.get(region)
    if (bucket !== undefined && !found.includes(bucket)) found.push(bucket)
  }
  for (const region of regions) add(region)
  add(everywhere)
  return found
}

/** Whether an offer, and with it all after it, costs more than it may. */
function isTooDear(price: number, { maxPrice, budget, request }: Limits): boolean {
  return (
    price > maxPrice || (budget !== Infinity && costMicroUsd(price, request.durationMs) > budget)
  )
}

/** Whether the offer at a place of a bucket is feasible, but for what it costs. */
function fits(bucket: Bucket, at: number, limits: Limits): boolean {
  return (
    (bucket.gpus[at] ?? 0) >= limits.request.gpus &&
    (limits.spot || bucket.spot[at] === 0) &&
    (bucket.latencies[at] ?? 0) <= limits.maxLatency &&
    (bucket.reputations[at] ?? 0) >= limits.minReputation &&
    (bucket.freeUnits[at] ?? 0) >= limits.units
  )
}

function isDenied({ provider }: Offer, { deny }: Limits): boolean {
  return deny?.includes(provider) === true
}

/** The place of the cheapest offer of a bucket that is feasible; past its end where none is. */
function firstFeasible(bucket: Bucket, limits: Limits): number {
  const { offers, prices } = bucket
  for (let at = 0; at < offers.length; at += 1) {
    if (isTooDear(prices[at] ?? 0, limits)) break
    const offer = offers[at]
    if (offer !== undefined && fits(bucket, at, limits) && !isDenied(offer, limits)) return at
  }
  return offers.length
}

/**
 * 32-bit FNV-1a of the seed, a NUL and an id, in UTF-16 units: spreads ties over offers without
 * preferring an early name. It needs no strength: whoever may choose the seed may choose the winner.
 */
function tieRank(seed: string, id: string): number {
  let hash = 0x811c9dc5
  for (const text of [seed, '\0', id]) {
    for (let at = 0; at < text.length; at += 1) {
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    }
  }
  return hash >>> 0
}

function winsTie(one: Offer, other: Offer, seed: string): boolean {
  const [mine, theirs] = [tieRank(seed, one.id), tieRank(seed, other.id)]
  return mine === theirs ? one.id < other.id : mine < theirs
}

/** The best of all offers of each bucket from its start on; one that can't win ends its bucket. */
function best(
  buckets: readonly Bucket[],
  starts: readonly number[],
  cheapest: number,
  limits: Limits,
  seed: string,
): Offer | null {
  let winner: Offer | null = null
  let highest = -1
  for (let which = 0; which < buckets.length; which += 1) {
    const bucket = buckets[which]
    if (bucket === undefined) continue
    const { offers, prices, latencies, reputations, freeUtilities } = bucket
    const { leastLatency, bestReputation, mostFree } = bucket
    const most = weightedQuality(leastLatency, bestReputation, mostFree, limits)
    for (let at = starts[which] ?? 0; at < offers.length; at += 1) {
      const price = prices[at] ?? 0
      const ofPrice = weightedPrice(price, cheapest, limits)
      if (ofPrice + most < highest || isTooDear(price, limits)) break
      if (!fits(bucket, at, limits)) continue
      const score =
        ofPrice +
        weightedQuality(latencies[at] ?? 0, reputations[at] ?? 0, freeUtilities[at] ?? 0, limits)
      const offer = offers[at]
      if (score < highest || offer === undefined || isDenied(offer, limits)) continue
      if (score > highest || winner === null || winsTie(offer, winner, seed)) {
        winner = offer
        highest = score
      }
    }
  }
  return winner
}

/**
 * Chooses an offer for a request.
 *
 * `clock` is the time in milliseconds since 1970; `seed` decides between offers of one score. Reads
 * nothing else: the same inputs give a decision with the same bytes. Snapshot, request and policy
 * must have been read by their parsers, or keep to what those take, and not be changed afterwards.
 *
 * @throws {RouterError} `INVALID_ARGUMENT` for a clock that is no whole number from 0 to 253402300799999.
 */
export function decide(
  snapshot: Snapshot,
  request: Request,
  policy: Policy,
  clock: number,
  seed: string,
): Decision {
  if (!Number.isSafeInteger(clock) || clock < 0 || clock > 253_402_300_799_999) {
    throw new RouterError('INVALID_ARGUMENT', `the clock can't be ${clock}`)
  }
  const limits = limitsOf(request, policy, ageOf(snapshot, clock))
  const inputs = { snapshot, request, policy, clock, seed }
  if (limits.stale) return new Decision(inputs, limits, null, 0)
  const buckets = bucketsFor(snapshot, request)
  let cheapest = Number.POSITIVE_INFINITY
  const starts = buckets.map((bucket) => {
    const at = firstFeasible(bucket, limits)
    cheapest = Math.min(cheapest, bucket.prices[at] ?? cheapest)
    return at
  })
  return new Decision(inputs, limits, best(buckets, starts, cheapest, limits, seed), cheapest)
}
