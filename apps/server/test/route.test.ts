import { RouterError } from '@vaultmesh/aurora-router'
import { Ledger } from '@vaultmesh/aurora-router/leases'
import { describe, expect, it } from 'vitest'
import { makeScene, noon, type Scene } from './kit/scene.ts'

const request = { tenant: 'lab', gpu: 'a100', gpus: 1, durationMs: 3_600_000 }

function route(scene: Scene, payload: object, headers: Record<string, string>) {
  return scene.app.inject({ method: 'POST', url: '/v1/route', payload, headers })
}

describe('POST /v1/route', () => {
  it('chooses, says why, and leases', async () => {
    const scene = await makeScene()
    const answer = await route(scene, { request, explain: true }, scene.bearer('route'))
    expect(answer.statusCode).toBe(200)
    expect(answer.json()).toMatchObject({
      chosen: { id: 'alder/1xA100', free: 2 },
      costMicroUsd: 1_000_000,
      why: { offerId: 'alder/1xA100', verdict: 'chosen', utilities: { price: 1_000_000 } },
      repeated: false,
      policy: 'default',
      catalog: { version: 'march', takenAt: '2026-03-01T11:00:00Z', offers: 3 },
      reasons: { GPU_MISMATCH: 1 },
      feasible: 2,
      lease: {
        ...{ offerId: 'alder/1xA100', tenant: 'lab', units: 1, state: 'hold', fence: 1 },
        expiresAt: noon.getTime() + 300_000,
      },
      candidates: [
        { offerId: 'alder/1xA100', verdict: 'chosen', reasonCode: null },
        { offerId: 'birch/1xA100', verdict: 'feasible', utilities: { latency: 800_000 } },
        { offerId: 'cedar/8xH100', verdict: 'refused', reasonCode: 'GPU_MISMATCH', score: null },
      ],
    })
    const { items } = (await scene.app.inject('/v1/route/offers?gpu=A100')).json()
    expect(items).toMatchObject([
      { id: 'alder/1xA100', free: 1 },
      { id: 'birch/1xA100', free: 4 },
    ])
  })

  it('gives the same lease for the same key, and no other question under it', async () => {
    const scene = await makeScene()
    const headers = { ...scene.bearer('route'), 'idempotency-key': 'job-1' }
    const first = (await route(scene, { request }, headers)).json()
    const again = (await route(scene, { request }, headers)).json()
    expect(again).toMatchObject({
      repeated: true,
      lease: first.lease,
      chosen: { id: first.chosen.id },
    })
    expect(again).not.toHaveProperty('why')
    expect(first).not.toHaveProperty('reasons')
    const other = await route(scene, { request: { ...request, gpus: 2 } }, headers)
    expect([other.statusCode, other.json().code]).toEqual([409, 'IDEMPOTENCY_CONFLICT'])
    expect(scene.ledger.leases()).toHaveLength(1)
  })

  it('never sells more than there is, whoever asks at once', async () => {
    const scene = await makeScene()
    const headers = scene.bearer('route')
    const answers = await Promise.all(
      Array.from({ length: 9 }, () => route(scene, { request }, headers)),
    )
    const offers = answers.map((each) => each.json().lease?.offerId ?? 'none').toSorted()
    expect(offers).toEqual([
      ...Array(2).fill('alder/1xA100'),
      ...Array(4).fill('birch/1xA100'),
      ...Array(3).fill('none'),
    ])
    const last = (await route(scene, { request }, headers)).json()
    expect(last).toMatchObject({
      chosen: null,
      lease: null,
      reasons: { GPU_MISMATCH: 1, NO_CAPACITY: 2 },
      feasible: 0,
    })
    expect(scene.ledger.capacities()).toEqual([
      { offerId: 'alder/1xA100', units: 2, leased: 2 },
      { offerId: 'birch/1xA100', units: 4, leased: 4 },
    ])
  })

  it('does not lease what nobody has said to be there', async () => {
    const scene = await makeScene()
    const h100 = { request: { ...request, gpu: 'H100' } }
    const headers = scene.bearer('route')
    expect((await route(scene, h100, headers)).json()).toMatchObject({
      chosen: null,
      reasons: { NO_CAPACITY: 1 },
    })
    scene.ledger.setCapacity('cedar/8xH100', 1)
    expect((await route(scene, h100, headers)).json()).toMatchObject({
      chosen: { id: 'cedar/8xH100', capacity: 1, free: 1 },
    })
  })

  it('sees at once what another process has leased', async () => {
    const scene = await makeScene()
    const headers = scene.bearer('route')
    await route(scene, { request }, headers)
    const other = new Ledger({ path: `${scene.path}/leases.sqlite`, clock: () => noon.getTime() })
    other.hold({
      ...{ idempotencyKey: 'theirs', offerId: 'alder/1xA100', tenant: 'lab' },
      ...{ units: 1, costMicroUsd: 1, ttlMs: 1000 },
    })
    expect((await route(scene, { request }, headers)).json().chosen.id).toBe('birch/1xA100')
    other.close()
    // Their hold ends by itself.
    scene.now = new Date(noon.getTime() + 2000)
    expect((await route(scene, { request }, headers)).json().chosen.id).toBe('alder/1xA100')
  })

  it('does not say that nothing was done where the disk has failed', async () => {
    const scene = await makeScene()
    const headers = { ...scene.bearer('route'), 'idempotency-key': 'job' }
    scene.ledger.durable = async () => {
      throw new RouterError('LEDGER_IO', `${scene.path} could not be synced`)
    }
    const answer = await route(scene, { request }, headers)
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'UNAVAILABLE'])
    expect(answer.body).not.toContain(scene.path)
    expect(scene.ledger.leases()).toHaveLength(1)
  })

  it('keeps to budgets', async () => {
    const scene = await makeScene()
    const headers = scene.bearer('route')
    scene.ledger.setBudget('poor', 10)
    for (const [tenant, code] of [
      ['poor', 'BUDGET_EXCEEDED'],
      ['stranger', 'BUDGET_UNKNOWN'],
    ]) {
      const answer = await route(scene, { request: { ...request, tenant } }, headers)
      expect([answer.statusCode, answer.json().code]).toEqual([409, code])
    }
    expect(scene.ledger.leases()).toEqual([])
  })

  it('records a decision on request, once', async () => {
    const scene = await makeScene()
    const body = { request, record: true }
    const only = await route(scene, body, scene.bearer('route'))
    expect([only.statusCode, only.json().code]).toEqual([403, 'SCOPE_MISSING'])
    expect(scene.ledger.leases()).toEqual([])
    const headers = { ...scene.bearer('route', 'memories:write'), 'idempotency-key': 'job' }
    const first = (await route(scene, body, headers)).json()
    expect(first.record).toMatchObject({
      kind: 'routing',
      title: 'Route 1xA100 for lab to alder/1xA100',
    })
    scene.now = new Date(noon.getTime() + 1000)
    const again = (await route(scene, body, headers)).json()
    expect(again).toMatchObject({ repeated: true, record: { id: first.record.id, repeated: true } })
    const none = { request: { ...request, maxPriceMicroUsd: 0 }, record: true }
    expect((await route(scene, none, scene.bearer())).json()).toMatchObject({
      chosen: null,
      record: { title: 'Route 1xA100 for lab to no offer' },
    })
    expect(await scene.workspace.timeline({ kind: 'routing' })).toHaveLength(2)
  })

  it('records nothing of a decision that was made without that, and says so', async () => {
    const scene = await makeScene()
    const headers = { ...scene.bearer('route', 'memories:write'), 'idempotency-key': 'job' }
    const first = (await route(scene, { request }, headers)).json()
    const late = await route(scene, { request, record: true }, headers)
    expect([late.statusCode, late.json().code]).toEqual([409, 'IDEMPOTENCY_CONFLICT'])
    expect((await route(scene, { request }, headers)).json().lease).toEqual(first.lease)
    expect(await scene.workspace.timeline({ kind: 'routing' })).toEqual([])
  })

  it('refuses what is no question', async () => {
    const scene = await makeScene()
    const headers = scene.bearer()
    for (const payload of [
      {},
      { request: { ...request, gpus: 0 } },
      { request: { ...request, durationMs: 1.5 } },
      { request: { ...request, tenant: 'a\u202eb' } },
      { request: { ...request, gpu: '\ud800' } },
      { request: { ...request, more: 1 } },
      { request, ttlMs: 0 },
      { request, record: 'yes' },
    ]) {
      const answer = await route(scene, payload, headers)
      expect(answer.json()).toMatchObject({ status: 400, code: 'REQUEST_INVALID' })
    }
    for (const key of ['', 'a b', 'x'.repeat(129), 'ä']) {
      const answer = await route(scene, { request }, { ...headers, 'idempotency-key': key })
      expect([key, answer.json().code]).toEqual([key, 'REQUEST_INVALID'])
    }
    expect(scene.ledger.leases()).toEqual([])
  })
})

