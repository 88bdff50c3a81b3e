import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RouterError, type RouterErrorCode } from '@vaultmesh/aurora-router'
import { type HoldRequest, type Lease, Ledger } from '@vaultmesh/aurora-router/leases'
import { sourceFlags, temporaryDirectory } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it, test, vi } from 'vitest'

vi.setConfig({ testTimeout: 300_000 })

const worker = fileURLToPath(new URL('kit/lease-worker.ts', import.meta.url))

interface Clocked {
  readonly ledger: Ledger
  now: number
}

function opened(path = ':memory:'): Clocked {
  const clocked: { ledger: Ledger; now: number } = {
    ledger: new Ledger({ path, clock: () => clocked.now }),
    now: 1000,
  }
  clocked.ledger.setCapacity('gpu', 4)
  clocked.ledger.setBudget('lab', 100)
  return clocked
}

const ask: HoldRequest = {
  idempotencyKey: 'k',
  offerId: 'gpu',
  tenant: 'lab',
  units: 3,
  costMicroUsd: 60,
  ttlMs: 500,
}

function codeOf(work: () => unknown): RouterErrorCode | 'done' {
  try {
    work()
    return 'done'
  } catch (error) {
    if (error instanceof RouterError) return error.code
    throw error
  }
}

describe('a hold', () => {
  it('takes units and money, and gives both back when it ends by itself', () => {
    const { ledger } = opened()
    const lease = ledger.hold(ask)
    expect(lease).toMatchObject({
      state: 'hold',
      heldAt: 1000,
      expiresAt: 1500,
      chargedMicroUsd: null,
    })
    expect(ledger.capacities()).toEqual([{ offerId: 'gpu', units: 4, leased: 3 }])
    expect(ledger.budgets()).toEqual([
      { tenant: 'lab', limitMicroUsd: 100, spentMicroUsd: 0, heldMicroUsd: 60 },
    ])
  })

  it('ends at its time, whoever looks', () => {
    const clocked = opened()
    const { id } = clocked.ledger.hold(ask)
    clocked.now = 1499
    expect(clocked.ledger.lease(id).state).toBe('hold')
    clocked.now = 1500
    expect(clocked.ledger.lease(id)).toMatchObject({
      state: 'expired',
      endedAt: 1500,
      chargedMicroUsd: 0,
    })
    expect(clocked.ledger.capacities()[0]?.leased).toBe(0)
    expect(clocked.ledger.budgets()[0]).toMatchObject({ spentMicroUsd: 0, heldMicroUsd: 0 })
    expect(clocked.ledger.events().map(({ state }) => state)).toEqual(['hold', 'expired'])
  })

  it('is refused where there are not enough units, or not enough money', () => {
    const { ledger } = opened()
    expect(codeOf(() => ledger.hold({ ...ask, units: 5 }))).toBe('CAPACITY_EXCEEDED')
    expect(codeOf(() => ledger.hold({ ...ask, costMicroUsd: 101 }))).toBe('BUDGET_EXCEEDED')
    expect(codeOf(() => ledger.hold({ ...ask, offerId: 'other' }))).toBe('CAPACITY_UNKNOWN')
    expect(codeOf(() => ledger.hold({ ...ask, tenant: 'other' }))).toBe('BUDGET_UNKNOWN')
    expect(ledger.leases()).toEqual([])
    ledger.hold(ask)
    expect(codeOf(() => ledger.hold({ ...ask, idempotencyKey: '2', units: 2 }))).toBe(
      'CAPACITY_EXCEEDED',
    )
    expect(codeOf(() => ledger.hold({ ...ask, idempotencyKey: '2', units: 1 }))).toBe(
      'BUDGET_EXCEEDED',
    )
    expect(
      codeOf(() => ledger.hold({ ...ask, idempotencyKey: '2', units: 1, costMicroUsd: 40 })),
    ).toBe('done')
  })

  it('is given once for a key, also after it ended, and not for other content', () => {
    const clocked = opened()
    const first = clocked.ledger.hold(ask)
    expect(clocked.ledger.hold(ask)).toEqual(first)
    expect(codeOf(() => clocked.ledger.hold({ ...ask, units: 2 }))).toBe('IDEMPOTENCY_CONFLICT')
    expect(codeOf(() => clocked.ledger.hold({ ...ask, ttlMs: 501 }))).toBe('IDEMPOTENCY_CONFLICT')
    clocked.now = 9000
    expect(clocked.ledger.hold(ask)).toMatchObject({ id: first.id, state: 'expired' })
    expect(clocked.ledger.leases()).toHaveLength(1)
  })

  it.each<[Partial<HoldRequest>]>([
    [{ units: 0 }],
    [{ units: 1.5 }],
    [{ costMicroUsd: -1 }],
    [{ ttlMs: 0 }],
    [{ idempotencyKey: '' }],
    [{ tenant: 'a\0' }],
  ])('with %j is refused', (changes) => {
    expect(codeOf(() => opened().ledger.hold({ ...ask, ...changes }))).toBe('INVALID_ARGUMENT')
  })
})

