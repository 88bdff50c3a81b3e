import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  createSnapshot,
  decide,
  defaultPolicy,
  type Offer,
  parseRequest,
  type Request,
  RouterError,
  type Snapshot,
  withUnits,
} from '@vaultmesh/aurora-router'
import { Ledger, type LedgerOptions } from '@vaultmesh/aurora-router/leases'
import { openRouter, type Router, receiptOf, withLeased } from '@vaultmesh/aurora-router/router'
import { temporaryDirectory } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, test, vi } from 'vitest'
import { leaseId, leaseRow } from '../src/leases/lease-id.ts'
import { WalSync } from '../src/leases/wal-sync.ts'

function offer(id: string, priceMicroUsd: number, capacity: number | null): Offer {
  return {
    ...{ id, provider: id, gpu: 'A100', gpus: 1, region: 'eu', priceMicroUsd },
    ...{ spot: false, open: true, latencyMs: 100, reputation: 90, capacity, free: capacity },
  }
}

function catalog(...offers: Offer[]): Snapshot {
  return createSnapshot({ version: 'v', takenAt: '2026-01-01T00:00:00Z', offers })
}

const usual = catalog(offer('a', 1_000_000, 2), offer('b', 2_000_000, 3), offer('c', 1, null))

function ask(changes: Partial<Request> = {}): Request {
  const read = parseRequest({
    tenant: 'lab',
    gpu: 'A100',
    gpus: 1,
    durationMs: 3_600_000,
    ...changes,
  })
  if (!read.ok) throw new Error(read.problem.message)
  return read.value
}

interface Scene {
  readonly path: string
  readonly ledger: Ledger
  readonly router: Router
  now: number
}

function scene(snapshot = usual, options: Partial<LedgerOptions> = {}): Scene {
  const path = join(temporaryDirectory('router-'), 'ledger.sqlite')
  const made: Scene = {
    path,
    now: Date.parse('2026-01-01T00:00:00Z'),
    ledger: new Ledger({ path, clock: () => made.now, groupSync: true, ...options }),
    get router() {
      return router
    },
  }
  const router = openRouter({ catalog: snapshot, ledger: made.ledger, clock: () => made.now })
  made.ledger.setBudget('lab', 1_000_000_000)
  onTestFinished(() => made.ledger.close())
  return made
}

