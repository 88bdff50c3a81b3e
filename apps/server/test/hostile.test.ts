import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { idempotencyKeyOf, isTooDeep } from '../src/http/body.ts'
import { makeScene } from './kit/scene.ts'

const endpoints = [
  '/v1/memories',
  '/v1/route',
  '/v1/leases/x/bind',
  '/v1/leases/x/release',
] as const

describe('what comes from anybody', () => {
  it('is answered with a problem of the right status, at every endpoint', async () => {
    const scene = await makeScene()
    const headers = scene.bearer()
    const json = { ...headers, 'content-type': 'application/json' }
    const deep = `${'{"request":'.repeat(100)}1${'}'.repeat(100)}`
    const bodies: readonly [string, string | Buffer, Record<string, string>, number, string][] = [
      ['no JSON', '{"title":', json, 400, 'REQUEST_INVALID'],
      ['nothing', '', json, 400, 'REQUEST_INVALID'],
      ['no object', '[]', json, 400, 'REQUEST_INVALID'],
      ['null', 'null', json, 400, 'REQUEST_INVALID'],
      ['bytes', Buffer.from([0xff, 0xfe, 0x00]), json, 400, 'REQUEST_INVALID'],
      ['too deep', deep, json, 400, 'REQUEST_INVALID'],
      ['very deep', '['.repeat(60_000), json, 400, 'REQUEST_INVALID'],
      ['a prototype', '{"__proto__":{"a":1}}', json, 400, 'REQUEST_INVALID'],
      ['a constructor', '{"constructor":{"prototype":{}}}', json, 400, 'REQUEST_INVALID'],
      ['a number beyond', '{"title":1e999}', json, 400, 'REQUEST_INVALID'],
      [
        'another type',
        'title=a',
        { ...headers, 'content-type': 'text/plain' },
        415,
        'MEDIA_TYPE_REFUSED',
      ],
      [
        'a form',
        'a=b',
        { ...headers, 'content-type': 'application/x-www-form-urlencoded' },
        415,
        'MEDIA_TYPE_REFUSED',
      ],
      ['no type', '{}', headers, 415, 'MEDIA_TYPE_REFUSED'],
    ]
    for (const url of endpoints) {
      for (const [name, payload, given, status, code] of bodies) {
        const answer = await scene.app.inject({ method: 'POST', url, payload, headers: given })
        expect({ url, name, status: answer.statusCode, ...answer.json() }).toMatchObject({
          ...{ url, name, status, code },
        })
        expect(answer.json()).toEqual({
          type: expect.stringMatching(/^https:\/\/vaultmesh\.cloud\/problems\/[a-z-]+$/),
          title: expect.any(String),
          detail: expect.any(String),
          ...{ status, code },
        })
      }
      const payload = Buffer.alloc(3 * 1024 * 1024, 0x20)
      const huge = await scene.app.inject({ method: 'POST', url, payload, headers: json })
      expect([url, huge.statusCode, huge.json().code]).toEqual([url, 413, 'BODY_TOO_LARGE'])
    }
    expect(await scene.workspace.timeline()).toEqual([])
    expect(scene.ledger.leases()).toEqual([])
  })

  it('is refused before its body is read, where the token does not allow it', async () => {
    const scene = await makeScene()
    for (const url of endpoints) {
      const answer = await scene.app.inject({
        method: 'POST',
        url,
        payload: '['.repeat(1000),
        headers: { ...scene.bearer('metrics'), 'content-type': 'application/json' },
      })
      expect([url, answer.json().code]).toEqual([url, 'SCOPE_MISSING'])
    }
  })

  it('never makes the server fail, whatever the bytes', async () => {
    const scene = await makeScene()
    const headers = { ...scene.bearer(), 'content-type': 'application/json' }
    const anything = fc.oneof(
      fc.json(),
      fc.string(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...endpoints, '/v1/verify'),
        anything,
        async (url, payload) => {
          const answer = await scene.app.inject({ method: 'POST', url, payload, headers })
          expect(answer.statusCode).toBeLessThan(500)
          answer.json()
        },
      ),
    )
  })

  it('never makes the server fail, whatever the path', async () => {
    const { app } = await makeScene()
    await fc.assert(
      fc.asyncProperty(fc.webUrl({ withQueryParameters: true }), fc.string(), async (url, more) => {
        const { pathname, search } = new URL(url)
        for (const path of [
          pathname + search,
          `/v1/memories/${encodeURIComponent(more)}`,
          `/log/${more}`,
          `/v1/memories?q=${encodeURIComponent(more.toWellFormed())}`,
        ]) {
          // What can't be in a request line never arrives.
          if (!/^[!-~]+$/.test(path)) continue
          const answer = await app.inject(path)
          expect(answer.statusCode).toBeLessThan(500)
        }
      }),
    )
  })

  it('reaches no file but those of the log', async () => {
    const { app } = await makeScene()
    for (const path of [
      '../config.yaml',
      '..%2fconfig.yaml',
      'tile/../../config.yaml',
      '%2e%2e/index.sqlite',
      'tile/0/..%5c..',
      'checkpoint/../..',
    ]) {
      const answer = await app.inject(`/log/${path}`)
      expect([path, answer.statusCode]).toEqual([path, 404])
    }
  })
})

