/** What is said about samples: quantiles, and how sure a ratio or a difference is. */
import { randomNumbers } from './random.ts'

/** A value with its 95 % confidence interval. */
export interface Estimate {
  readonly value: number
  readonly low: number
  readonly high: number
}

/** One variant's samples, in the order of the rounds; every round gave `perRound` of them. */
export interface Series {
  readonly samples: readonly number[]
  readonly perRound: number
}

/** What is reported of one variant, in the unit of its samples; `spread` is a share. */
export interface Summary {
  readonly count: number
  readonly median: number
  readonly p95: number
  readonly p99: number
  readonly min: number
  readonly max: number
  /** The interquartile range as a share of the median. */
  readonly spread: number
}

const resamples = 2000

/**
 * The `q`-quantile of sorted numbers, with linear interpolation (type 7 of Hyndman and Fan, 1996).
 * NaN for none.
 */
function sortedQuantile(sorted: ArrayLike<number>, q: number): number {
  const at = (sorted.length - 1) * q
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

/** The `q`-quantile of numbers in any order, `q` from 0 to 1. NaN for none. */
export function quantile(values: readonly number[], q: number): number {
  return sortedQuantile(Float64Array.from(values).sort(), q)
}

/** The middle value. NaN for none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Median, tails and spread of samples. */
export function summarize(samples: readonly number[]): Summary {
  const sorted = Float64Array.from(samples).sort()
  const middle = sortedQuantile(sorted, 0.5)
  return {
    count: samples.length,
    median: middle,
    p95: sortedQuantile(sorted, 0.95),
    p99: sortedQuantile(sorted, 0.99),
    min: sortedQuantile(sorted, 0),
    max: sortedQuantile(sorted, 1),
    spread: (sortedQuantile(sorted, 0.75) - sortedQuantile(sorted, 0.25)) / middle,
  }
}

function roundsOf({ samples, perRound }: Series): number {
  return Math.floor(samples.length / perRound)
}

function medianOfRounds({ samples, perRound }: Series, rounds: readonly number[]): number {
  const drawn = new Float64Array(rounds.length * perRound)
  for (const [i, round] of rounds.entries()) {
    for (let j = 0; j < perRound; j += 1) {
      drawn[i * perRound + j] = samples[round * perRound + j] ?? Number.NaN
    }
  }
  return sortedQuantile(drawn.sort(), 0.5)
}

/**
 * What `combine` makes of two medians, with a percentile bootstrap (Efron and Tibshirani, 1993,
 * chapter 13). Whole rounds are drawn, for both at once: what slowed the machine in one round
 * slowed both, and must not look like a difference between them.
 *
 * Throws where the two were not measured in the same rounds.
 */
function compare(a: Series, b: Series, combine: (a: number, b: number) => number): Estimate {
  const rounds = roundsOf(a)
  if (rounds !== roundsOf(b) || rounds === 0) {
    throw new Error(`${rounds} rounds can't be compared with ${roundsOf(b)}`)
  }
  const random = randomNumbers(rounds)
  const drawn = Float64Array.from({ length: resamples }, () => {
    const picks = Array.from({ length: rounds }, () => Math.floor(random() * rounds))
    return combine(medianOfRounds(a, picks), medianOfRounds(b, picks))
  }).sort()
  return {
    value: combine(median(a.samples), median(b.samples)),
    low: sortedQuantile(drawn, 0.025),
    high: sortedQuantile(drawn, 0.975),
  }
}

/** The median of `a` divided by the median of `b`. Throws where the rounds differ. */
export function ratioOf(a: Series, b: Series): Estimate {
  return compare(a, b, (x, y) => x / y)
}

/** The median of `a` minus the median of `b`. Throws where the rounds differ. */
export function differenceOf(a: Series, b: Series): Estimate {
  return compare(a, b, (x, y) => x - y)
}

/** How many things per second, where each sample is the milliseconds that `count` of them took. */
export function perSecond(series: Series, count: number): Estimate {
  return compare(series, series, (ms) => (1000 * count) / ms)
}
