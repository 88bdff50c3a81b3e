import { readFileSync } from 'node:fs'
import { forkMediaType } from '@vaultmesh/federation'
import { bundleMediaType } from '@vaultmesh/remembrancer'
import { parseTrustPolicy, verifyBundle } from '@vaultmesh/remembrancer/verify'
import { describe, expect, it } from 'vitest'
import { makeScene, type Scene } from './kit/scene.ts'

const decision = {
  kind: 'decision',
  title: 'Use PostgreSQL',
  body: { text: 'Because we know it.' },
  details: { status: 'accepted' },
  tags: ['db'],
}

function post({ app }: Scene, payload: object, headers: Record<string, string> = {}) {
  return app.inject({ method: 'POST', url: '/v1/memories', payload, headers })
}

describe('POST /v1/memories', () => {
  it('signs, stamps and logs a record, which can be shown, proven and verified at once', async () => {
    const scene = await makeScene()
    const written = await post(scene, decision, scene.bearer('memories:write'))
    expect(written.statusCode).toBe(201)
    const recorded = written.json()
    expect(recorded).toEqual({
      id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      index: '0',
      kind: 'decision',
      title: decision.title,
      origin: scene.workspace.origin,
      occurredAt: '2026-03-01T12:00:00Z',
      attestedAt: '2026-03-01T12:00:00Z',
      repeated: false,
    })
    expect(written.headers['location']).toBe(`/v1/memories/${recorded.id}`)

    const shown = await scene.app.inject(`/v1/memories/${recorded.id.slice(7, 20)}`)
    expect(shown.json()).toMatchObject({
      id: recorded.id,
      index: '0',
      verified: true,
      body: { state: 'present', text: decision.body.text },
      predicate: { status: 'accepted', namespace: 'lab' },
      signers: [scene.workspace.keys.record],
      agents: [],
    })

    const proof = await scene.app.inject(`/v1/memories/${recorded.id}/proof`)
    expect(proof.headers).toMatchObject({
      'content-type': bundleMediaType,
      'content-disposition': `attachment; filename="${recorded.id.slice(7, 23)}.vmproof.json"`,
    })
    const exported = await scene.app.inject('/v1/policy')
    expect(exported.headers['content-type']).toBe('application/json')
    const policy = parseTrustPolicy(exported.rawPayload)
    if (!policy.ok) throw new Error(policy.problems.join())
    expect(await verifyBundle(proof.rawPayload, policy.policy)).toMatchObject({ ok: true })
  })

  it('takes an idempotency key: once a record, then the same again, then a conflict', async () => {
    const scene = await makeScene()
    const headers = { ...scene.bearer('memories:write'), 'idempotency-key': 'job-1' }
    const first = await post(scene, decision, headers)
    const again = await post(scene, decision, { ...headers, 'idempotency-key': '"job-1"' })
    expect([first.statusCode, again.statusCode]).toEqual([201, 200])
    expect(again.json()).toEqual({ ...first.json(), repeated: true })
    const other = await post(scene, { ...decision, title: 'Use SQLite' }, headers)
    expect(other.statusCode).toBe(409)
    expect(other.json()).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', status: 409 })
    expect(await scene.workspace.timeline()).toHaveLength(1)
  })

  it('makes one record of many attempts at once with one key', async () => {
    const scene = await makeScene()
    const headers = { ...scene.bearer('memories:write'), 'idempotency-key': 'once' }
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(scene, decision, headers)),
    )
    expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([
      ...Array(7).fill(200),
      201,
    ])
    expect(new Set(answers.map((each) => each.json().id)).size).toBe(1)
    expect(await scene.workspace.timeline()).toHaveLength(1)
  })

  it('refuses what is no record, and writes nothing', async () => {
    const scene = await makeScene()
    const cases: readonly [string, object, number, string][] = [
      ['an unknown kind', { ...decision, kind: 'rumour' }, 400, 'REQUEST_INVALID'],
      ['an unknown member', { ...decision, more: 1 }, 400, 'REQUEST_INVALID'],
      ['a title of another type', { ...decision, title: 7 }, 400, 'REQUEST_INVALID'],
      ['a key in the body', { ...decision, idempotencyKey: 'k' }, 400, 'REQUEST_INVALID'],
      ['no body', { ...decision, body: undefined }, 422, 'RECORD_INVALID'],
      ['a member of ours', { ...decision, details: { namespace: 'x' } }, 422, 'RECORD_INVALID'],
      ['a lone surrogate', { ...decision, title: '\ud800' }, 422, 'RECORD_INVALID'],
      [
        'a time that is none',
        { ...decision, occurredAt: '2026-02-30T00:00:00Z' },
        422,
        'RECORD_INVALID',
      ],
      [
        'too much text in the log',
        { ...decision, details: { x: 'x'.repeat(30_000) } },
        413,
        'RECORD_TOO_LARGE',
      ],
    ]
    for (const [name, payload, status, code] of cases) {
      const answer = await post(scene, payload, scene.bearer())
      expect({ name, ...answer.json() }).toMatchObject({ name, status, code })
      expect(answer.statusCode).toBe(status)
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    }
    expect(await scene.workspace.timeline()).toEqual([])
  })

  it('is not there where nothing is to be written', async () => {
    const scene = await makeScene({ readOnly: true })
    expect((await post(scene, decision, scene.bearer())).statusCode).toBe(404)
  })
})