describe('a router', () => {
  it('leases what it chose, once for a key, whatever has become of it', async () => {
    const { router, ledger } = scene()
    const first = await router.route(ask(), 'k', { keepReceipt: true })
    expect(first).toMatchObject({
      decision: { chosen: { id: 'a' } },
      lease: { offerId: 'a', costMicroUsd: 1_000_000, state: 'hold' },
      repeated: false,
    })
    const { decision, lease } = first
    if (decision === null || lease === null) throw new Error('refused')
    expect(first.receipt).toEqual(receiptOf(decision))
    // In another order of its members it is the same question.
    const { tenant, ...others } = ask()
    expect(await router.route({ ...others, tenant }, 'k')).toEqual({
      ...{ decision: null, lease, repeated: true, receipt: first.receipt },
    })
    await router.release(lease.id, lease.fence)
    expect((await router.route(ask(), 'k')).lease?.state).toBe('released')
    await expect(router.route(ask({ gpus: 2 }), 'k')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
    await expect(router.route(ask(), 'k', { ttlMs: 1 })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    })
    expect(ledger.leases()).toHaveLength(1)
  })

  it('gives the first lease back also where nothing is free any more, and nothing to spend', async () => {
    const { router, ledger } = scene(catalog(offer('a', 1_000_000, 1)))
    const { lease } = await router.route(ask(), 'k')
    expect((await router.route(ask(), 'other')).lease).toBeNull()
    expect(await router.route(ask(), 'k')).toMatchObject({ lease, repeated: true })
    ledger.setBudget('lab', 1_000_000)
    expect(await router.route(ask(), 'k')).toMatchObject({ lease, repeated: true })
  })

  it('does not take a key of a plain hold, nor a hold that of a question', async () => {
    const { router, ledger } = scene()
    ledger.setCapacity('a', 2)
    const hold = {
      ...{ idempotencyKey: 'h', offerId: 'a', tenant: 'lab' },
      ...{ units: 1, costMicroUsd: 1_000_000, ttlMs: 300_000 },
    }
    ledger.hold(hold)
    await expect(router.route(ask(), 'h')).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    await router.route(ask(), 'k')
    expect(() => ledger.hold({ ...hold, idempotencyKey: 'k' })).toThrow(
      expect.objectContaining({ code: 'IDEMPOTENCY_CONFLICT' }),
    )
  })

  it('decides as decide does, against what is free', async () => {
    const { router, ledger, now } = scene()
    await router.route(ask(), 'k')
    const free = withLeased(usual, ledger.capacities())
    // What nobody has said to be there can't be leased.
    const leasable = withUnits(free, new Map([['c', { capacity: 0, free: 0 }]]))
    expect(router.decide(ask()).text).toBe(decide(leasable, ask(), defaultPolicy, now, '').text)
    expect(router.offers('nvidia a100').map(({ id, free }) => [id, free])).toEqual([
      ['c', 0],
      ['a', 1],
      ['b', 3],
    ])
    ledger.setCapacity('c', 1)
    expect(router.decide(ask()).chosen?.id).toBe('c')
    expect(router.offers('H100')).toEqual([])
  })

  it('refuses one request of many without harm to the others', async () => {
    const { router, ledger } = scene()
    ledger.setBudget('poor', 1)
    const settled = await Promise.allSettled([
      router.route(ask(), '1'),
      router.route(ask({ tenant: 'poor' }), '2'),
      router.route(ask({ tenant: 'stranger' }), '3'),
      router.route(ask({ durationMs: 1 }), '1'),
      router.route(ask(), ''),
      router.route(ask(), '4', { ttlMs: 0 }),
      router.route(ask(), '5'),
    ])
    expect(settled.map((each) => (each.status === 'fulfilled' ? 'ok' : each.reason.code))).toEqual([
      ...['ok', 'BUDGET_EXCEEDED', 'BUDGET_UNKNOWN', 'IDEMPOTENCY_CONFLICT'],
      ...['INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'ok'],
    ])
    expect(ledger.leases().map(({ idempotencyKey }) => idempotencyKey)).toEqual(['1', '5'])
    expect(ledger.counts()).toEqual({ hold: 2, bound: 0, released: 0, expired: 0 })
    await router.settled()
  })

  it('binds and releases', async () => {
    const { router } = scene()
    const { lease } = await router.route(ask(), 'k')
    if (lease === null) throw new Error('refused')
    const bound = await router.bind(lease.id, lease.fence, 'pod', 1000)
    expect(bound.state).toBe('bound')
    expect(router.lease(lease.id)).toEqual(bound)
    expect((await router.release(lease.id, bound.fence, { chargedMicroUsd: 5 })).state).toBe(
      'released',
    )
    expect(router.counts().released).toBe(1)
    await expect(router.bind('lease-1-000000000000', 1, 'pod', 1)).rejects.toMatchObject({
      code: 'LEASE_NOT_FOUND',
    })
  })
})

type Step = readonly [who: number, key: number, act: number, wait: number]

test('routers over one file never sell more than there is, and agree with the ledger', async () => {
  const step: fc.Arbitrary<Step> = fc.tuple(fc.nat(2), fc.nat(12), fc.nat(5), fc.nat(200))
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 6 }),
      async (rounds) => {
        const made = scene()
        const { ledger, path } = made
        const other = new Ledger({ path, clock: () => made.now })
        const routers = [
          made.router,
          openRouter({ catalog: usual, ledger: other, clock: () => made.now }),
        ]
        const leases = new Map<string, string>()
        for (const round of rounds) {
          await Promise.all(
            round.map(async ([who, key, act, wait]) => {
              made.now += wait
              const router = routers[who % 2] ?? made.router
              if (act === 0) {
                const [living] = ledger.leases(['hold'])
                if (living !== undefined) other.release(living.id, living.fence)
                return
              }
              const { lease } = await router.route(ask(), `k${key}`, { ttlMs: 500 })
              if (lease === null) return
              // One key, one lease.
              expect(leases.get(`k${key}`) ?? lease.id).toBe(lease.id)
              leases.set(`k${key}`, lease.id)
            }),
          )
          for (const { offerId, units, leased } of ledger.capacities()) {
            expect(leased).toBeLessThanOrEqual(units)
            const [free] = made.router.offers().filter(({ id }) => id === offerId)
            expect(free?.free).toBe(units - leased)
          }
        }
        other.close()
      },
    ),
    // Each run makes files and syncs them.
    { numRuns: 10 },
  )
})

