import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Parsed } from '@vaultmesh/aurora-router'
import {
  boundOf,
  decisionsCsv,
  drawDemand,
  ours,
  ownWorld,
  parseWargameAnswers,
  parseWargameDemand,
  parseWargameWorld,
  predecessor,
  Random,
  reportHtml,
  reproduction,
  simulate,
  stepsCsv,
  summarizeBounds,
  summaryCsv,
} from '@vaultmesh/aurora-router/simulate'
import { conformanceDirectory, describeWith } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { Transport } from '../src/simulate/transport.ts'

function taken<T>(read: Parsed<T>): T {
  if (!read.ok) throw new Error(JSON.stringify(read.problem))
  return read.value
}

describeWith(['wargame'], "the predecessor's war-game", () => {
  const file = (name: string): Uint8Array =>
    readFileSync(join(conformanceDirectory(), 'predecessor/wargame', name))
  const load = () => {
    const world = taken(parseWargameWorld(file('providers.json'), file('workloads.json')))
    const demand = taken(parseWargameDemand(file('demand-seed42.csv'), world))
    return { world, demand, answers: taken(parseWargameAnswers(file('decisions-seed42.csv'))) }
  }

  it('is reproduced row by row, and its policies are beside the bound', () => {
    const { world, demand, answers } = load()
    const played = simulate(world, demand)
    const [theirs, own, cheapest, fastest] = played.summaries
    const [run] = played.runs
    expect(run && reproduction(run, answers)).toEqual({
      rows: 4017,
      equal: 4017,
      firstDifference: undefined,
    })
    expect(theirs).toMatchObject({ requests: 4017, filled: 4002 })
    expect(theirs?.costUsd).toBeCloseTo(13_125.27, 2)
    expect(theirs?.meanLatencyMs).toBeCloseTo(320.72, 2)
    const bound = summarizeBounds(played.bounds)
    expect(bound.filled).toBeCloseTo(4002, 6)
    expect(bound.costUsd).toBeCloseTo(13_032.14, 2)
    expect(bound.meanLatencyMs).toBeCloseTo(283.08, 2)
    // Every weighing of ours fills all that can be filled, and each criterion alone reaches its bound.
    expect([own?.filled, cheapest?.filled, fastest?.filled]).toEqual([4002, 4002, 4002])
    expect((cheapest?.costUsd ?? 0) / bound.costUsd).toBeCloseTo(1, 6)
    expect((fastest?.meanLatencyMs ?? 0) / bound.meanLatencyMs).toBeCloseTo(1, 6)
    const reasons =
      own === undefined
        ? []
        : (played.runs[1]?.outcomes ?? []).filter(({ providerId }) => providerId === null)
    expect(new Set(reasons.map(({ reason }) => reason))).toEqual(new Set(['LATENCY_ABOVE_CEILING']))
  })

  it('is told apart from answers that differ', () => {
    const { world, demand, answers } = load()
    const few = demand.filter(({ step }) => step < 2)
    const [run] = simulate(world, few, [predecessor]).runs
    const wrong = answers
      .slice(0, few.length)
      .map((each, at) => (at === 6 ? { ...each, providerId: 'x' } : each))
    expect(run && reproduction(run, wrong)).toEqual({
      rows: few.length,
      equal: few.length - 1,
      firstDifference: 7,
    })
  })

  it('is refused by place where it is damaged', () => {
    const { world } = load()
    const text = (name: string): string => new TextDecoder().decode(file(name))
    const bytes = (changed: string): Uint8Array => new TextEncoder().encode(changed)
    const at = (read: Parsed<unknown>): string => (read.ok ? 'taken' : read.problem.at)
    const providers = text('providers.json')
    const workloads = text('workloads.json')
    const demand = text('demand-seed42.csv')
    expect([
      at(
        parseWargameWorld(
          bytes(providers.replace('"reputation": 78', '"reputation": 178')),
          bytes(workloads),
        ),
      ),
      at(parseWargameWorld(bytes(providers), bytes(workloads.replace('"price_spike"', '"flood"')))),
      at(
        parseWargameWorld(
          bytes(providers),
          bytes(workloads.replace('"provider_id": "vast"', '"provider_id": "x"')),
        ),
      ),
      at(parseWargameWorld(bytes(providers.slice(0, 99)), bytes(workloads))),
      at(parseWargameDemand(bytes(demand.replace('tenant-research', 'tenant-x')), world)),
      at(parseWargameDemand(bytes(demand.replace('4.562475167041759', '-4')), world)),
      at(parseWargameAnswers(bytes('step,step'))),
    ]).toEqual([
      ...['providers[0].reputation', 'scenarios[0].event', 'scenarios', ''],
      ...['row 2, column tenant_id', 'row 2, column gpu_hours', 'row 1'],
    ])
  })
})

describe('demand of our own', () => {
  it('is the same for a seed, and another for another', () => {
    expect(drawDemand(ownWorld, 'a')).toEqual(drawDemand(ownWorld, 'a'))
    expect(drawDemand(ownWorld, 'a')).not.toEqual(drawDemand(ownWorld, 'b'))
    expect([new Random('seed').next(), new Random('seed').below(1000)]).toMatchInlineSnapshot(`
      [
        3452768175,
        175,
      ]
    `)
  })

  it('does not change for a tenant when others come, go or change', () => {
    const of = (tenants: typeof ownWorld.tenants) =>
      drawDemand({ ...ownWorld, tenants }, '7').filter(({ tenantId }) => tenantId === 'studio')
    const studio = ownWorld.tenants.filter(({ id }) => id === 'studio')
    const busier = ownWorld.tenants.map((each) =>
      each.id === 'studio' ? each : { ...each, requests: 99 },
    )
    expect(of(studio)).toEqual(of(ownWorld.tenants))
    expect(of(busier)).toEqual(of(ownWorld.tenants))
  })

  it('has the mean and the bounds that the world names', () => {
    const demand = drawDemand(ownWorld, '7')
    const mean = ownWorld.tenants.reduce((sum, { requests }) => sum + requests, 0)
    expect(demand.length / ownWorld.steps).toBeGreaterThan(mean * 0.9)
    expect(demand.length / ownWorld.steps).toBeLessThan(mean * 1.1)
    for (const { workload, gpuHours } of demand) {
      const [least, most] = ownWorld.workloads.get(workload)?.gpuHours ?? [0, 0]
      expect(gpuHours).toBeGreaterThanOrEqual(least)
      expect(gpuHours).toBeLessThanOrEqual(most)
    }
  })
})

