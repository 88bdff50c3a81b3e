/** A simulation as one HTML page that loads nothing: a table, and plots as SVG. */
import { barChart, escaped, lineChart, type Series } from './charts.ts'
import type { Run } from './run.ts'
import type { Reproduction, Simulation } from './simulate.ts'
import { summarizeBounds } from './tables.ts'

/** What a report says besides the figures. */
export interface ReportOptions {
  readonly title: string
  /** Where the demand comes from: one sentence. */
  readonly about: string
  readonly reproduction?: Reproduction
}

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:820px;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;border-bottom:1px solid #ddd;text-align:right}
th:first-child,td:first-child{text-align:left}figure{margin:2rem 0}figcaption{font-weight:600}
svg text{font:12px system-ui,sans-serif;fill:#444}.legend{margin:.2rem 0}.key{margin-right:1rem;white-space:nowrap}`

/** Sums over the steps so far, or the values of each step. */
function perStep(
  simulation: Simulation,
  run: Run,
  of: (index: number) => number,
  mode: 'sum' | 'part',
): number[] {
  const sums = simulation.bounds.map(() => 0)
  const counts = simulation.bounds.map(() => 0)
  simulation.demand.forEach(({ step }, index) => {
    if (run.outcomes[index] === undefined) return
    sums[step] = (sums[step] ?? 0) + of(index)
    counts[step] = (counts[step] ?? 0) + 1
  })
  if (mode === 'part')
    return sums.map((sum, at) => ((counts[at] ?? 0) === 0 ? 1 : sum / (counts[at] ?? 1)))
  return running(sums)
}

function running(values: readonly number[]): number[] {
  let sum = 0
  return values.map((value) => {
    sum += value
    return sum
  })
}

function costs(simulation: Simulation): Series[] {
  return [
    ...simulation.runs.map((run) => ({
      name: run.name,
      values: perStep(simulation, run, (at) => run.outcomes[at]?.costUsd ?? 0, 'sum'),
    })),
    { name: 'bound', values: running(simulation.bounds.map(({ costUsd }) => costUsd)) },
  ]
}

function fills(simulation: Simulation): Series[] {
  const asked = simulation.bounds.map(() => 0)
  for (const { step } of simulation.demand) asked[step] = (asked[step] ?? 0) + 1
  return [
    ...simulation.runs.map((run) => ({
      name: run.name,
      values: perStep(
        simulation,
        run,
        (at) => (run.outcomes[at]?.providerId == null ? 0 : 1),
        'part',
      ),
    })),
    {
      name: 'bound',
      values: simulation.bounds.map(({ step, filled }) => {
        const count = asked[step] ?? 0
        return count === 0 ? 1 : filled / count
      }),
    },
  ]
}

function shares(simulation: Simulation): string {
  const providers = simulation.world.providers.map(({ id }) => id)
  const series = simulation.runs.map(({ name, outcomes }) => ({
    name,
    values: providers.map((id) => outcomes.filter(({ providerId }) => providerId === id).length),
  }))
  return barChart('Requests by provider', providers, series)
}

function latencies(simulation: Simulation): string {
  const tenants = simulation.world.tenants.map(({ id }) => id)
  const series = simulation.runs.map(({ name, outcomes }) => ({
    name,
    values: tenants.map((id) => {
      const own = outcomes.filter(
        (outcome, at) => simulation.demand[at]?.tenantId === id && outcome.providerId !== null,
      )
      return own.reduce((sum, { latencyMs }) => sum + latencyMs, 0) / Math.max(1, own.length)
    }),
  }))
  return barChart('Mean latency by tenant, in milliseconds', tenants, series)
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((each) => `<td>${escaped(each)}</td>`).join('')}</tr>`
}

function summaryTable(simulation: Simulation): string {
  const { summaries, bounds, demand } = simulation
  const gpuHours = demand.reduce((sum, each) => sum + each.gpuHours, 0)
  const bound = summarizeBounds(bounds)
  const all = [...summaries, { name: 'bound', requests: demand.length, gpuHours, ...bound }]
  const rows = all.map((each) =>
    row([
      each.name,
      `${Number(each.filled.toFixed(2))} of ${each.requests}`,
      `${((100 * each.gpuHoursFilled) / Math.max(each.gpuHours, 1e-9)).toFixed(2)} %`,
      each.costUsd.toFixed(2),
      (each.costUsd / Math.max(each.gpuHoursFilled, 1e-9)).toFixed(3),
      each.meanLatencyMs.toFixed(1),
    ]),
  )
  const head = ['policy', 'filled', 'GPU-hours', 'US dollars', 'per GPU-hour', 'mean ms']
  const cells = head.map((each) => `<th scope="col">${each}</th>`).join('')
  return `<table><thead><tr>${cells}</tr></thead><tbody>${rows.join('')}</tbody></table>`
}

function reproductionLine(reproduction: Reproduction | undefined): string {
  if (reproduction === undefined) return ''
  const { rows, equal } = reproduction
  return `<p>The predecessor&#39;s policy, played again, gives ${equal} of its ${rows} recorded answers.</p>`
}

/** The page. It holds no script, and asks for nothing from anywhere. */
export function reportHtml(simulation: Simulation, options: ReportOptions): string {
  const title = escaped(options.title)
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style></head>
<body><h1>${title}</h1><p>${escaped(options.about)}</p>${reproductionLine(options.reproduction)}
${summaryTable(simulation)}
<p>The bound knows every request of a step beforehand, may split a request over providers, and has no budget: nothing can beat it, and it may be out of reach. Its fill, its cost and its latency are each the best by itself, not all at once; its cost is the least at its own GPU-hours.</p>
${lineChart('Cost so far, in US dollars', 'step', costs(simulation))}
${lineChart('Part of the requests that are filled', 'step', fills(simulation))}
${shares(simulation)}
${latencies(simulation)}
</body></html>
`
}
