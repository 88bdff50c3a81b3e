/** What a policy did with a demand. */
import type { Demand, ProviderState, WorldTenant } from './world.ts'

/** What became of one request. */
export interface Outcome {
  /** Null where it was dropped. */
  readonly providerId: string | null
  /** Per GPU-hour; 0 where it was dropped. */
  readonly usdPerHour: number
  /** Of the whole request, in US dollars; 0 where it was dropped. */
  readonly costUsd: number
  readonly latencyMs: number
  /** `ok`, or why it was dropped. */
  readonly reason: string
}

/** A dropped request. */
export function dropped(reason: string): Outcome {
  return { providerId: null, usdPerHour: 0, costUsd: 0, latencyMs: 0, reason }
}

/** The requests of one step, with the providers at that step. */
export interface Step {
  readonly step: number
  readonly states: readonly ProviderState[]
  readonly demand: readonly (Demand & { readonly tenant: WorldTenant })[]
}

/** A policy that is played: it answers all requests of a step, in their order. */
export interface Player {
  readonly name: string
  /** One outcome for each request of the step. */
  play(step: Step): readonly Outcome[]
}

/** All that a player did: an outcome for each request of the demand, in its order. */
export interface Run {
  readonly name: string
  readonly outcomes: readonly Outcome[]
}

/** A run in figures. */
export interface RunSummary {
  readonly name: string
  readonly requests: number
  readonly filled: number
  readonly gpuHours: number
  readonly gpuHoursFilled: number
  readonly costUsd: number
  /** Over the requests that were filled. */
  readonly meanLatencyMs: number
}

/** The figures of a run. */
export function summarize({ name, outcomes }: Run, demand: readonly Demand[]): RunSummary {
  let [filled, gpuHours, gpuHoursFilled, costUsd, latency] = [0, 0, 0, 0, 0]
  outcomes.forEach((outcome, at) => {
    const hours = demand[at]?.gpuHours ?? 0
    gpuHours += hours
    if (outcome.providerId === null) return
    filled += 1
    gpuHoursFilled += hours
    costUsd += outcome.costUsd
    latency += outcome.latencyMs
  })
  return {
    ...{ name, requests: outcomes.length, filled, gpuHours, gpuHoursFilled, costUsd },
    meanLatencyMs: filled === 0 ? 0 : latency / filled,
  }
}