describe('a binding', () => {
  it('charges what was set aside, unless less is stated', () => {
    const { ledger } = opened()
    const hold = ledger.hold(ask)
    const bound = ledger.bind(hold.id, hold.fence, 'pod-1', 10_000)
    expect(bound).toMatchObject({ state: 'bound', reference: 'pod-1', expiresAt: 11_000 })
    expect(codeOf(() => ledger.release(hold.id, bound.fence, { chargedMicroUsd: 61 }))).toBe(
      'INVALID_ARGUMENT',
    )
    expect(ledger.release(hold.id, bound.fence, { chargedMicroUsd: 0 })).toMatchObject({
      state: 'released',
      chargedMicroUsd: 0,
    })
    const again = ledger.hold({ ...ask, idempotencyKey: '2' })
    const { fence } = ledger.bind(again.id, again.fence, 'pod-2', 10_000)
    expect(ledger.release(again.id, fence).chargedMicroUsd).toBe(60)
    expect(ledger.budgets()[0]).toMatchObject({ spentMicroUsd: 60, heldMicroUsd: 0 })
  })

  it('that is never released ends too, and is charged', () => {
    const clocked = opened()
    const hold = clocked.ledger.hold(ask)
    clocked.ledger.bind(hold.id, hold.fence, 'pod-1', 10_000)
    clocked.now = 11_000
    expect(clocked.ledger.sweep()).toBe(1)
    expect(clocked.ledger.lease(hold.id)).toMatchObject({ state: 'expired', chargedMicroUsd: 60 })
    expect(clocked.ledger.sweep()).toBe(0)
  })

  it('may be repeated, and not for something else', () => {
    const { ledger } = opened()
    const hold = ledger.hold(ask)
    const bound = ledger.bind(hold.id, hold.fence, 'pod-1', 10_000)
    expect(ledger.bind(hold.id, bound.fence, 'pod-1', 10_000)).toEqual(bound)
    expect(codeOf(() => ledger.bind(hold.id, bound.fence, 'pod-2', 10_000))).toBe('LEASE_ENDED')
  })

  it('needs the fence of now: who was asleep is refused', () => {
    const clocked = opened()
    const hold = clocked.ledger.hold(ask)
    const bound = clocked.ledger.bind(hold.id, hold.fence, 'pod-1', 10_000)
    expect(bound.fence).toBeGreaterThan(hold.fence)
    expect(codeOf(() => clocked.ledger.release(hold.id, hold.fence))).toBe('FENCE_STALE')
    expect(codeOf(() => clocked.ledger.bind(hold.id, hold.fence, 'pod-2', 1))).toBe('FENCE_STALE')
    clocked.now = 60_000
    expect(codeOf(() => clocked.ledger.release(hold.id, bound.fence))).toBe('LEASE_ENDED')
    expect(codeOf(() => clocked.ledger.bind(hold.id, bound.fence, 'pod-1', 1))).toBe('LEASE_ENDED')
    expect(codeOf(() => clocked.ledger.release('other', 1))).toBe('LEASE_NOT_FOUND')
  })
})

test('releasing again gives the same back, and no unit twice', () => {
  const { ledger } = opened()
  const hold = ledger.hold(ask)
  const released = ledger.release(hold.id, hold.fence)
  expect(released).toMatchObject({ state: 'released', chargedMicroUsd: 0 })
  expect(ledger.release(hold.id, hold.fence)).toEqual(released)
  expect(ledger.capacities()[0]?.leased).toBe(0)
})