describe('answers', () => {
  it('say nothing of this machine where the workspace fails', async () => {
    const scene = await makeScene()
    await scene.workspace.close()
    const answer = await scene.app.inject('/v1/memories')
    expect([answer.statusCode, answer.json().code]).toEqual([503, 'DRAINING'])
    expect((await scene.app.inject('/readyz')).json()).toEqual({ status: 'failing' })
    expect((await scene.app.inject('/healthz')).statusCode).toBe(200)
  })

  it('say that nothing can be recorded, once the log could not be written', async () => {
    const { app, workspace, project, bearer } = await makeScene()
    expect((await app.inject('/readyz')).json()).toEqual({ status: 'ready' })
    const tiles = join(project, '.vaultmesh/logs/lab/tile')
    await writeFile(tiles, '')
    const headers = bearer('memories:write')
    const payload = { kind: 'note', title: 'x', body: { text: 'y' } }
    const answer = await app.inject({ method: 'POST', url: '/v1/memories', headers, payload })
    expect(answer.statusCode).toBe(503)
    await rm(tiles)
    expect((await app.inject('/v1/memories')).statusCode).toBe(200)
    expect((await app.inject('/readyz')).json()).toEqual({ status: 'failing' })
    expect(await workspace.recordFailure()).toMatchObject({ code: 'LOG_FAILED' })
    await expect(workspace.prepareToRecord()).rejects.toMatchObject({ code: 'LOG_FAILED' })
  })

  it('say that the disk is full, whoever wrote to it', async () => {
    const { app, workspace, bearer } = await makeScene()
    const full = Object.assign(new Error('ENOSPC: no space left: /srv/x'), { code: 'ENOSPC' })
    vi.spyOn(workspace, 'record').mockRejectedValueOnce(full)
    const headers = bearer('memories:write')
    const payload = { kind: 'note', title: 'x', body: { text: 'y' } }
    const answer = await app.inject({ method: 'POST', url: '/v1/memories', headers, payload })
    expect([answer.statusCode, answer.json().code]).toEqual([507, 'LOG_FULL'])
    expect(answer.body).not.toContain('/srv')
  })

  it('are not to be kept, framed or guessed at', async () => {
    const { app } = await makeScene()
    for (const url of ['/healthz', '/v1/memories', '/nothing', '/openapi.json']) {
      expect((await app.inject(url)).headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      })
    }
  })

  it('leave no secret in the log', async () => {
    const scene = await makeScene()
    const { authorization } = scene.bearer()
    const payload = { kind: 'note', title: 'n', body: { text: 'a secret text' } }
    await scene.app.inject({
      method: 'POST',
      url: '/v1/memories?token=abc',
      payload,
      headers: { authorization },
    })
    await scene.app.inject({
      method: 'POST',
      url: '/v1/memories',
      payload,
      headers: { authorization },
    })
    const lines = scene.logged.join('')
    expect(lines).toContain('"route":"/v1/memories","status":201')
    expect(lines).toContain('"token":"t1"')
    for (const secret of [authorization.slice(10), 'a secret text', 'abc']) {
      expect(lines).not.toContain(secret)
    }
  })
})

