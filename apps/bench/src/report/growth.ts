/** How times grow with the size of a log: a table and two plots. */
import type { AreaResult, CaseResult } from '../harness/result.ts'
import { median } from '../harness/statistics.ts'
import { duration, table } from './format.ts'
import { drawPlot, type Line } from './plot.ts'

const jobs = {
  build: 'build the tree',
  fsck: 'check the whole log',
  append: 'append one entry',
  reopen: 'open the log',
} as const

type Job = keyof typeof jobs

/** One point: the job's median time, in milliseconds, at a size. */
interface Point {
  readonly job: Job
  readonly size: number
  readonly ms: number
}

function isJob(name: string): name is Job {
  return name in jobs
}

/** Cases are named `growth/<size>`, their variants by job. */
function pointsOf(cases: readonly CaseResult[]): Point[] {
  return cases.flatMap(({ id, variants }) => {
    const size = Number(id.split('/')[1])
    return variants.flatMap(({ name, samples }) =>
      isJob(name) ? [{ job: name, size, ms: median(samples) }] : [],
    )
  })
}

/** The table: a row for each size, a column for each job. */
export function growthTable({ cases }: AreaResult): string {
  const points = pointsOf(cases)
  const sizes = [...new Set(points.map(({ size }) => size))].sort((a, b) => a - b)
  const names: Job[] = ['build', 'fsck', 'append', 'reopen']
  return table(
    ['entries', ...names.map((job) => jobs[job])],
    sizes.map((size) => [
      size.toLocaleString('en'),
      ...names.map((job) => {
        const point = points.find((each) => each.size === size && each.job === job)
        return duration(point?.ms ?? Number.NaN)
      }),
    ]),
  )
}

function lines(points: readonly Point[], names: readonly Job[]): Line[] {
  return names.flatMap((job) => {
    const own = points.filter((point) => point.job === job).sort((a, b) => a.size - b.size)
    return own.length === 0
      ? []
      : [{ name: jobs[job], points: own.map(({ size, ms }) => [size, ms] as const) }]
  })
}

/** The plots by file name: what grows with the log, and what should not. */
export function growthPlots({ cases }: AreaResult): ReadonlyMap<string, string> {
  const points = pointsOf(cases)
  const plots = new Map<string, string>()
  const draw = (file: string, title: string, names: readonly Job[]): void => {
    const drawn = lines(points, names)
    if (drawn.length > 0) {
      plots.set(
        file,
        drawPlot({ title, xTitle: 'entries in the log', yTick: duration, lines: drawn }),
      )
    }
  }
  draw('growth-whole.svg', 'Work on a whole log', ['build', 'fsck'])
  draw('growth-single.svg', 'Work on one entry of a log', ['append', 'reopen'])
  return plots
}