describe('/v1/leases', () => {
  it('binds with the fence of the hold, and gives back with that of the binding', async () => {
    const scene = await makeScene()
    const headers = scene.bearer('route')
    const { lease } = (await route(scene, { request }, headers)).json()
    const act = (what: string, payload: object) =>
      scene.app.inject({ method: 'POST', url: `/v1/leases/${lease.id}/${what}`, payload, headers })
    const bound = await act('bind', { fence: lease.fence, reference: 'pod-1', ttlMs: 3_600_000 })
    expect(bound.json()).toMatchObject({ state: 'bound', reference: 'pod-1', fence: 2 })
    const stale = await act('release', { fence: lease.fence })
    expect([stale.statusCode, stale.json().code]).toEqual([409, 'LEASE_ENDED'])
    const released = await act('release', { fence: 2, chargedMicroUsd: 250_000 })
    expect(released.json()).toMatchObject({ state: 'released', chargedMicroUsd: 250_000 })
    expect((await scene.app.inject(`/v1/leases/${lease.id}`)).json()).toEqual(released.json())
    expect((await scene.app.inject('/v1/leases/none')).json()).toMatchObject({
      code: 'LEASE_NOT_FOUND',
    })
    expect((await act('bind', { fence: '1' })).json().code).toBe('REQUEST_INVALID')
  })
})
