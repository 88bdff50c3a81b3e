/** A simulation as CSV (RFC 4180). */
import { csvLine } from '../csv.ts'
import type { StepBound } from './bound.ts'
import { summarize } from './run.ts'
import type { Simulation } from './simulate.ts'

/** The bounds of all steps together. */
export interface BoundSummary {
  readonly filled: number
  readonly gpuHoursFilled: number
  readonly costUsd: number
  readonly meanLatencyMs: number
}

/** Sums up the bounds of all steps. */
export function summarizeBounds(bounds: readonly StepBound[]): BoundSummary {
  const sum = (of: (bound: StepBound) => number): number =>
    bounds.reduce((total, bound) => total + of(bound), 0)
  const weight = sum((bound) => bound.weight)
  return {
    filled: sum((bound) => bound.filled),
    gpuHoursFilled: sum((bound) => bound.gpuHours),
    costUsd: sum((bound) => bound.costUsd),
    meanLatencyMs: weight === 0 ? 0 : sum((bound) => bound.latencyMs) / weight,
  }
}

const fixed = (value: number, digits: number): string => value.toFixed(digits)

/** One row for each policy, and one for the bound. */
export function summaryCsv({ summaries, bounds, demand }: Simulation): string {
  const gpuHours = demand.reduce((sum, each) => sum + each.gpuHours, 0)
  const bound = summarizeBounds(bounds)
  const rows = [...summaries, { name: 'bound', requests: demand.length, gpuHours, ...bound }]
  const head = [
    ...['policy', 'requests', 'filled', 'gpu_hours', 'gpu_hours_filled', 'cost_usd'],
    ...['usd_per_gpu_hour', 'mean_latency_ms'],
  ]
  const lines = rows.map((row) => {
    const each = row.gpuHoursFilled === 0 ? 0 : row.costUsd / row.gpuHoursFilled
    return csvLine([
      ...[row.name, row.requests, fixed(row.filled, row.name === 'bound' ? 3 : 0)],
      ...[fixed(row.gpuHours, 3), fixed(row.gpuHoursFilled, 3), fixed(row.costUsd, 2)],
      ...[fixed(each, 4), fixed(row.meanLatencyMs, 1)],
    ])
  })
  return csvLine(head) + lines.join('')
}

/** One row for each step and policy, and one for the step's bound. */
export function stepsCsv({ runs, bounds, demand }: Simulation): string {
  const at = Map.groupBy(
    demand.map((each, index) => ({ step: each.step, index })),
    ({ step }) => step,
  )
  const lines = bounds.flatMap((bound) => {
    const indexes = (at.get(bound.step) ?? []).map(({ index }) => index)
    const own = indexes.flatMap((index) => demand[index] ?? [])
    const rows = runs.map(({ name, outcomes }) => {
      const run = { name, outcomes: indexes.flatMap((index) => outcomes[index] ?? []) }
      const { requests, filled, gpuHoursFilled, costUsd, meanLatencyMs } = summarize(run, own)
      return [
        ...[bound.step, name, requests, filled, fixed(gpuHoursFilled, 3)],
        ...[fixed(costUsd, 4), fixed(meanLatencyMs, 1)],
      ]
    })
    const { step, filled, gpuHours, costUsd, latencyMs, weight } = bound
    const mean = weight === 0 ? 0 : latencyMs / weight
    return [
      ...rows,
      [
        ...[step, 'bound', own.length, fixed(filled, 3), fixed(gpuHours, 3)],
        ...[fixed(costUsd, 4), fixed(mean, 1)],
      ],
    ]
  })
  const head = [
    ...['step', 'policy', 'requests', 'filled', 'gpu_hours_filled', 'cost_usd'],
    'mean_latency_ms',
  ]
  return csvLine(head) + lines.map(csvLine).join('')
}

/** One row for each request and policy: what it got, and why not. */
export function decisionsCsv({ runs, demand }: Simulation): string {
  const head = [
    ...['step', 'tenant', 'workload', 'gpu', 'gpu_hours', 'policy', 'provider'],
    ...['usd_per_gpu_hour', 'latency_ms', 'reason'],
  ]
  const lines = demand.flatMap((each, index) =>
    runs.map(({ name, outcomes }) => {
      const outcome = outcomes[index]
      return csvLine([
        ...[each.step, each.tenantId, each.workload, each.gpu, each.gpuHours, name],
        ...[outcome?.providerId ?? '', fixed(outcome?.usdPerHour ?? 0, 4)],
        ...[fixed(outcome?.latencyMs ?? 0, 1), outcome?.reason ?? ''],
      ])
    }),
  )
  return csvLine(head) + lines.join('')
}
