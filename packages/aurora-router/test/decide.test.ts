import {
  type Candidate,
  costMicroUsd,
  criteria,
  type Decision,
  decide,
  type Offer,
  type Policy,
  parsePolicy,
  parseRequest,
  parseSnapshot,
  policyFromYaml,
  type RefusalCode,
  type Request,
  refusalCodes,
  withFree,
} from '@vaultmesh/aurora-router'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import {
  aPolicy,
  aRequest,
  aSnapshot,
  clock,
  offer,
  policy,
  request,
  snapshot,
} from './kit/offers.ts'

function candidateOf(decision: Decision, id: string): Candidate | undefined {
  return decision.candidates.find(({ offerId }) => offerId === id)
}

function reasonFor(changes: Partial<Offer>, asked: Partial<Request>, by: Partial<Policy> = {}) {
  const decision = decide(snapshot(offer('o', changes)), request(asked), policy(by), clock, '')
  return candidateOf(decision, 'o')?.reasonCode
}

describe('a refusal', () => {
  const cases: Record<RefusalCode, [Partial<Offer>, Partial<Request>, Partial<Policy>?]> = {
    CATALOG_STALE: [{}, {}, { maxAgeMs: 3_599_999 }],
    GPU_MISMATCH: [{ gpu: 'H100' }, {}],
    REGION_MISMATCH: [{}, { regions: ['us-west'] }],
    PROVIDER_DENIED: [{}, {}, { deny: ['o'] }],
    OFFER_CLOSED: [{ open: false }, {}],
    SPOT_NOT_ALLOWED: [{ spot: true }, {}],
    TOO_FEW_GPUS: [{ gpus: 4 }, { gpus: 5 }],
    PRICE_ABOVE_CEILING: [{}, { maxPriceMicroUsd: 999_999 }],
    BUDGET_EXCEEDED: [{}, { budgetMicroUsd: 999_999 }],
    LATENCY_UNKNOWN: [{ latencyMs: null }, { maxLatencyMs: 500 }],
    LATENCY_ABOVE_CEILING: [{}, { maxLatencyMs: 99 }],
    REPUTATION_UNKNOWN: [{ reputation: null }, { minReputation: 1 }],
    REPUTATION_BELOW_FLOOR: [{}, {}, { minReputation: 81 }],
    NO_CAPACITY: [{ free: 1 }, { units: 2 }],
  }

  it.each(refusalCodes)('is given with the code %s', (code) => {
    const [changes, asked, by] = cases[code]
    expect(reasonFor(changes, asked, by)).toBe(code)
  })

  it('names the first reason that holds, in the order of the list', () => {
    expect(reasonFor({ gpu: 'H100', open: false, free: 0 }, {})).toBe('GPU_MISMATCH')
    expect(reasonFor({ open: false, free: 0 }, {})).toBe('OFFER_CLOSED')
  })
})

describe('a limit of zero', () => {
  it('is a limit: nothing that costs anything is below a price or budget of 0', () => {
    expect(reasonFor({}, { maxPriceMicroUsd: 0 })).toBe('PRICE_ABOVE_CEILING')
    expect(reasonFor({}, { budgetMicroUsd: 0 })).toBe('BUDGET_EXCEEDED')
    expect(reasonFor({}, {}, { maxPriceMicroUsd: 0 })).toBe('PRICE_ABOVE_CEILING')
    expect(reasonFor({}, {}, { maxAgeMs: 0 })).toBe('CATALOG_STALE')
    expect(reasonFor({ priceMicroUsd: 0 }, { maxPriceMicroUsd: 0, budgetMicroUsd: 0 })).toBeNull()
  })

  it('for the latency takes none but 0, and for the reputation all', () => {
    expect(reasonFor({}, { maxLatencyMs: 0 })).toBe('LATENCY_ABOVE_CEILING')
    expect(reasonFor({ reputation: 0 }, { minReputation: 0 })).toBeNull()
    expect(reasonFor({ reputation: null }, { minReputation: 0 })).toBeNull()
  })

  it('is read as given', () => {
    const raw = { tenant: 't', gpu: 'a100', gpus: 1, durationMs: 1 }
    const zero = { maxPriceMicroUsd: 0, minReputation: 0, budgetMicroUsd: 0, maxLatencyMs: 0 }
    expect(parseRequest({ ...raw, ...zero })).toEqual({
      ok: true,
      value: { ...raw, gpu: 'A100', ...zero },
    })
  })
})

