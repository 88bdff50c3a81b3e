import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomNumbers, shuffled } from '../src/harness/random.ts'
import {
  differenceOf,
  median,
  perSecond,
  quantile,
  ratioOf,
  type Series,
  summarize,
} from '../src/harness/statistics.ts'

const series = (samples: readonly number[], perRound = 1): Series => ({ samples, perRound })
const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true })
const some = fc.array(positive, { minLength: 1, maxLength: 40 })

describe('quantiles', () => {
  // quantile(c(...), p, type = 7) of R 4.
  it.each([
    [[3, 1, 2], 0.5, 2],
    [[1, 2, 3, 4], 0.5, 2.5],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.95, 9.55],
    [[15, 20, 35, 40, 50], 0.4, 29],
    [[7], 0.95, 7],
  ])('of %j at %d is %d', (values, q, expected) => {
    expect(quantile(values, q)).toBeCloseTo(expected, 12)
  })

  it('sorts by value, not by spelling', () => {
    expect(median([10, 9, 100])).toBe(10)
  })

  it('has none of nothing', () => {
    expect(median([])).toBeNaN()
  })

  it('lies between the ends, in order, whatever the order of the samples', () => {
    fc.assert(
      fc.property(some, (values) => {
        const { min, median, p95, p99, max, count } = summarize(values)
        expect(count).toBe(values.length)
        expect([min, median, p95, p99, max]).toEqual(
          [min, median, p95, p99, max].toSorted((a, b) => a - b),
        )
        expect(summarize(values.toReversed())).toEqual(summarize(values))
      }),
    )
  })
})

describe('spread', () => {
  it('is the interquartile range as a share of the median', () => {
    expect(summarize([1, 2, 3, 4, 5]).spread).toBeCloseTo(2 / 3, 12)
    expect(summarize([4, 4, 4]).spread).toBe(0)
  })
})

describe('a ratio', () => {
  it('is certain where one is always a multiple of the other, however noisy both are', () => {
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 9 }), (values, factor) => {
        const { value, low, high } = ratioOf(
          series(values.map((each) => each * factor)),
          series(values),
        )
        for (const each of [value, low, high]) expect(each).toBeCloseTo(factor, 9)
      }),
    )
  })

  it('has its value within its interval, and the other way round is its inverse', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(positive, positive), { minLength: 1, maxLength: 30 }),
        (pairs) => {
          const [a, b] = [series(pairs.map(([x]) => x)), series(pairs.map(([, y]) => y))]
          const [there, back] = [ratioOf(a, b), ratioOf(b, a)]
          expect(there.low).toBeLessThanOrEqual(there.high)
          expect(back.value).toBeCloseTo(1 / there.value, 9)
          expect(ratioOf(a, b)).toEqual(there)
        },
      ),
      { numRuns: 20 },
    )
  })

  it('covers the truth about as often as it says, and not always', () => {
    const random = randomNumbers(1)
    const noisy = (middle: number) => Array.from({ length: 30 }, () => middle * (0.5 + random()))
    const hits = Array.from({ length: 40 }, () => {
      const { low, high } = ratioOf(series(noisy(3)), series(noisy(1)))
      return low <= 3 && 3 <= high
    }).filter(Boolean).length
    expect(hits).toBeGreaterThan(34)
    expect(hits).toBeLessThan(40)
  })

  it('draws whole rounds, where a round has several samples', () => {
    // Within a round all is noise; between rounds nothing is: then nothing is uncertain.
    const rounds = [1, 5, 9, 1, 5, 9, 1, 5, 9]
    expect(ratioOf(series(rounds, 3), series([5, 5, 5]))).toEqual({ value: 1, low: 1, high: 1 })
  })

  it('is refused between series of other rounds', () => {
    expect(() => ratioOf(series([1, 2]), series([1]))).toThrow('2 rounds')
    expect(() => ratioOf(series([]), series([]))).toThrow('0 rounds')
  })
})

describe('a difference', () => {
  it('is certain where it is always the same', () => {
    const { value, low, high } = differenceOf(series([11, 12, 19]), series([1, 2, 9]))
    expect([value, low, high]).toEqual([10, 10, 10])
  })
})

describe('a rate', () => {
  it('is what a second has room for, and its interval holds it', () => {
    expect(perSecond(series([4, 4, 4]), 2)).toEqual({ value: 500, low: 500, high: 500 })
    fc.assert(
      fc.property(some, (values) => {
        const { value, low, high } = perSecond(series(values), 7)
        expect(value).toBeCloseTo(7000 / median(values), 6)
        expect(low).toBeLessThanOrEqual(high)
      }),
      { numRuns: 20 },
    )
  })
})

describe('turns', () => {
  it('are the same for the same seed, and each item has its turn', () => {
    const items = ['a', 'b', 'c', 'd', 'e']
    const order = shuffled(items, randomNumbers(7))
    expect(order).toEqual(shuffled(items, randomNumbers(7)))
    expect(order.toSorted()).toEqual(items)
    const orders = new Set([1, 2, 3, 4].map((seed) => shuffled(items, randomNumbers(seed)).join()))
    expect(orders.size).toBeGreaterThan(1)
  })
})
