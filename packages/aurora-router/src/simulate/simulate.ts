/** Plays policies on one demand in one world, beside the bound. */
import { boundOf, type StepBound } from './bound.ts'
import { ours } from './ours.ts'
import { predecessor } from './predecessor.ts'
import {
  type Outcome,
  type Player,
  type Run,
  type RunSummary,
  type Step,
  summarize,
} from './run.ts'
import type { WargameAnswer } from './wargame.ts'
import { type Demand, Timeline, type World } from './world.ts'

/** A simulation that has been played. */
export interface Simulation {
  readonly world: World
  readonly demand: readonly Demand[]
  readonly runs: readonly Run[]
  readonly summaries: readonly RunSummary[]
  readonly bounds: readonly StepBound[]
}

/** The policies that are played unless others are given. */
export const players: readonly Player[] = [
  predecessor,
  ours('aurora'),
  ours('aurora, price only', { price: 1, latency: 0, reputation: 0, free: 0 }),
  ours('aurora, latency only', { price: 0, latency: 1, reputation: 0, free: 0 }),
]

/** The requests by step. Those of tenants that are not in the world are left out. */
function stepsOf(world: World, demand: readonly Demand[]): readonly Step[] {
  const tenants = new Map(world.tenants.map((tenant) => [tenant.id, tenant]))
  const timeline = new Timeline(world)
  const byStep = Map.groupBy(demand, ({ step }) => step)
  return Array.from({ length: world.steps }, (_, step) => ({
    step,
    states: timeline.at(step),
    demand: (byStep.get(step) ?? []).flatMap((each) => {
      const tenant = tenants.get(each.tenantId)
      return tenant === undefined ? [] : [{ ...each, tenant }]
    }),
  }))
}

/** Plays every policy on the same demand. */
export function simulate(
  world: World,
  demand: readonly Demand[],
  policies: readonly Player[] = players,
): Simulation {
  const steps = stepsOf(world, demand)
  const runs = policies.map(
    ({ name, play }): Run => ({
      name,
      outcomes: steps.flatMap((step): readonly Outcome[] => play(step)),
    }),
  )
  return {
    world,
    demand: steps.flatMap((step) => step.demand),
    runs,
    summaries: runs.map((run) => summarize(run, demand)),
    bounds: steps.map(boundOf),
  }
}

/** How a run of the predecessor's policy compares with what it answered itself. */
export interface Reproduction {
  readonly rows: number
  /** Rows with the same provider, price and latency as far as they were written down, and reason. */
  readonly equal: number
  /** The first row that differs, counted from 1, or undefined. */
  readonly firstDifference: number | undefined
}

/** Compares a run with recorded answers, row by row. */
export function reproduction(run: Run, answers: readonly WargameAnswer[]): Reproduction {
  const rows = Math.max(run.outcomes.length, answers.length)
  const same = Array.from({ length: rows }, (_, at) => isSame(run.outcomes[at], answers[at]))
  const first = same.indexOf(false)
  return {
    rows,
    equal: same.filter(Boolean).length,
    firstDifference: first === -1 ? undefined : first + 1,
  }
}

function isSame(outcome: Outcome | undefined, answer: WargameAnswer | undefined): boolean {
  return (
    outcome !== undefined &&
    answer !== undefined &&
    outcome.providerId === answer.providerId &&
    outcome.reason === answer.reason &&
    Math.abs(outcome.usdPerHour - answer.usdPerHour) <= 0.00005 + 1e-9 &&
    Math.abs(outcome.latencyMs - answer.latencyMs) <= 0.05 + 1e-9
  )
}