describe('the stricter limit', () => {
  it('of request and policy is in force', () => {
    expect(reasonFor({}, { maxPriceMicroUsd: 9_000_000 }, { maxPriceMicroUsd: 1 })).toBe(
      'PRICE_ABOVE_CEILING',
    )
    expect(reasonFor({}, { minReputation: 90 }, { minReputation: 10 })).toBe(
      'REPUTATION_BELOW_FLOOR',
    )
    expect(reasonFor({ spot: true }, { spot: true }, { spot: false })).toBe('SPOT_NOT_ALLOWED')
    expect(reasonFor({ spot: true }, { spot: true })).toBeNull()
  })
})

test('utilities are parts of what is possible, whatever else is offered', () => {
  const decision = decide(
    snapshot(
      offer('cheap', {
        priceMicroUsd: 1_000_000,
        latencyMs: 600,
        reputation: 60,
        free: 0,
        capacity: 0,
      }),
      offer('good', { priceMicroUsd: 4_000_000, latencyMs: 125, reputation: 90, free: 5 }),
      offer('none', {
        priceMicroUsd: 2_000_000,
        latencyMs: null,
        reputation: 100,
        free: null,
        capacity: null,
      }),
    ),
    request({ minReputation: 60 }),
    policy(),
    clock,
    '',
  )
  // The cheapest has no unit, so it is not feasible, and not what prices are compared with.
  expect(candidateOf(decision, 'cheap')?.reasonCode).toBe('NO_CAPACITY')
  expect(candidateOf(decision, 'good')?.utilities).toEqual({
    price: 500_000,
    latency: 750_000,
    reputation: 750_000,
    free: 500_000,
  })
  expect(candidateOf(decision, 'none')?.utilities).toEqual({
    price: 1_000_000,
    latency: 0,
    reputation: 1_000_000,
    free: 0,
  })
  expect(candidateOf(decision, 'good')?.score).toBe(
    Math.floor(((4 * 5 + 2 * 7.5 + 2 * 7.5 + 5) * 1e5) / 9),
  )
})

test('only the proportions of weights count', () => {
  fc.assert(
    fc.property(
      aSnapshot(),
      aRequest(),
      aPolicy(),
      fc.integer({ min: 2, max: 1000 }),
      (s, r, p, by) => {
        const { price, latency, reputation, free } = p.weights
        const more = {
          price: price * by,
          latency: latency * by,
          reputation: reputation * by,
          free: free * by,
        }
        const one = decide(s, r, p, clock, 'x')
        const other = decide(s, r, { ...p, weights: more }, clock, 'x')
        expect(other.candidates).toEqual(one.candidates)
      },
    ),
  )
})

test('what is fast chooses what looking at every offer chooses', () => {
  fc.assert(
    fc.property(aSnapshot(), aRequest(), aPolicy(), fc.string(), (s, r, p, seed) => {
      const decision = decide(s, r, p, clock, seed)
      const raw = ({ utilities }: Candidate): number =>
        utilities === null
          ? -1
          : criteria.reduce((sum, each) => sum + p.weights[each] * utilities[each], 0)
      const best = Math.max(-1, ...decision.candidates.map(raw))
      const chosen =
        decision.chosen === null ? undefined : candidateOf(decision, decision.chosen.id)
      expect(chosen === undefined ? -1 : raw(chosen)).toBe(best)
      expect(decision.candidates.map(({ offerId }) => offerId)).toEqual(
        s.offers.map(({ id }) => id),
      )
      expect(decision.candidates.filter(({ verdict }) => verdict === 'chosen')).toHaveLength(
        best === -1 ? 0 : 1,
      )
      // The cheapest that is feasible, and nothing else, has all of the price's utility.
      const prices = s.offers.filter((_, at) => decision.candidates[at]?.verdict !== 'refused')
      const least = Math.min(...prices.map(({ priceMicroUsd }) => priceMicroUsd))
      for (const { id, priceMicroUsd } of prices) {
        expect(candidateOf(decision, id)?.utilities?.price === 1_000_000).toBe(
          priceMicroUsd === least,
        )
      }
    }),
  )
})

