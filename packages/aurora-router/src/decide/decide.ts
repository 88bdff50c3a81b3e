/** The choice of an offer: pure, so that the same inputs give the same bytes. */
import type { Bucket } from '../catalog/bucket.ts'
import { everywhere, type Offer } from '../catalog/offer.ts'
import type { Snapshot } from '../catalog/snapshot.ts'
import { RouterError } from '../errors.ts'
import { ageOf, Decision } from './decision.ts'
import {
  boundFrom,
  type Limits,
  limitsOf,
  refusalInBucket,
  utilitiesOf,
  weighted,
} from './limits.ts'
import type { Policy } from './policy.ts'
import type { Request } from './request.ts'

const none: readonly Bucket[] = []

/** The buckets that hold offers of the right GPU in a region that will do. */
function bucketsFor({ buckets }: Snapshot, { gpu, regions }: Request): Iterable<Bucket> {
  const byRegion = buckets.get(gpu)
  if (byRegion === undefined) return none
  if (regions === undefined) return byRegion.values()
  const found: Bucket[] = []
  for (const region of regions.includes(everywhere) ? regions : [...regions, everywhere]) {
    const bucket = byRegion.get(region)
    if (bucket !== undefined && !found.includes(bucket)) found.push(bucket)
  }
  return found
}

/** A bucket with its cheapest feasible offer. */
interface Start {
  readonly bucket: Bucket
  readonly at: number
}

function firstFeasible({ offers }: Bucket, limits: Limits): number | undefined {
  for (let at = 0; at < offers.length; at += 1) {
    const offer = offers[at]
    if (offer === undefined || offer.priceMicroUsd > limits.maxPrice) return undefined
    if (refusalInBucket(offer, limits) === undefined) return at
  }
  return undefined
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

/** The best of all offers from each start on; an offer that can't win ends its bucket. */
function best(
  starts: readonly Start[],
  cheapest: number,
  limits: Limits,
  seed: string,
): Offer | null {
  let winner: Offer | null = null
  let highest = -1
  for (const { bucket, at: start } of starts) {
    const { offers, leastLatency, bestReputation, mostFree } = bucket
    for (let at = start; at < offers.length; at += 1) {
      const offer = offers[at]
      if (offer === undefined || offer.priceMicroUsd > limits.maxPrice) break
      const bound = boundFrom(
        offer.priceMicroUsd,
        cheapest,
        leastLatency[at] ?? 0,
        bestReputation[at] ?? 100,
        mostFree[at] ?? 1,
        limits,
      )
      if (bound < highest) break
      if (refusalInBucket(offer, limits) !== undefined) continue
      const score = weighted(limits.weights, utilitiesOf(offer, cheapest, limits))
      if (
        score > highest ||
        (score === highest && winner !== null && winsTie(offer, winner, seed))
      ) {
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
  const starts: Start[] = []
  let cheapest = Number.POSITIVE_INFINITY
  for (const bucket of bucketsFor(snapshot, request)) {
    const at = firstFeasible(bucket, limits)
    const offer = at === undefined ? undefined : bucket.offers[at]
    if (at === undefined || offer === undefined) continue
    starts.push({ bucket, at })
    cheapest = Math.min(cheapest, offer.priceMicroUsd)
  }
  return new Decision(inputs, limits, best(starts, cheapest, limits, seed), cheapest)
}
