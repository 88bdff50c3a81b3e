/**
 * What no policy can beat in a step, even one that knows all of its requests beforehand.
 *
 * Requests may be split over providers here, and budgets are not looked at: both only make the bound
 * looser. So a policy that reaches it is as good as can be, and one that doesn't may be.
 */
import { everywhere } from '../catalog/offer.ts'
import { gpuMs } from './ours.ts'
import type { Step } from './run.ts'
import { type Flow, Transport } from './transport.ts'

/** The bound of one step. */
export interface StepBound {
  readonly step: number
  /** The most requests that can be filled, counted by the parts of them that are. */
  readonly filled: number
  /** The most GPU-hours. */
  readonly gpuHours: number
  /** The least that this many GPU-hours can cost, in US dollars. */
  readonly costUsd: number
  /** The least sum of latencies at this many GPU-hours, by the parts of requests that are filled. */
  readonly latencyMs: number
  /** The requests of that sum, by their parts. */
  readonly weight: number
}

/** US dollars an hour above which nothing is bought, as in the war-game. */
const dearest = 10

/** The bound of a step. */
export function boundOf({ step, states, demand }: Step): StepBound {
  const supplies = demand.map(({ gpuHours }) => Math.max(1, gpuMs(gpuHours)))
  const capacities = states.map(({ capacity }) => Math.floor(capacity * 3_600_000))
  const price = demand.map(({ gpu, tenant }) =>
    states.map((state) => {
      const { regions } = state.provider
      const usd = state.usdPerHour(gpu)
      const isFeasible =
        state.open &&
        (regions.includes(tenant.region) || regions.includes(everywhere)) &&
        state.latencyMs <= tenant.maxLatencyMs &&
        state.reputation >= tenant.minReputation
      return isFeasible && usd !== undefined && usd <= dearest ? Math.round(usd * 1e6) : undefined
    }),
  )
  const all = demand.map((_, at) => at)
  const solve = (cost: (i: number, j: number) => number | undefined, order: number[][]): Flow => {
    const transport = new Transport({ supplies, capacities, cost })
    for (const sources of order) transport.fill(sources)
    return transport.flow
  }
  const micro = (i: number, j: number): number | undefined => price[i]?.[j]
  // A unit of a short request is more of a request; scaled, so that differences are above the noise.
  const latency = (i: number, j: number): number | undefined =>
    micro(i, j) === undefined ? undefined : ((states[j]?.latencyMs ?? 0) * 1e9) / (supplies[i] ?? 1)
  // What transports can serve forms a polymatroid, on which the greedy order is optimal (Edmonds
  // 1970): requests count the same, so the shortest first.
  const shortestFirst = all.toSorted((a, b) => (supplies[a] ?? 0) - (supplies[b] ?? 0))
  const most = solve(
    micro,
    shortestFirst.map((each) => [each]),
  )
  const cheapest = solve(micro, [all])
  const fastest = solve(latency, [all])
  const served = (flow: Flow): number[] =>
    flow.map((row) => row.reduce((sum, each) => sum + each, 0))
  const parts = (flow: Flow): number =>
    served(flow).reduce((sum, each, at) => sum + each / (supplies[at] ?? 1), 0)
  const total = (flow: Flow, of: (i: number, j: number) => number | undefined): number =>
    flow.reduce(
      (sum, row, i) =>
        sum + row.reduce((part, each, j) => part + (each > 0 ? each * (of(i, j) ?? 0) : 0), 0),
      0,
    )
  return {
    step,
    filled: parts(most),
    gpuHours: served(cheapest).reduce((sum, each) => sum + each, 0) / 3_600_000,
    costUsd: total(cheapest, micro) / 3_600_000 / 1e6,
    latencyMs: total(fastest, latency) / 1e9,
    weight: parts(fastest),
  }
}