describe('limits', () => {
  it('bound the requests of a token, and of an address', async () => {
    const scene = await makeScene({ limits: { eventLoopDelayMs: null, requestsPerMinute: 2 } })
    const headers = scene.bearer()
    const ask = async (given: Record<string, string> = {}) =>
      await scene.app.inject({ url: '/v1/memories', headers: given })
    expect([(await ask()).statusCode, (await ask()).statusCode]).toEqual([200, 200])
    const third = await ask()
    expect([third.statusCode, third.json().code]).toEqual([429, 'RATE_LIMITED'])
    expect(third.headers['retry-after']).toMatch(/^[0-9]+$/)
    expect((await ask(headers)).statusCode).toBe(200)
    // A wrong token counts for the address that tries it.
    expect((await ask({ authorization: `Bearer vmt_${'A'.repeat(43)}` })).statusCode).toBe(429)
  })

  it('count what is not there, and all addresses of one network as one', async () => {
    const scene = await makeScene({
      publicUrl: 'https://vm.example',
      limits: { eventLoopDelayMs: null, requestsPerMinute: 2 },
    })
    const ask = async (from: string, url: string) =>
      (await scene.app.inject({ url, headers: { 'x-forwarded-for': from } })).statusCode
    for (const status of [404, 404, 429]) {
      expect(await ask('192.0.2.1', '/nowhere')).toBe(status)
    }
    // Who has an IPv6 address has 2^64 of them.
    const near = ['2001:db8::1', '2001:db8::ffff:1', '2001:db8::2:3:4:5']
    for (const [at, from] of near.entries()) {
      expect(await ask(from, '/healthz')).toBe(at < 2 ? 200 : 429)
    }
    expect(await ask('2001:db8:0:1::1', '/healthz')).toBe(200)
    // What the client itself wrote into the header is not where it comes from.
    expect(await ask('198.51.100.7, 2001:db8::1', '/healthz')).toBe(429)
  })

  it('refuse when there is too much to do, but for the sign of life', async () => {
    const scene = await makeScene({ limits: { eventLoopDelayMs: 1e-9, requestsPerMinute: null } })
    // The first sample of the delay is taken after a second; a real one is never below that.
    await expect
      .poll(async () => (await scene.app.inject('/v1/memories')).statusCode, { timeout: 60_000 })
      .toBe(503)
    const answer = await scene.app.inject('/v1/memories')
    expect(answer.json()).toMatchObject({ code: 'OVERLOADED' })
    expect(answer.headers['retry-after']).toBe('1')
    expect((await scene.app.inject('/healthz')).statusCode).toBe(200)
  })
})

it('bounds the depth of JSON as it is read', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), fc.nat(100), (text, depth) => {
      const deep = '['.repeat(depth) + text + ']'.repeat(depth)
      const measured = (value: unknown): number =>
        typeof value === 'object' && value !== null
          ? 1 + Math.max(0, ...Object.values(value).map(measured))
          : 0
      expect(isTooDeep(deep)).toBe(measured(JSON.parse(deep)) > 64)
    }),
  )
})

it('reads an idempotency key with or without quotes', () => {
  const keyOf = (key: string) => idempotencyKeyOf({ headers: { 'idempotency-key': key } } as never)
  fc.assert(
    fc.property(fc.stringMatching(/^[!#-~]{1,60}$/), (key) => {
      expect(keyOf(key)).toBe(key)
      expect(keyOf(`"${key.replace(/["\\]/g, '\\$&')}"`)).toBe(key)
    }),
  )
})