test('raising a weight never makes that criterion of the choice worse', () => {
  fc.assert(
    fc.property(
      aSnapshot(),
      aRequest(),
      aPolicy(),
      fc.constantFrom(...criteria),
      fc.integer({ min: 1, max: 50 }),
      (s, r, p, criterion, by) => {
        const of = (policy: Policy): number => {
          const decision = decide(s, r, policy, clock, 'x')
          return decision.chosen === null
            ? 0
            : (candidateOf(decision, decision.chosen.id)?.utilities?.[criterion] ?? 0)
        }
        const weights = { ...p.weights, [criterion]: p.weights[criterion] + by }
        expect(of({ ...p, weights })).toBeGreaterThanOrEqual(of(p))
      },
    ),
  )
})

describe('the same inputs', () => {
  it('give the same bytes, whatever order the offers come in, and whoever asked before', () => {
    fc.assert(
      fc.property(aSnapshot(), aRequest(), aPolicy(), fc.string(), (s, r, p, seed) => {
        const once = decide(s, r, p, clock, seed).text
        const copy = parseSnapshot(new TextEncoder().encode(s.text))
        expect(copy.ok && decide(copy.value, r, p, clock, seed).text).toBe(once)
        const shuffled = snapshot(...s.offers.toReversed())
        expect(decide(shuffled, structuredClone(r), structuredClone(p), clock, seed).text).toBe(
          once,
        )
      }),
    )
  })

  it('give these bytes, for ever', () => {
    const s = snapshot(
      offer('a', { priceMicroUsd: 1_390_000, latencyMs: 33.25, reputation: 71.5, free: 3 }),
      offer('b', { priceMicroUsd: 1_700_001, latencyMs: 20, reputation: 99, free: 7 }),
      offer('c', { region: 'us-west' }),
    )
    const decision = decide(
      s,
      request({ regions: ['eu-west'], durationMs: 5_000_001 }),
      policy(),
      clock,
      's',
    )
    expect(s.hash).toMatchInlineSnapshot(
      `"sha256:3949d85a6d2f28f5e1a84cd20a3db574c28d37fd84056b1287ab182b666e9961"`,
    )
    expect(decision.hash).toMatchInlineSnapshot(
      `"sha256:3d9fbf724797b61ba28c94d19e6e96344d86876525cdc6f2e27919fb18b17e23"`,
    )
    expect(JSON.parse(decision.text).candidates).toMatchInlineSnapshot(`
      [
        {
          "offerId": "a",
          "reasonCode": null,
          "score": 844111,
          "utilities": {
            "free": 300000,
            "latency": 933500,
            "price": 1000000,
            "reputation": 715000,
          },
          "verdict": "feasible",
        },
        {
          "offerId": "b",
          "reasonCode": null,
          "score": 874509,
          "utilities": {
            "free": 700000,
            "latency": 960000,
            "price": 817646,
            "reputation": 990000,
          },
          "verdict": "chosen",
        },
        {
          "offerId": "c",
          "reasonCode": "REGION_MISMATCH",
          "score": null,
          "utilities": null,
          "verdict": "refused",
        },
      ]
    `)
  })
})

describe('a tie', () => {
  const twins = snapshot(...['a', 'b', 'c', 'd'].map((id) => offer(id)))
  const choose = (seed: string) => decide(twins, request(), policy(), clock, seed).chosen?.id

  it('is decided by the seed, the same way each time', () => {
    const seeds = Array.from({ length: 64 }, (_, at) => `seed ${at}`)
    expect(seeds.map(choose)).toEqual(seeds.map(choose))
    expect(new Set(seeds.map(choose))).toEqual(new Set(['a', 'b', 'c', 'd']))
  })
})