describe('GET /v1/memories', () => {
  it('pages through all records, newest entry first, with filters', async () => {
    const scene = await makeScene()
    for (let at = 0; at < 5; at += 1) {
      await scene.workspace.record({
        kind: at % 2 === 0 ? 'note' : 'discovery',
        title: `number ${at}`,
        tags: at < 2 ? ['early'] : [],
        body: { text: at === 3 ? 'a needle' : 'hay' },
      })
    }
    const seen: string[] = []
    let url: string | undefined = '/v1/memories?limit=2'
    while (url !== undefined) {
      const page: { items: { title: string }[]; next?: string } = (
        await scene.app.inject(url)
      ).json()
      seen.push(...page.items.map(({ title }) => title))
      url = page.next === undefined ? undefined : `/v1/memories?limit=2&before=${page.next}`
    }
    expect(seen).toEqual(['number 4', 'number 3', 'number 2', 'number 1', 'number 0'])
    const titles = async (query: string) =>
      (await scene.app.inject(`/v1/memories?${query}`))
        .json()
        .items.map(({ title }: { title: string }) => title)
    expect(await titles('kind=discovery')).toEqual(['number 3', 'number 1'])
    expect(await titles('tag=early')).toEqual(['number 1', 'number 0'])
    expect(await titles('q=needle')).toEqual(['number 3'])
    expect(await titles('since=2026-03-01T12:00:01Z')).toEqual([])
    expect(await titles('before=0')).toEqual([])
  })

  it('refuses a question that is none', async () => {
    const { app } = await makeScene()
    for (const query of [
      ...['limit=0', 'limit=201', 'limit=1&limit=2', 'before=-1', 'before=99999999999999999999'],
      ...['kind=rumour', 'since=yesterday', 'since=2026-02-30T00:00:00Z', 'other=1'],
      `q=${'x'.repeat(201)}`,
    ]) {
      const answer = (await app.inject(`/v1/memories?${query}`)).json()
      expect({ query, ...answer }).toMatchObject({ query, status: 400, code: 'REQUEST_INVALID' })
    }
  })

  it('has nothing where there is nothing', async () => {
    const { app } = await makeScene()
    const cases: readonly [string, number, string][] = [
      ['/v1/memories/0000000000', 404, 'RECORD_NOT_FOUND'],
      [`/v1/memories/sha256:${'0'.repeat(64)}/proof`, 404, 'RECORD_NOT_FOUND'],
      ['/v1/memories/abc', 400, 'REQUEST_INVALID'],
      ['/v1/memories/..%2f..%2fetc%2fpasswd', 400, 'REQUEST_INVALID'],
      ['/v1/memories/%', 400, 'REQUEST_INVALID'],
      [`/v1/memories/${'0'.repeat(500)}`, 404, 'NOT_FOUND'],
      ['/v1/nothing', 404, 'NOT_FOUND'],
    ]
    for (const [url, status, code] of cases) {
      expect({ url, ...(await app.inject(url)).json() }).toMatchObject({ url, status, code })
    }
  })
})

