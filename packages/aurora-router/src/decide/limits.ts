/** The limits in force for one request under one policy: the stricter of the two, each time. */
import { freeUtility } from '../catalog/bucket.ts'
import type { Offer } from '../catalog/offer.ts'
import { costMicroUsd } from '../money.ts'
import type { PerCriterion, Policy } from './policy.ts'
import { accepts, type Request } from './request.ts'

/** Why an offer was refused, in the order in which that is asked: the first that holds is given. */
export const refusalCodes = [
  'CATALOG_STALE',
  'GPU_MISMATCH',
  'REGION_MISMATCH',
  'PROVIDER_DENIED',
  'OFFER_CLOSED',
  'SPOT_NOT_ALLOWED',
  'TOO_FEW_GPUS',
  'PRICE_ABOVE_CEILING',
  'BUDGET_EXCEEDED',
  'LATENCY_UNKNOWN',
  'LATENCY_ABOVE_CEILING',
  'REPUTATION_UNKNOWN',
  'REPUTATION_BELOW_FLOOR',
  'NO_CAPACITY',
] as const

/** One of the reasons why an offer is refused. */
export type RefusalCode = (typeof refusalCodes)[number]

/** Limits, ready to compare with. Where none applies: Infinity for a ceiling, 0 for a floor. */
export interface Limits {
  readonly request: Request
  readonly stale: boolean
  readonly deny: readonly string[] | undefined
  readonly spot: boolean
  readonly maxPrice: number
  readonly budget: number
  readonly maxLatency: number
  readonly minReputation: number
  readonly units: number
  readonly latencySlo: number
  readonly weights: PerCriterion
  /** The sum of the weights. */
  readonly totalWeight: number
}

const none = Number.POSITIVE_INFINITY

/** The limits in force. `ageMs` is how old the snapshot is. */
export function limitsOf(request: Request, policy: Policy, ageMs: number): Limits {
  const { weights } = policy
  return {
    request,
    stale: ageMs > (policy.maxAgeMs ?? none),
    deny: policy.deny,
    spot: request.spot === true && policy.spot !== false,
    maxPrice: Math.min(request.maxPriceMicroUsd ?? none, policy.maxPriceMicroUsd ?? none),
    budget: request.budgetMicroUsd ?? none,
    maxLatency: request.maxLatencyMs ?? none,
    minReputation: Math.max(request.minReputation ?? 0, policy.minReputation),
    units: request.units ?? 1,
    latencySlo: policy.latencySloMs,
    weights,
    totalWeight: weights.price + weights.latency + weights.reputation + weights.free,
  }
}

/** Why an offer of the right GPU and region is refused, or undefined. */
function refusalInBucket(offer: Offer, limits: Limits): RefusalCode | undefined {
  if (limits.deny?.includes(offer.provider) === true) return 'PROVIDER_DENIED'
  if (!offer.open) return 'OFFER_CLOSED'
  if (offer.spot && !limits.spot) return 'SPOT_NOT_ALLOWED'
  if (offer.gpus < limits.request.gpus) return 'TOO_FEW_GPUS'
  if (offer.priceMicroUsd > limits.maxPrice) return 'PRICE_ABOVE_CEILING'
  if (
    limits.budget !== none &&
    costMicroUsd(offer.priceMicroUsd, limits.request.durationMs) > limits.budget
  ) {
    return 'BUDGET_EXCEEDED'
  }
  return refusalOfQuality(offer, limits)
}

function refusalOfQuality(offer: Offer, limits: Limits): RefusalCode | undefined {
  if (limits.maxLatency !== none) {
    if (offer.latencyMs === null) return 'LATENCY_UNKNOWN'
    if (offer.latencyMs > limits.maxLatency) return 'LATENCY_ABOVE_CEILING'
  }
  // What is not known may be as bad as 0, which a floor of 0 takes.
  if (offer.reputation === null) {
    if (limits.minReputation > 0) return 'REPUTATION_UNKNOWN'
  } else if (offer.reputation < limits.minReputation) {
    return 'REPUTATION_BELOW_FLOOR'
  }
  // A capacity that is not known is found out by asking the provider, not here.
  if (offer.free !== null && offer.free < limits.units) return 'NO_CAPACITY'
  return undefined
}

/** Why an offer is refused, or undefined where it is feasible. */
export function refusalOf(offer: Offer, limits: Limits): RefusalCode | undefined {
  if (limits.stale) return 'CATALOG_STALE'
  if (offer.gpu !== limits.request.gpu) return 'GPU_MISMATCH'
  if (!accepts(limits.request, offer.region)) return 'REGION_MISMATCH'
  return refusalInBucket(offer, limits)
}

/** A part of 1 in whole millionths, rounded down, never below 0 or above 1,000,000. */
function millionths(part: number): number {
  return part <= 0 ? 0 : part >= 1 ? 1_000_000 : Math.floor(part * 1_000_000)
}

/** Of the price: what the cheapest feasible offer costs, as a part of what this one costs. */
function priceUtility(price: number, cheapest: number): number {
  return price === 0 ? 1_000_000 : millionths(cheapest / price)
}

/** Of the latency: 1 at none, 0 at the objective and above it. */
function latencyUtility(latency: number, slo: number): number {
  return millionths(1 - latency / slo)
}

/** Of the reputation: 0 at the floor, 1 at 100. */
function reputationUtility(reputation: number, floor: number): number {
  return floor >= 100 ? 1_000_000 : millionths((reputation - floor) / (100 - floor))
}

/** All utilities of a feasible offer, in millionths. */
export function utilitiesOf(offer: Offer, cheapest: number, limits: Limits): PerCriterion {
  return {
    price: priceUtility(offer.priceMicroUsd, cheapest),
    latency: latencyUtility(offer.latencyMs ?? none, limits.latencySlo),
    reputation: reputationUtility(offer.reputation ?? 0, limits.minReputation),
    free: freeUtility(offer),
  }
}

/**
 * The sum of weight times utility, a whole number below 2^53. Offers are compared by it and by
 * nothing rounded, so that raising a weight can't make that criterion of the choice worse.
 */
export function weighted(weights: PerCriterion, of: PerCriterion): number {
  return (
    weights.price * of.price +
    weights.latency * of.latency +
    weights.reputation * of.reputation +
    weights.free * of.free
  )
}

/** The part of {@link weighted} that the price makes. */
export function weightedPrice(price: number, cheapest: number, { weights }: Limits): number {
  return weights.price * priceUtility(price, cheapest)
}

/** The part of {@link weighted} that all but the price make. */
export function weightedQuality(
  latency: number,
  reputation: number,
  freeUtility: number,
  { weights, latencySlo, minReputation }: Limits,
): number {
  return (
    weights.latency * latencyUtility(latency, latencySlo) +
    weights.reputation * reputationUtility(reputation, minReputation) +
    weights.free * freeUtility
  )
}
