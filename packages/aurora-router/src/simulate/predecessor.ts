/**
 * The predecessor's policy, as it was, mistakes included: the reciprocals of price and latency are
 * added to parts of 1, so latency hardly counts; capacity is taken before the budget is looked at.
 * In double precision and in its order of operations, so that each row comes out the same.
 */
import { everywhere } from '../catalog/offer.ts'
import { dropped, type Outcome, type Player, type Step } from './run.ts'
import type { Demand, ProviderState, WorldTenant } from './world.ts'

interface Scored {
  readonly state: ProviderState
  readonly usdPerHour: number
  readonly score: number
}

/** Prices above this, in US dollars an hour, were never paid, and the ceiling was never below the other. */
const [dearest, least] = [10, 0.1]

function score(
  { latencyMs, reputation, capacity }: ProviderState,
  usdPerHour: number,
  left: number,
  { weights }: WorldTenant,
): number {
  return (
    (1 / Math.max(usdPerHour, 1e-6)) * weights.price +
    (1 / Math.max(latencyMs, 1e-6)) * weights.latency +
    (reputation / 100) * weights.reputation +
    (left / Math.max(1e-6, capacity)) * weights.availability
  )
}

function candidateOf(
  state: ProviderState,
  request: Demand & { readonly tenant: WorldTenant },
  left: number,
  ceiling: number,
): Scored | undefined {
  const { tenant, gpu, gpuHours } = request
  const { regions } = state.provider
  const usdPerHour = state.usdPerHour(gpu)
  const viable =
    state.open &&
    (regions.includes(tenant.region) || regions.includes(everywhere)) &&
    state.latencyMs <= tenant.maxLatencyMs &&
    state.reputation >= tenant.minReputation &&
    left >= gpuHours
  if (!viable || usdPerHour === undefined || usdPerHour > ceiling) return undefined
  return { state, usdPerHour, score: score(state, usdPerHour, left, tenant) }
}

/** The predecessor's greedy policy. */
export const predecessor: Player = {
  name: 'predecessor',
  play({ states, demand }: Step): readonly Outcome[] {
    const left = new Map(states.map(({ provider, capacity }) => [provider.id, capacity]))
    const budgets = new Map<string, number>()
    return demand.map((request) => {
      const { tenant, gpuHours } = request
      const budget = budgets.get(tenant.id) ?? tenant.budgetUsd
      const ceiling = Math.max(least, Math.min(dearest, budget / Math.max(gpuHours, 1e-6)))
      let best: Scored | undefined
      for (const state of states) {
        const found = candidateOf(state, request, left.get(state.provider.id) ?? 0, ceiling)
        if (found !== undefined && (best === undefined || found.score > best.score)) best = found
      }
      if (best === undefined) return dropped('no_viable_provider')
      const { id } = best.state.provider
      left.set(id, (left.get(id) ?? 0) - gpuHours)
      const costUsd = best.usdPerHour * gpuHours
      if (budget - costUsd < -1e-6) return dropped('budget_exceeded')
      budgets.set(tenant.id, budget - costUsd)
      const { latencyMs } = best.state
      return { providerId: id, usdPerHour: best.usdPerHour, costUsd, latencyMs, reason: 'ok' }
    })
  },
}