test('no policy beats the bound, and none takes more than there is', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 1, max: 40 }), (seed, tenths) => {
      const providers = ownWorld.providers.map((each) => ({
        ...each,
        capacity: (each.capacity * tenths) / 20,
      }))
      const world = { ...ownWorld, providers, steps: 3 }
      const demand = drawDemand(world, seed)
      const { summaries, bounds, runs } = simulate(world, demand, [predecessor, ours('ours')])
      const bound = summarizeBounds(bounds)
      for (const { filled, gpuHoursFilled } of summaries) {
        expect(filled).toBeLessThanOrEqual(bound.filled + 1e-6)
        expect(gpuHoursFilled).toBeLessThanOrEqual(bound.gpuHoursFilled + 1e-3)
      }
      for (const { outcomes } of runs) {
        const taken = new Map<string, number>()
        outcomes.forEach(({ providerId }, at) => {
          const { step = 0, gpuHours = 0 } = demand[at] ?? {}
          if (providerId === null) return
          const key = `${step} ${providerId}`
          taken.set(key, (taken.get(key) ?? 0) + gpuHours)
        })
        for (const [key, hours] of taken) {
          const provider = providers.find(({ id }) => key.endsWith(` ${id}`))
          expect(hours).toBeLessThanOrEqual((provider?.capacity ?? 0) + 1e-3)
        }
      }
    }),
    // Each run plays three steps twice and bounds them.
    { numRuns: 20 },
  )
})

test('a transport sends as much as any, at no more cost than any', () => {
  const small = fc.record({
    supplies: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
    capacities: fc.array(fc.nat(3), { minLength: 1, maxLength: 2 }),
    costs: fc.array(fc.option(fc.nat(9), { nil: undefined }), { minLength: 6, maxLength: 6 }),
  })
  fc.assert(
    fc.property(small, ({ supplies, capacities, costs }) => {
      const cost = (i: number, j: number): number | undefined => costs[i * 2 + j]
      const transport = new Transport({ supplies, capacities, cost })
      transport.fill(supplies.map((_, at) => at))
      const price = (flow: readonly (readonly number[])[]): number =>
        flow.reduce(
          (sum, row, i) => sum + row.reduce((part, each, j) => part + each * (cost(i, j) ?? 0), 0),
          0,
        )
      const size = (flow: readonly (readonly number[])[]): number =>
        flow.flat().reduce((a, b) => a + b, 0)
      let best: readonly [number, number] = [0, 0]
      // Every way to send whole amounts, one edge after the other.
      const edges = supplies.flatMap((_, i) =>
        capacities.flatMap((__, j) => (cost(i, j) === undefined ? [] : [[i, j] as const])),
      )
      const tryAll = (
        at: number,
        left: number[],
        room: number[],
        sent: number,
        paid: number,
      ): void => {
        const edge = edges[at]
        if (edge === undefined) {
          if (sent > best[0] || (sent === best[0] && paid < best[1])) best = [sent, paid]
          return
        }
        const [i, j] = edge
        for (let amount = 0; amount <= Math.min(left[i] ?? 0, room[j] ?? 0); amount += 1) {
          tryAll(
            at + 1,
            left.with(i, (left[i] ?? 0) - amount),
            room.with(j, (room[j] ?? 0) - amount),
            sent + amount,
            paid + amount * (cost(i, j) ?? 0),
          )
        }
      }
      tryAll(0, supplies, capacities, 0, 0)
      expect([size(transport.flow), price(transport.flow)]).toEqual(best)
    }),
  )
})

test('a step in which nothing is asked has an empty bound', () => {
  expect(boundOf({ step: 3, states: [], demand: [] })).toEqual({
    ...{ step: 3, filled: 0, gpuHours: 0, costUsd: 0, latencyMs: 0, weight: 0 },
  })
})

describe('what a simulation is written as', () => {
  const world = { ...ownWorld, steps: 4 }
  const played = simulate(world, drawDemand(world, '7'), [predecessor, ours('a <b> & "c"')])

  it('has a row for each policy and the bound, for each step, and for each request', () => {
    const lines = (csv: string): number => csv.trimEnd().split('\r\n').length
    expect(lines(summaryCsv(played))).toBe(1 + 2 + 1)
    expect(lines(stepsCsv(played))).toBe(1 + 4 * 3)
    expect(lines(decisionsCsv(played))).toBe(1 + 2 * played.demand.length)
  })

  it('is a page that loads nothing and holds no markup of others', () => {
    const html = reportHtml(played, { title: 'A & B', about: '<script>' })
    expect(html).not.toMatch(/<script|<link|<img|src=|https?:|url\(/)
    expect(html).toContain('A &#38; B')
    expect(html).toContain('a &#60;b&#62; &#38; &#34;c&#34;')
    expect([...html.matchAll(/<figure>/g)]).toHaveLength(4)
    expect(html).not.toContain('NaN')
  })
})