test('capacity and budget can not be set below what is in use', () => {
  const { ledger } = opened()
  ledger.hold(ask)
  expect(codeOf(() => ledger.setCapacity('gpu', 2))).toBe('CAPACITY_IN_USE')
  expect(codeOf(() => ledger.setBudget('lab', 59))).toBe('BUDGET_IN_USE')
  ledger.setCapacity('gpu', 3)
  ledger.assumeCapacity('gpu', 9)
  ledger.assumeCapacity('new', 9)
  expect(ledger.capacities().map(({ units }) => units)).toEqual([3, 9])
  ledger.setBudget('lab', 60)
  expect(ledger.leases(['bound'])).toEqual([])
  expect(ledger.leases(['hold'])).toHaveLength(1)
})

test('time does not go back: a clock that is behind revives nothing', () => {
  const clocked = opened()
  const { id } = clocked.ledger.hold(ask)
  clocked.now = 2000
  expect(clocked.ledger.lease(id).state).toBe('expired')
  clocked.now = 1
  expect(clocked.ledger.hold({ ...ask, idempotencyKey: '2' }).heldAt).toBe(2000)
  clocked.now = Number.NaN
  expect(codeOf(() => clocked.ledger.sweep())).toBe('INVALID_ARGUMENT')
})

describe('a file', () => {
  it('keeps leases over a restart', () => {
    const path = join(temporaryDirectory('leases-'), 'ledger.sqlite')
    const first = opened(path)
    const lease = first.ledger.hold(ask)
    first.ledger.close()
    const second = new Ledger({ path, clock: () => 1001 })
    expect(second.leases()).toEqual([lease])
    second.close()
  })

  it('that is something else is left alone', () => {
    const path = join(temporaryDirectory('leases-'), 'ledger.sqlite')
    writeFileSync(path, 'not a database, but long enough to be looked at as one'.repeat(40))
    expect(codeOf(() => new Ledger({ path, clock: () => 1 }))).toBe('LEDGER_INVALID')
    const other = join(temporaryDirectory('leases-'), 'other.sqlite')
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    const database = new DatabaseSync(other)
    database.exec('create table mine (a)')
    database.close()
    expect(codeOf(() => new Ledger({ path: other, clock: () => 1 }))).toBe('LEDGER_INVALID')
    const nowhere = join(temporaryDirectory('leases-'), 'no', 'ledger.sqlite')
    expect(codeOf(() => new Ledger({ path: nowhere, clock: () => 1 }))).toBe('LEDGER_IO')
  })
})

/** Nothing is negative, and the sums are those of the leases that live. */
function expectSound(ledger: Ledger): void {
  const living = ledger.leases(['hold', 'bound'])
  const sum = (leases: readonly Lease[], of: (lease: Lease) => number): number =>
    leases.reduce((total, lease) => total + of(lease), 0)
  for (const { offerId, units, leased } of ledger.capacities()) {
    expect(leased).toBeLessThanOrEqual(units)
    expect(leased).toBe(
      sum(
        living.filter((lease) => lease.offerId === offerId),
        (lease) => lease.units,
      ),
    )
  }
  for (const { tenant, limitMicroUsd, spentMicroUsd, heldMicroUsd } of ledger.budgets()) {
    const own = (lease: Lease): boolean => lease.tenant === tenant
    expect(spentMicroUsd + heldMicroUsd).toBeLessThanOrEqual(limitMicroUsd)
    expect(heldMicroUsd).toBe(sum(living.filter(own), (lease) => lease.costMicroUsd))
    expect(spentMicroUsd).toBe(
      sum(ledger.leases().filter(own), (lease) => lease.chargedMicroUsd ?? 0),
    )
  }
}

/** At no moment were more units out than there are, going by the events in their order. */
function expectNeverOversold(ledger: Ledger): void {
  const leases = new Map(ledger.leases().map((lease) => [lease.id, lease]))
  const units = new Map(ledger.capacities().map((each) => [each.offerId, each.units]))
  const limits = new Map(ledger.budgets().map((each) => [each.tenant, each.limitMicroUsd]))
  const out = new Map<string, number>()
  const money = new Map<string, number>()
  for (const { leaseId, state } of ledger.events()) {
    const lease = leases.get(leaseId)
    if (lease === undefined) throw new Error('an event of no lease')
    const { offerId, tenant, costMicroUsd, chargedMicroUsd } = lease
    const sign = state === 'hold' ? 1 : state === 'bound' ? 0 : -1
    out.set(offerId, (out.get(offerId) ?? 0) + sign * lease.units)
    const back = state === 'released' || state === 'expired' ? (chargedMicroUsd ?? 0) : 0
    money.set(tenant, (money.get(tenant) ?? 0) + sign * costMicroUsd + back)
    for (const [id, taken] of out) {
      expect(taken).toBeGreaterThanOrEqual(0)
      expect(taken).toBeLessThanOrEqual(units.get(id) ?? 0)
    }
    for (const [id, used] of money) expect(used).toBeLessThanOrEqual(limits.get(id) ?? 0)
  }
}

