/** Our policy in a simulated world: `decide` for each request, on what is left at that moment. */
import type { Offer } from '../catalog/offer.ts'
import { createSnapshot, type Snapshot, withFree } from '../catalog/snapshot.ts'
import { offerId } from '../catalog/yaml.ts'
import { decide } from '../decide/decide.ts'
import { type RefusalCode, refusalCodes } from '../decide/limits.ts'
import type { PerCriterion, Policy } from '../decide/policy.ts'
import type { Request } from '../decide/request.ts'
import { dropped, type Outcome, type Player, type Step } from './run.ts'
import type { Demand, ProviderState, WorldTenant } from './world.ts'

const msPerHour = 3_600_000

/** GPU-hours as whole milliseconds of one GPU. */
export function gpuMs(gpuHours: number): number {
  return Math.round(gpuHours * msPerHour)
}

/** A tenant's weights as whole numbers. */
function tenantWeights({ weights }: WorldTenant): PerCriterion {
  const whole = (weight: number): number => Math.round(weight * 1000)
  return {
    price: whole(weights.price),
    latency: whole(weights.latency),
    reputation: whole(weights.reputation),
    free: whole(weights.availability),
  }
}

/** An offer for each GPU and region of a provider; all of them show the one pool that they share. */
function offersOf({
  provider,
  open,
  latencyMs,
  capacity,
  reputation,
  usdPerHour,
}: ProviderState): Offer[] {
  const units = Math.floor(capacity * msPerHour)
  return [...provider.usdPerHour.keys()].flatMap((gpu) =>
    provider.regions.map((region) => ({
      id: offerId({ provider: provider.id, gpu, gpus: 1, region, spot: false }),
      provider: provider.id,
      gpu,
      gpus: 1,
      region,
      priceMicroUsd: Math.round((usdPerHour(gpu) ?? 0) * 1_000_000),
      spot: false,
      open,
      latencyMs,
      reputation,
      capacity: units,
      free: units,
    })),
  )
}

function policyOf(tenant: WorldTenant, weights: PerCriterion): Policy {
  return {
    version: tenant.id,
    weights,
    latencySloMs: tenant.maxLatencyMs,
    minReputation: tenant.minReputation,
    maxPriceMicroUsd: 10_000_000,
  }
}

function requestOf(demand: Demand, tenant: WorldTenant, budgetMicroUsd: number): Request {
  const durationMs = Math.max(1, gpuMs(demand.gpuHours))
  return {
    tenant: tenant.id,
    gpu: demand.gpu,
    gpus: 1,
    durationMs,
    units: durationMs,
    regions: [tenant.region],
    budgetMicroUsd,
    maxLatencyMs: tenant.maxLatencyMs,
  }
}

/** The refusal that came furthest: what would have to change for the request to be filled. */
function lastReason(reasons: Iterable<RefusalCode | null>): string {
  let furthest = 0
  for (const reason of reasons) {
    if (reason !== null) furthest = Math.max(furthest, refusalCodes.indexOf(reason))
  }
  return refusalCodes[furthest] ?? 'NO_OFFER'
}

/** Our policy under a name. Weights are each tenant's own unless others are given for all. */
export function ours(name: string, weights?: PerCriterion): Player {
  return { name, play: (step) => playStep(step, weights) }
}

function playStep({ step, states, demand }: Step, weights?: PerCriterion): readonly Outcome[] {
  const takenAt = new Date(step * msPerHour).toISOString()
  let snapshot: Snapshot = createSnapshot({
    version: `step ${step}`,
    takenAt,
    offers: states.flatMap(offersOf),
  })
  const budgets = new Map<string, number>()
  return demand.map((request, index) => {
    const { tenant } = request
    const budget = budgets.get(tenant.id) ?? Math.round(tenant.budgetUsd * 1_000_000)
    const asked = requestOf(request, tenant, budget)
    const policy = policyOf(tenant, weights ?? tenantWeights(tenant))
    const decision = decide(snapshot, asked, policy, step * msPerHour, `${step}/${index}`)
    const { chosen, costMicroUsd } = decision
    if (chosen === null || costMicroUsd === null) {
      return dropped(lastReason(decision.candidates.map(({ reasonCode }) => reasonCode)))
    }
    budgets.set(tenant.id, budget - costMicroUsd)
    snapshot = afterTaking(snapshot, chosen, asked.durationMs)
    return {
      providerId: chosen.provider,
      usdPerHour: chosen.priceMicroUsd / 1_000_000,
      costUsd: costMicroUsd / 1_000_000,
      latencyMs: chosen.latencyMs ?? 0,
      reason: 'ok',
    }
  })
}

function afterTaking(snapshot: Snapshot, { provider, free }: Offer, units: number): Snapshot {
  const left = (free ?? 0) - units
  const shared = snapshot.offers.filter((offer) => offer.provider === provider)
  return withFree(snapshot, new Map(shared.map(({ id }) => [id, left])))
}
