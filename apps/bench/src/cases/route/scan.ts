/**
 * The obvious way: look at every offer, then score what is left. Written down apart from the
 * router, so that it also says whether the router chooses rightly.
 */
import {
  type Candidate,
  costMicroUsd,
  everywhere,
  type Offer,
  type PerCriterion,
  type Policy,
  type RefusalCode,
  type Request,
} from '@vaultmesh/aurora-router'

/** What a scan works on. */
export interface Question {
  readonly offers: readonly Offer[]
  readonly request: Request
  readonly policy: Policy
  /** How old the offers are, in milliseconds. */
  readonly ageMs: number
}

function refusal(offer: Offer, { request, policy, ageMs }: Question): RefusalCode | null {
  const { maxPriceMicroUsd: ceiling = Infinity, minReputation: floor = 0 } = request
  const { maxLatencyMs, budgetMicroUsd: budget } = request
  const { region, priceMicroUsd: price, latencyMs: latency, reputation } = offer
  if (policy.maxAgeMs !== undefined && ageMs > policy.maxAgeMs) return 'CATALOG_STALE'
  if (offer.gpu !== request.gpu) return 'GPU_MISMATCH'
  if (region !== everywhere && request.regions?.includes(region) === false) return 'REGION_MISMATCH'
  if (policy.deny?.includes(offer.provider)) return 'PROVIDER_DENIED'
  if (!offer.open) return 'OFFER_CLOSED'
  if (offer.spot && !(request.spot && policy.spot !== false)) return 'SPOT_NOT_ALLOWED'
  if (offer.gpus < request.gpus) return 'TOO_FEW_GPUS'
  if (price > ceiling || price > (policy.maxPriceMicroUsd ?? Infinity)) return 'PRICE_ABOVE_CEILING'
  if (budget !== undefined && costMicroUsd(price, request.durationMs) > budget) {
    return 'BUDGET_EXCEEDED'
  }
  if (maxLatencyMs !== undefined && latency === null) return 'LATENCY_UNKNOWN'
  if ((latency ?? 0) > (maxLatencyMs ?? Infinity)) return 'LATENCY_ABOVE_CEILING'
  const least = Math.max(floor, policy.minReputation)
  if (reputation === null && least > 0) return 'REPUTATION_UNKNOWN'
  if (reputation !== null && reputation < least) return 'REPUTATION_BELOW_FLOOR'
  return (offer.free ?? Infinity) < (request.units ?? 1) ? 'NO_CAPACITY' : null
}

function part(value: number): number {
  return Math.floor(Math.min(1, Math.max(0, value)) * 1_000_000)
}

function utilities(offer: Offer, cheapest: number, { request, policy }: Question): PerCriterion {
  const floor = Math.max(request.minReputation ?? 0, policy.minReputation)
  const { latencyMs, reputation, free, capacity } = offer
  return {
    price: part(cheapest / offer.priceMicroUsd),
    latency: latencyMs === null ? 0 : part(1 - latencyMs / policy.latencySloMs),
    reputation: reputation === null ? 0 : part((reputation - floor) / (100 - floor)),
    free: part((free ?? 0) / (capacity ?? 1)),
  }
}

function score({ weights: w }: Policy, of: PerCriterion): number {
  return (
    w.price * of.price + w.latency * of.latency + w.reputation * of.reputation + w.free * of.free
  )
}

/** The offers that are not refused and score most: the first of them, or null. */
export function scan(question: Question): Offer | null {
  const feasible = question.offers.filter((offer) => refusal(offer, question) === null)
  let cheapest = Infinity
  for (const { priceMicroUsd } of feasible) cheapest = Math.min(cheapest, priceMicroUsd)
  let chosen: Offer | null = null
  let highest = -1
  for (const offer of feasible) {
    const value = score(question.policy, utilities(offer, cheapest, question))
    if (value > highest) [chosen, highest] = [offer, value]
  }
  return chosen
}

/** The same, and what became of every offer. */
export function scanWithReasons(question: Question): {
  readonly chosen: Offer | null
  readonly candidates: readonly Candidate[]
} {
  const { offers, policy } = question
  const { price, latency, reputation, free } = policy.weights
  const total = price + latency + reputation + free
  const refusals = offers.map((offer) => refusal(offer, question))
  let cheapest = Infinity
  for (const [at, { priceMicroUsd }] of offers.entries()) {
    if (refusals[at] === null) cheapest = Math.min(cheapest, priceMicroUsd)
  }
  let best = -1
  let highest = -1
  const candidates = offers.map((offer, at): Candidate => {
    const { id: offerId } = offer
    const reasonCode = refusals[at] ?? null
    if (reasonCode !== null) {
      return { offerId, verdict: 'refused', reasonCode, utilities: null, score: null }
    }
    const parts = utilities(offer, cheapest, question)
    const value = score(policy, parts)
    if (value > highest) [best, highest] = [at, value]
    const rounded = Math.floor(value / total)
    return { offerId, verdict: 'feasible', reasonCode, utilities: parts, score: rounded }
  })
  const chosen = candidates[best]
  if (chosen !== undefined) candidates[best] = { ...chosen, verdict: 'chosen' }
  return { chosen: offers[best] ?? null, candidates }
}