type Step = readonly [kind: number, which: number, units: number, cost: number, wait: number]

test('no order of acts oversells, and every hold ends', () => {
  const step: fc.Arbitrary<Step> = fc.tuple(
    fc.nat(4),
    fc.nat(7),
    fc.integer({ min: 1, max: 5 }),
    fc.nat(60),
    fc.nat(300),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const clocked = opened()
      const { ledger } = clocked
      const leases: Lease[] = []
      steps.forEach(([kind, which, units, costMicroUsd, wait], at) => {
        clocked.now += wait
        const lease = leases[which % Math.max(1, leases.length)]
        codeOf(() => {
          if (kind < 2 || lease === undefined) {
            leases.push(ledger.hold({ ...ask, idempotencyKey: `${at}`, units, costMicroUsd }))
          } else if (kind === 2) {
            const bound = ledger.bind(lease.id, lease.fence, 'pod', 400)
            leases.splice(leases.indexOf(lease), 1, bound)
          } else if (kind === 3) ledger.release(lease.id, lease.fence)
          else ledger.hold({ ...ask, idempotencyKey: lease.idempotencyKey })
        })
        expectSound(ledger)
      })
      expectNeverOversold(ledger)
      clocked.now += 1_000_000
      expect(ledger.leases(['hold', 'bound'])).toEqual([])
      expect(ledger.capacities()[0]?.leased).toBe(0)
      ledger.close()
    }),
  )
})

interface Worker {
  readonly child: ChildProcessWithoutNullStreams
  /** What each of its acts came to, once it has ended well. */
  readonly codes: Promise<readonly string[]>
}

function startWorker(words: readonly string[]): Worker {
  const child = spawn(process.execPath, [...sourceFlags(), worker, ...words], {
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const said: Buffer[] = []
  const complained: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => complained.push(chunk))
  const codes = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new Error(Buffer.concat(complained).toString())
    return JSON.parse(Buffer.concat(said).toString().replace('ready\n', '')) as string[]
  })
  return { child, codes }
}

test('processes that work on one file at the same time never oversell', async () => {
  const sizes = fc.record({
    processes: fc.integer({ min: 2, max: 4 }),
    units: fc.integer({ min: 1, max: 8 }),
    money: fc.integer({ min: 1, max: 60 }),
    seed: fc.nat(),
  })
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(sizes, async ({ processes, units, money, seed }) => {
      const path = join(temporaryDirectory('leases-'), 'ledger.sqlite')
      const ledger = new Ledger({ path, clock: () => 0 })
      for (const offer of ['o0', 'o1']) ledger.setCapacity(offer, units)
      for (const tenant of ['t0', 't1', 't2']) ledger.setBudget(tenant, money)
      const workers = Array.from({ length: processes }, (_, at) =>
        startWorker([path, `${seed}-${at}`, '60', '2', '3']),
      )
      await Promise.all(
        workers.map(({ child, codes }) => Promise.race([once(child.stdout, 'data'), codes])),
      )
      for (const { child } of workers) child.stdin.write('go\n')
      for (const code of (await Promise.all(workers.map(({ codes }) => codes))).flat())
        seen.add(code)
      expectSound(ledger)
      expectNeverOversold(ledger)
      const fences = ledger.leases().map(({ fence }) => fence)
      expect(new Set(fences).size).toBe(fences.length)
      ledger.close()
      // After all of time nothing is left out.
      const late = new Ledger({ path, clock: () => 1e9 })
      expect(late.capacities().map(({ leased }) => leased)).toEqual([0, 0])
      late.close()
    }),
    // Each run starts a process for every actor.
    { numRuns: 3 },
  )
  expect(seen).toContain('done')
  expect(seen).not.toContain('LEDGER_BUSY')
})