describe('a ledger that syncs for many at once', () => {
  it('has on the disk what was answered: a copy of its files at that time holds it', async () => {
    const { router, path } = scene()
    const { lease } = await router.route(ask(), 'k')
    const copy = temporaryDirectory('router-')
    const { copyFileSync } = process.getBuiltinModule('node:fs')
    for (const suffix of ['', '-wal'])
      copyFileSync(path + suffix, join(copy, `ledger.sqlite${suffix}`))
    const found = new Ledger({ path: join(copy, 'ledger.sqlite'), clock: () => 0 })
    expect(found.leases()).toEqual([{ ...lease }])
    found.close()
  })

  it('is waited for before anything is answered, and by many at once', async () => {
    const { router, ledger } = scene(catalog(offer('a', 1, 100)))
    const syncs: PromiseWithResolvers<void>[] = []
    const begun: PromiseWithResolvers<void>[] = [Promise.withResolvers(), Promise.withResolvers()]
    ledger.durable = () => {
      const sync = Promise.withResolvers<void>()
      syncs.push(sync)
      begun[syncs.length - 1]?.resolve()
      return sync.promise
    }
    const answered: string[] = []
    const route = async (key: string): Promise<void> => {
      await router.route(ask(), key)
      answered.push(key)
    }
    const first = route('1')
    await begun[0]?.promise
    const others = [route('2'), route('3'), route('4')]
    expect([ledger.leases().length, answered]).toEqual([1, []])
    syncs[0]?.resolve()
    await first
    await begun[1]?.promise
    expect([ledger.leases().length, answered, syncs.length]).toEqual([4, ['1'], 2])
    // Nobody knows whether these are on the disk.
    syncs[1]?.reject(new Error('broken'))
    const settled = await Promise.allSettled(others)
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  })

  it('answers nothing any more once a sync has failed', async () => {
    const folder = temporaryDirectory('router-')
    mkdirSync(join(folder, 'x-wal'))
    const sync = new WalSync(join(folder, 'x'))
    await expect(Promise.all([sync.durable(), sync.durable()])).resolves.toBeDefined()
    sync.close()
    const failing = sync.durable()
    await expect(failing).rejects.toMatchObject({ code: 'LEDGER_IO' })
    expect(sync.failure).toMatchObject({ code: 'LEDGER_IO' })
    await expect(sync.durable()).rejects.toMatchObject({ code: 'LEDGER_IO' })
  })

  it('says so once a sync has failed', async () => {
    const { router, ledger } = scene()
    await router.route(ask(), '1')
    expect(router.failure).toBeUndefined()
    const fails = vi.spyOn(WalSync.prototype, 'failure', 'get')
    fails.mockReturnValue(new RouterError('LEDGER_IO', 'broken'))
    onTestFinished(() => fails.mockRestore())
    expect(router.failure).toMatchObject({ code: 'LEDGER_IO' })
    expect(() => ledger.sweep()).toThrow('broken')
  })

  it('needs a file', () => {
    expect(() => new Ledger({ path: ':memory:', clock: () => 0, groupSync: true })).toThrow(
      expect.objectContaining({ code: 'LEDGER_IO' }),
    )
  })

  it('waits for another process no longer than it is told', () => {
    const { path, ledger } = scene(usual, { patienceMs: 1 })
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
    const other = new DatabaseSync(path)
    other.exec('begin immediate')
    expect(() => ledger.sweep()).toThrow(expect.objectContaining({ code: 'LEDGER_BUSY' }))
    other.exec('rollback')
    other.close()
  })
})

test('units are those of the ledger, and no others', () => {
  const capacities = [
    { offerId: 'a', units: 5, leased: 4 },
    { offerId: 'c', units: 1, leased: 0 },
    { offerId: 'elsewhere', units: 9, leased: 9 },
  ]
  const found = withLeased(usual, capacities).offers.map(({ id, capacity, free }) => [
    id,
    capacity,
    free,
  ])
  expect(found).toEqual([
    ['a', 5, 1],
    ['b', 3, 3],
    ['c', 1, 1],
  ])
  expect(withLeased(usual, [])).toBe(usual)
  for (const [id, capacity, free] of [
    ['z', 1, 1],
    ['a', 1, 2],
    ['a', -1, -1],
    ['a', 1.5, 1],
    ['a', 2 ** 51, 0],
  ] as const) {
    expect(() => withUnits(usual, new Map([[id, { capacity, free }]]))).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  }
})

test('the id of a lease leads to its row, and no other text does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e12 }), fc.string(), (row, text) => {
      expect(leaseRow(leaseId(row))).toBe(row)
      expect(leaseRow(text)).toBe(0)
    }),
  )
})
