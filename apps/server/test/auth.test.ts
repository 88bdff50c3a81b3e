import fs, {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import {
  createToken,
  listTokens,
  openTokens,
  revokeToken,
  type ServerErrorCode,
  scopes,
} from '@vaultmesh/server/tokens'
import { temporaryDirectory } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { hostnameOf } from '../src/http/guard.ts'
import { encodeTokenFile, parseTokenFile } from '../src/tokens/file.ts'
import { makeScene, noon } from './kit/scene.ts'

const later = new Date(noon.getTime() + 3_600_000)
const note = { kind: 'note', title: 'n', body: { text: 't' } }

function refused(code: ServerErrorCode) {
  return expect.objectContaining({ name: 'ServerError', code })
}

describe('a token', () => {
  const info = {
    name: 'ci',
    scopes: ['route', 'memories:write'],
    createdAt: noon,
    expiresAt: later,
  } as const

  it('is shown once, and kept as a digest that only its owner can read', () => {
    const directory = join(temporaryDirectory(), 'tokens', 'x')
    const { token } = createToken(directory, info)
    expect(token).toMatch(/^vmt_[A-Za-z0-9_-]{43}$/)
    const path = join(directory, 'ci.json')
    expect(readFileSync(path, 'utf8')).not.toContain(token)
    expect([statSync(directory).mode & 0o777, statSync(path).mode & 0o777]).toEqual([0o700, 0o600])
    expect(listTokens(directory)).toEqual([{ ...info, scopes: ['memories:write', 'route'] }])
    expect(() => createToken(directory, info)).toThrow(refused('TOKEN_EXISTS'))
    revokeToken(directory, 'ci')
    expect(listTokens(directory)).toEqual([])
    expect(() => revokeToken(directory, 'ci')).toThrow(refused('TOKEN_MISSING'))
  })

  it('needs a name, a scope and an end', () => {
    const directory = join(temporaryDirectory(), 'tokens')
    for (const wrong of [
      { ...info, name: '../../x' },
      { ...info, name: '' },
      { ...info, scopes: [] },
      { ...info, expiresAt: noon },
      { ...info, expiresAt: new Date(Number.NaN) },
      { ...info, expiresAt: new Date('2100-01-01T00:00:00Z') },
    ]) {
      expect(() => createToken(directory, wrong)).toThrow(refused('TOKEN_INVALID'))
    }
    expect(() => revokeToken(directory, '../x')).toThrow(refused('TOKEN_INVALID'))
    expect(existsSync(directory) ? readdirSync(directory) : []).toEqual([])
  })

  it('counts until it is revoked, without a restart, and not from its end on', () => {
    const directory = join(temporaryDirectory(), 'tokens')
    let now = noon
    const tokens = openTokens({ directory, clock: () => now })
    const { token } = createToken(directory, info)
    expect(tokens.client(token)).toEqual({
      name: 'ci',
      scopes: new Set(['memories:write', 'route']),
    })
    expect(tokens.client(token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')))).toBeUndefined()
    revokeToken(directory, 'ci')
    now = new Date(noon.getTime() + 1000)
    expect(tokens.client(token)).toBeUndefined()
    const { token: next } = createToken(directory, info)
    now = new Date(noon.getTime() + 2000)
    expect(tokens.client(next)?.name).toBe('ci')
    now = later
    expect(tokens.client(next)).toBeUndefined()
  })

  it('counts for nothing while others could have made it', () => {
    const directory = join(temporaryDirectory(), 'tokens')
    const problems: unknown[] = []
    const tokens = openTokens({
      directory,
      clock: () => noon,
      maxAgeMs: 0,
      onProblem: (error) => problems.push(error),
    })
    const { token } = createToken(directory, info)
    chmodSync(join(directory, 'ci.json'), 0o644)
    expect(tokens.client(token)).toBeUndefined()
    expect(problems).toEqual([refused('TOKENS_UNSAFE')])
    chmodSync(join(directory, 'ci.json'), 0o600)
    expect(tokens.client(token)?.name).toBe('ci')
    chmodSync(directory, 0o755)
    expect(() => listTokens(directory)).toThrow(refused('TOKENS_UNSAFE'))
    chmodSync(directory, 0o700)
    writeFileSync(join(directory, 'other.json'), '{}', { mode: 0o600 })
    expect(() => listTokens(directory)).toThrow(refused('TOKENS_UNSAFE'))
  })

  it('counts no more from the moment on when others could have changed it, however old it is', () => {
    const directory = join(temporaryDirectory(), 'tokens')
    let now = Date.now()
    const tokens = openTokens({ directory, clock: () => new Date(now) })
    const { token } = createToken(directory, {
      ...info,
      createdAt: new Date(now),
      expiresAt: new Date(now + 3_600_000),
    })
    const later = () => {
      now += 60_000
      return tokens.client(token)?.name
    }
    expect([later(), later()]).toEqual(['ci', 'ci'])
    chmodSync(join(directory, 'ci.json'), 0o622)
    expect(later()).toBeUndefined()
    chmodSync(join(directory, 'ci.json'), 0o600)
    expect(later()).toBe('ci')
    chmodSync(directory, 0o733)
    expect(later()).toBeUndefined()
  })

  it('is there whole or not at all, for a server that looks while it is made', () => {
    const directory = join(temporaryDirectory(), 'tokens')
    createToken(directory, info)
    const seen: string[][] = []
    const write = fs.writeFileSync
    const spy = vi.spyOn(fs, 'writeFileSync').mockImplementation((...words) => {
      seen.push(listTokens(directory).map(({ name }) => name))
      write(...words)
    })
    onTestFinished(() => {
      spy.mockRestore()
      syncBuiltinESMExports()
    })
    syncBuiltinESMExports()
    createToken(directory, { ...info, name: 'second' })
    expect(seen).toEqual([['ci']])
    expect(listTokens(directory).map(({ name }) => name)).toEqual(['ci', 'second'])
    expect(readdirSync(directory).toSorted()).toEqual(['ci.json', 'second.json'])
  })

  it('is refused where there are so many that the folder would count no more', () => {
    const directory = join(temporaryDirectory(), 'tokens')
    createToken(directory, info)
    const text = readFileSync(join(directory, 'ci.json'))
    for (let n = 1; n < 1000; n += 1)
      writeFileSync(join(directory, `t${n}.json`), text, { mode: 0o600 })
    expect(() => createToken(directory, { ...info, name: 'more' })).toThrow(
      refused('TOKEN_INVALID'),
    )
    expect(listTokens(directory)).toHaveLength(1000)
  })

  it('is read back from its file, and from no other text', () => {
    const stored = fc.record({
      digest: fc.stringMatching(/^[0-9a-f]{64}$/),
      scopes: fc.subarray([...scopes], { minLength: 1 }),
      createdAt: fc.date({ noInvalidDate: true, min: new Date(0), max: later }),
      expiresAt: fc.date({ noInvalidDate: true, min: new Date(0), max: later }),
    })
    fc.assert(
      fc.property(stored, fc.nat(), fc.string({ maxLength: 3 }), (token, at, cut) => {
        const text = encodeTokenFile({ name: 'a', ...token })
        expect(parseTokenFile('a', text)).toEqual({ name: 'a', ...token })
        const place = at % text.length
        const changed = parseTokenFile('a', text.slice(0, place) + cut + text.slice(place + 1))
        if (changed !== undefined)
          expect(changed.scopes.every((s) => scopes.includes(s))).toBe(true)
      }),
    )
  })
})

describe('what a request needs', () => {
  it('on loopback: nothing to read, a token with the scope to write', async () => {
    const scene = await makeScene()
    const { app } = scene
    const write = (headers: Record<string, string>) =>
      app.inject({ method: 'POST', url: '/v1/memories', payload: note, headers })
    expect((await app.inject('/v1/memories')).statusCode).toBe(200)
    expect((await app.inject('/metrics')).statusCode).toBe(200)
    const none = await write({})
    expect([none.statusCode, none.json().code, none.headers['www-authenticate']]).toEqual([
      401,
      'TOKEN_NEEDED',
      'Bearer realm="vaultmesh"',
    ])
    const wrong = await write({ authorization: `Bearer vmt_${'A'.repeat(43)}` })
    expect([wrong.statusCode, wrong.json().code, wrong.headers['www-authenticate']]).toEqual([
      401,
      'TOKEN_REFUSED',
      'Bearer realm="vaultmesh", error="invalid_token"',
    ])
    const less = await write(scene.bearer('memories:read', 'route'))
    expect([less.statusCode, less.json().code, less.headers['www-authenticate']]).toEqual([
      403,
      'SCOPE_MISSING',
      'Bearer realm="vaultmesh", error="insufficient_scope", scope="memories:write"',
    ])
    expect((await write(scene.bearer('memories:write'))).statusCode).toBe(201)
    // A token that is presented counts, also where none is needed.
    const reads = await app.inject({ url: '/v1/memories', headers: scene.bearer('route') })
    expect(reads.statusCode).toBe(403)
  })

  it('does not come from a URL, a cookie, or another scheme', async () => {
    const scene = await makeScene()
    const { authorization } = scene.bearer()
    const token = authorization.slice('Bearer '.length)
    const write = (url: string, headers: Record<string, string> = {}) =>
      scene.app.inject({ method: 'POST', url, payload: note, headers })
    expect((await write(`/v1/memories?access_token=${token}`)).statusCode).toBe(401)
    expect((await write('/v1/memories', { cookie: `token=${token}` })).statusCode).toBe(401)
    for (const header of [
      `Basic ${token}`,
      token,
      `Bearer ${token} x`,
      'Bearer',
      `Bearer ${'x'.repeat(5000)}`,
    ]) {
      const answer = await write('/v1/memories', { authorization: header })
      expect(answer.json().code).toBe('TOKEN_REFUSED')
    }
    expect((await write('/v1/memories', { authorization: `bearer ${token}` })).statusCode).toBe(201)
  })

  it('on a network, and behind a proxy: a token for all that is not public', async () => {
    for (const options of [{ exposure: 'network' }, { publicUrl: 'https://vm.example' }] as const) {
      const scene = await makeScene(options)
      const status = async (url: string, headers = {}) =>
        (await scene.app.inject({ url, headers })).statusCode
      for (const url of [
        '/v1/memories',
        '/v1/policy',
        '/metrics',
        '/v1/route/offers',
        '/v1/leases/x',
      ]) {
        expect([url, await status(url)]).toEqual([url, 401])
      }
      for (const url of ['/healthz', '/readyz', '/openapi.json']) {
        expect([url, await status(url)]).toEqual([url, 200])
      }
      // No record yet, so no checkpoint with one: public all the same.
      expect(await status('/log/checkpoint')).toBe(200)
      expect(await status('/v1/memories', scene.bearer('memories:read'))).toBe(200)
    }
  })

  it('ends with the token that was revoked', async () => {
    const scene = await makeScene()
    const headers = scene.bearer('memories:write')
    const write = () =>
      scene.app.inject({ method: 'POST', url: '/v1/memories', payload: note, headers })
    expect((await write()).statusCode).toBe(201)
    revokeToken(scene.tokens, 't1')
    expect((await write()).json().code).toBe('TOKEN_REFUSED')
  })
})

describe('Host and Origin', () => {
  it('of other machines get nothing', async () => {
    const { app } = await makeScene()
    const ask = async (headers: Record<string, string>) =>
      (await app.inject({ url: '/healthz', headers })).statusCode
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:80', '127.9.9.9', '[::1]:8080']) {
      expect([host, await ask({ host })]).toEqual([host, 200])
      expect(await ask({ host, origin: `http://${host}` })).toBe(200)
    }
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '0.0.0.0',
      '[::2]',
      'a b',
      '127.0.0.1.x',
      'localhost:99999999',
    ]) {
      expect([host, await ask({ host })]).toEqual([host, 421])
    }
    for (const origin of [
      'http://evil.example',
      'null',
      'https://localhost:80',
      'http://localhost:81',
      '',
    ]) {
      expect([origin, await ask({ host: 'localhost:80', origin })]).toEqual([origin, 403])
    }
  })

  it('may be those of the public URL', async () => {
    const { app } = await makeScene({ publicUrl: 'https://vm.example' })
    const ask = async (headers: Record<string, string>) =>
      (await app.inject({ url: '/healthz', headers })).statusCode
    expect(await ask({ host: 'vm.example', origin: 'https://vm.example' })).toBe(200)
    expect(await ask({ host: 'localhost' })).toBe(200)
    expect(await ask({ host: 'other.example' })).toBe(421)
    expect(await ask({ host: 'vm.example', origin: 'https://other.example' })).toBe(403)
  })

  it.each([
    'https://u:p@vm.example',
    'https://vm.example/path',
    'https://vm.example/?q',
    'ftp://a',
  ])('are not made of %s', async (publicUrl) => {
    await expect(makeScene({ publicUrl })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' })
  })

  it('never say that another origin may read', async () => {
    const { app } = await makeScene()
    const answer = await app.inject({
      method: 'OPTIONS',
      url: '/v1/memories',
      headers: { origin: 'http://localhost:80', 'access-control-request-method': 'POST' },
    })
    expect(answer.statusCode).toBe(404)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual(
      [],
    )
  })

  it('are read without surprise', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const name = hostnameOf(header)
        if (name !== undefined) expect(header.toLowerCase().startsWith(name)).toBe(true)
      }),
    )
  })
})