describe('POST /v1/verify', () => {
  it('gives the verdict of a proof, and of what is none', async () => {
    const scene = await makeScene()
    const { id } = await scene.workspace.record({ kind: 'note', title: 'n', body: { text: 't' } })
    const bundle = Buffer.from(await scene.workspace.prove(id))
    const verify = (payload: Buffer, type = bundleMediaType) =>
      scene.app.inject({
        method: 'POST',
        url: '/v1/verify',
        payload,
        headers: { 'content-type': type },
      })
    expect((await verify(bundle)).json()).toMatchObject({ ok: true, record: { id, kind: 'note' } })
    const changed = Buffer.from(bundle)
    changed[bundle.length >> 1] = (changed[bundle.length >> 1] ?? 0) ^ 1
    for (const bytes of [changed, Buffer.from('{}'), Buffer.from([0xff]), Buffer.from('')]) {
      const answer = await verify(bytes, 'application/octet-stream')
      expect(answer.statusCode).toBe(200)
      expect(answer.json()).toMatchObject({ ok: false })
    }
    expect((await verify(bundle, 'text/plain')).json()).toMatchObject({
      code: 'MEDIA_TYPE_REFUSED',
    })
    const huge = await verify(Buffer.alloc(5 * 1024 * 1024))
    expect(huge.json()).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' })
  })
  it('gives the verdict of the proof of a fork, by the policy of the workspace', async () => {
    const vectors = new URL('../../../docs/formats/vectors/fork/', import.meta.url)
    const read = (name: string): Buffer => readFileSync(new URL(name, vectors))
    const fork = read('good/first-witnessed.vmfork.json')
    const scene = await makeScene()
    const verify = async (payload: Buffer, type: string) => {
      const headers = { 'content-type': type }
      const url = '/v1/verify'
      return (await scene.app.inject({ method: 'POST', url, payload, headers })).json()
    }
    const stranger = await verify(fork, forkMediaType)
    expect(stranger).toMatchObject({ ok: false, warnings: [] })
    expect(stranger.checks).toContainEqual(
      expect.objectContaining({ id: 'fork.origin', status: 'untrusted' }),
    )
    expect(stranger).not.toHaveProperty('fork')

    const origin = 'example.com/vm/payments'
    const policy = JSON.parse(Buffer.from(await scene.workspace.exportPolicy()).toString())
    policy.logs = [
      { namespaces: ['payments'], origin, policy: read('policies/quorum.txt').toString() },
    ]
    scene.workspace.exportPolicy = async () => Buffer.from(JSON.stringify(policy))
    for (const type of [forkMediaType, 'application/json', 'application/octet-stream']) {
      const verdict = await verify(fork, type)
      expect(verdict).toMatchObject({
        ok: true,
        warnings: [],
        fork: { origin, keys: [expect.stringContaining(origin)], divergence: expect.any(String) },
      })
      const cosigners = verdict.fork.heads.map((head: { cosigners: string[] }) => head.cosigners)
      expect(cosigners).toEqual([['w0', 'w1'], expect.any(Array)])
    }
    const changed = Buffer.from(fork.toString().replace('"heads"', '"haeds"'))
    expect(await verify(changed, forkMediaType)).toMatchObject({
      ok: false,
      checks: [{ id: 'fork.format', status: 'fail' }, ...Array(5).fill({ status: 'skipped' })],
    })
  })
})