describe('what a decision carries', () => {
  it('is enough to say what it costs, from what, and how old that was', () => {
    const s = snapshot(offer('a', { gpus: 8, priceMicroUsd: 12_345_678 }))
    const decision = decide(s, request({ durationMs: 5_400_000 }), policy(), clock, '')
    expect(decision.costMicroUsd).toBe(costMicroUsd(12_345_678, 5_400_000))
    expect(JSON.parse(decision.text)).toMatchObject({
      snapshot: s.hash,
      chosen: 'a',
      ageMs: 3_600_000,
      at: '2026-03-01T12:00:00.000Z',
    })
  })

  it('says so where nothing is feasible', () => {
    const decision = decide(snapshot(), request(), policy(), clock, '')
    expect([decision.chosen, decision.costMicroUsd, decision.candidates]).toEqual([null, null, []])
  })

  it('changes with the free units', () => {
    const s = snapshot(offer('a', { priceMicroUsd: 1 }), offer('b'))
    const later = withFree(s, new Map([['a', 0]]))
    expect(decide(s, request(), policy(), clock, '').chosen?.id).toBe('a')
    expect(decide(later, request(), policy(), clock, '').chosen?.id).toBe('b')
    expect(later.hash).not.toBe(s.hash)
    expect(later.hash).toBe(snapshot(offer('a', { priceMicroUsd: 1, free: 0 }), offer('b')).hash)
    for (const wrong of [new Map([['z', 1]]), new Map([['a', 11]]), new Map([['a', -1]])]) {
      expect(() => withFree(s, wrong)).toThrow(
        expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
      )
    }
  })
})

test('other free units give what a snapshot gives that was made with them', () => {
  fc.assert(
    fc.property(aSnapshot(), aRequest(), aPolicy(), fc.nat(), (s, r, p, part) => {
      const changed = s.offers.map((each, at) =>
        each.capacity === null || at % 2 === 0
          ? each
          : { ...each, free: (part + at) % (each.capacity + 1) },
      )
      const free = new Map(
        changed.flatMap(({ id, free: units }, at) =>
          at % 2 === 0 || units === null ? [] : [[id, units] as const],
        ),
      )
      const made = decide(snapshot(...changed), r, p, clock, 'x')
      expect(decide(withFree(s, free), r, p, clock, 'x').text).toBe(made.text)
    }),
  )
})

test('a clock that is no time is refused', () => {
  for (const wrong of [Number.NaN, -1, 0.5, 1e300]) {
    expect(() => decide(snapshot(), request(), policy(), wrong, '')).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  }
})

describe('a request or a policy from outside', () => {
  it('is refused by place', () => {
    const raw = { tenant: 't', gpu: 'A100', gpus: 1, durationMs: 1 }
    const problems = [
      parseRequest({ ...raw, gpus: 1.5 }),
      parseRequest({ ...raw, max_price: 1 }),
      parseRequest({ ...raw, regions: ['a', 7] }),
      parseRequest([]),
      parsePolicy({ ...policy(), weights: { price: 0 } }),
      parsePolicy({ ...policy(), weights: { price: -1 } }),
      parsePolicy({ ...policy(), latencySloMs: 0 }),
      policyFromYaml(new TextEncoder().encode('version: [')),
    ].map((read) => (read.ok ? 'taken' : read.problem.at))
    expect(problems).toEqual([
      ...['gpus', '', 'regions[1]', '', 'weights', 'weights.price', 'latencySloMs'],
      'line 1',
    ])
  })

  it('is never thrown at, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(typeof parseRequest(value).ok).toBe('boolean')
        expect(typeof parsePolicy(value).ok).toBe('boolean')
      }),
    )
  })

  it('is the same after it was written and read again', () => {
    fc.assert(
      fc.property(aRequest(), aPolicy(), (r, p) => {
        expect(parseRequest(JSON.parse(JSON.stringify(r)))).toEqual({ ok: true, value: r })
        expect(policyFromYaml(new TextEncoder().encode(JSON.stringify(p)))).toEqual({
          ok: true,
          value: p,
        })
      }),
    )
  })
})
