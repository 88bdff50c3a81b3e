import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { writeInteger, writeSequence } from '../src/der-write.ts'
import { requestTimestamp } from '../src/index.ts'
import { createAuthority, createAuthorityKeys } from '../src/node.ts'
import { type RequestOptions, requestIn } from '../src/request/request.ts'
import { type Surroundings, surroundings } from '../src/request/retry.ts'
import { data, forge, hash, root, trust } from './forge.ts'

const validity = { notBefore: new Date('2026-01-01'), notAfter: new Date('2036-01-01') }
const clock = () => new Date('2026-11-23T10:00:00Z')
const keys = createAuthorityKeys({ name: 'embedded', ...validity })
const authority = createAuthority({ ...keys, clock })
const trusted = trust({ der: keys.anchor })

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

/** A server that answers each request with the next of these, and the last one for ever. */
async function serve(...answers: RequestListener[]): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = []
  let next = 0
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = []
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    request.on('end', () => {
      const { method, url = '', headers } = request
      const body = new Uint8Array(Buffer.concat(chunks))
      seen.push({ method, url, headers, body })
      Object.assign(request, { body })
      const answer = answers[Math.min(next, answers.length - 1)]
      next += 1
      answer?.(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, seen }
}

interface Seen {
  readonly method: string | undefined
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Uint8Array
}

const bodyOf = (request: IncomingMessage): Uint8Array => Reflect.get(request, 'body')
const respond = (body: Uint8Array, type = 'application/timestamp-reply'): RequestListener => {
  return (_request, response) => response.setHeader('content-type', type).end(body)
}
const grant: RequestListener = (request, response) => {
  respond(authority.respond(bodyOf(request)))(request, response)
}
const noTime: RequestListener = (request, response) => {
  const none = createAuthority({ ...keys, clock: () => new Date(Number.NaN) })
  respond(none.respond(bodyOf(request)))(request, response)
}
const status = (code: number, headers: Record<string, string> = {}): RequestListener => {
  return (_request, response) => response.writeHead(code, headers).end('sorry')
}
const redirect = (location: string, code = 307) => status(code, { location })
const hang: RequestListener = () => undefined
const drop: RequestListener = (_request, response: ServerResponse) => response.destroy()

/** Time that passes only when somebody waits for it. */
function stopped(change: Partial<Surroundings> = {}): Surroundings & { waits: number[] } {
  const waits: number[] = []
  let time = 0
  return {
    ...surroundings,
    waits,
    elapsed: () => time,
    now: () => Date.UTC(2026, 10, 23, 10) + time,
    random: () => 1,
    sleep: async (milliseconds) => {
      waits.push(milliseconds)
      time += milliseconds
    },
    ...change,
  }
}

const asking = (url: string): RequestOptions => ({ url, data, authorities: [trusted] })
const ask = (url: string, change: Partial<RequestOptions> = {}, around = stopped()) =>
  requestIn(around, { url, data, authorities: [trusted], ...change })

describe('a token', () => {
  it('is asked for with a new nonce, and given out verified', async () => {
    const { url, seen } = await serve(grant)
    const first = await requestTimestamp({ url, data, authorities: [trusted] })
    expect(first).toMatchObject({ attempts: 1, genTime: clock(), verdict: { ok: true } })
    expect(first.response.length).toBeGreaterThan(first.token.length)
    await ask(url)
    const [one, two] = seen
    expect(one).toMatchObject({
      method: 'POST',
      headers: {
        'content-type': 'application/timestamp-query',
        accept: 'application/timestamp-reply',
      },
    })
    expect(one?.body).not.toEqual(two?.body)
  })

  it('may be over a digest or a stream', async () => {
    const { url } = await serve(grant)
    for (const name of ['sha256', 'sha384', 'sha512']) {
      const digest = hash(name, data)
      expect((await ask(url, { data: undefined, digest })).verdict.ok).toBe(true)
    }
    const stream = new Blob([new Uint8Array(data)]).stream()
    expect((await ask(url, { data: undefined, stream })).verdict.ok).toBe(true)
    await expect(ask(url, { digest: hash('sha256', data) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    await expect(ask(url, { data: undefined })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it.each(['application/octet-stream', 'text/html', ''])('may come as "%s"', async (type) => {
    const { url } = await serve((request, response) => {
      respond(authority.respond(bodyOf(request)), type)(request, response)
    })
    expect((await ask(url)).verdict.ok).toBe(true)
  })

  it.each([
    ['of another request (a replay)', respond(replay()), 'token.nonce', {}],
    ['of another authority', respond(forge()), 'token.imprint', { data: Uint8Array.of(1) }],
  ])('is refused if it is %s', async (_what, answer, check, change: Partial<RequestOptions>) => {
    const { url, seen } = await serve(answer)
    const authorities = [trusted, trust(root)]
    const refused = ask(url, { authorities, ...change })
    await expect(refused).rejects.toMatchObject({
      code: 'TOKEN_REFUSED',
      message: expect.stringContaining(check),
      verdict: { ok: false },
    })
    expect(seen).toHaveLength(1)
  })

  it('is refused where nobody trusts its authority', async () => {
    const { url } = await serve(grant)
    await expect(ask(url, { authorities: [] })).rejects.toMatchObject({
      code: 'TOKEN_REFUSED',
      message: expect.stringContaining('token.anchor'),
    })
  })
})

function replay(): Uint8Array {
  const imprint = writeSequence(
    ...[writeInteger(1)],
    ...[forgeImprint()],
    ...[writeInteger(Uint8Array.of(7))],
    Uint8Array.of(1, 1, 0xff),
  )
  return authority.respond(imprint)
}
function forgeImprint(): Uint8Array {
  const oid = Uint8Array.of(0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1)
  const digest = hash('sha256', data)
  return writeSequence(oid, Uint8Array.of(4, 32, ...digest))
}

describe('what may go away by itself is tried again', () => {
  it.each([
    ['a status of 503', status(503)],
    ['a status of 429', status(429)],
    ['a connection that breaks', drop],
    ['an authority without time', noTime],
  ])('%s', async (_what, bad) => {
    const { url, seen } = await serve(bad, bad, grant)
    const around = stopped()
    expect((await ask(url, {}, around)).attempts).toBe(3)
    expect(seen).toHaveLength(3)
    // Each time with a nonce of its own.
    expect(new Set(seen.map(({ body }) => Buffer.from(body).toString('hex'))).size).toBe(3)
    expect(around.waits).toEqual([500, 1000])
  })

  it('with waits that grow to a limit, and by chance are shorter', async () => {
    const { url, seen } = await serve(status(503))
    const around = stopped({ random: () => 0.5 })
    const asked = ask(url, { attempts: 8, deadline: 1e9 }, around)
    await expect(asked).rejects.toMatchObject({ code: 'HTTP_STATUS', httpStatus: 503 })
    expect(around.waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000])
    expect(seen).toHaveLength(8)
  })

  it('when the server says so, in seconds or by date', async () => {
    const date = 'Mon, 23 Nov 2026 10:00:12 GMT'
    for (const [text, wait] of [
      ['7', 7000],
      [date, 12_000],
      ['soon', 500],
      ['0', 500],
    ] as const) {
      const around = stopped()
      const { url } = await serve(status(429, { 'retry-after': text }), grant)
      await ask(url, {}, around)
      expect(around.waits).toEqual([wait])
    }
  })

  it.each(['31', '9'.repeat(20)])('but not where that is beyond the deadline', async (text) => {
    const { url, seen } = await serve(status(429, { 'retry-after': text }))
    const around = stopped()
    await expect(ask(url, {}, around)).rejects.toMatchObject({ httpStatus: 429 })
    expect(around.waits).toEqual([])
    expect(seen).toHaveLength(1)
  })
})

describe('a request fails at once', () => {
  it.each([400, 401, 403, 404, 405, 415, 501])('with a status of %i', async (code) => {
    const { url, seen } = await serve(status(code))
    await expect(ask(url)).rejects.toMatchObject({ code: 'HTTP_STATUS', httpStatus: code })
    expect(seen).toHaveLength(1)
  })

  it('with a rejection, and says why', async () => {
    const { url, seen } = await serve(grant)
    await expect(ask(url, { policy: '1.2.3' })).rejects.toMatchObject({
      code: 'REQUEST_REJECTED',
      failure: 'unacceptedPolicy',
    })
    expect(seen).toHaveLength(1)
  })

  it('with an answer that is no timestamp, and says what it is', async () => {
    const { url } = await serve(respond(new TextEncoder().encode('<html>'), 'text/html'))
    await expect(ask(url)).rejects.toMatchObject({
      code: 'RESPONSE_INVALID',
      message: expect.stringMatching(/text\/html, begins with 3c68746d6c3e/),
    })
    const empty = await serve(status(200))
    await expect(ask(empty.url)).rejects.toMatchObject({ code: 'RESPONSE_INVALID' })
  })

  it('with an answer that is too large, read no further', async () => {
    const piece = new Uint8Array(30_000)
    // It never ends, so only who stops reading gets an answer.
    const { url } = await serve((_request, response) => {
      for (let count = 0; count < 5; count += 1) response.write(piece)
    })
    await expect(ask(url)).rejects.toMatchObject({ code: 'RESPONSE_TOO_LARGE' })
  })

  it.each([
    ['ftp://a.example/', 'http: or https:'],
    ['file:///etc/passwd', 'http: or https:'],
    ['a.example', 'no URL'],
    ['http://user:secret@a.example/', 'password'],
  ])('for %s, which is never opened', async (url, reason) => {
    const asked = ask(url, { fetch: () => Promise.reject(new Error('opened')) })
    await expect(asked).rejects.toMatchObject({
      code: 'URL_REFUSED',
      message: expect.stringContaining(reason),
    })
  })
})

describe('a redirect', () => {
  it.each([301, 302, 307, 308])('of %i is followed with the same query', async (code) => {
    const { url, seen } = await serve(redirect('/there', code), grant)
    await ask(url)
    expect(seen.map(({ method, url: path }) => [method, path])).toEqual([
      ['POST', '/'],
      ['POST', '/there'],
    ])
    expect(seen[0]?.body).toEqual(seen[1]?.body)
  })

  it('of 303 is not: it asks for something else', async () => {
    const { url } = await serve(redirect('/there', 303))
    await expect(ask(url)).rejects.toMatchObject({ code: 'HTTP_STATUS', httpStatus: 303 })
  })

  it('is followed three times', async () => {
    const { url, seen } = await serve(redirect('/again'))
    await expect(ask(url)).rejects.toMatchObject({ code: 'URL_REFUSED' })
    expect(seen).toHaveLength(4)
  })

  it.each(['ftp://a.example/', 'http://user:secret@a.example/', 'http://['])(
    'to %s is refused',
    async (location) => {
      const { url } = await serve(redirect(location))
      await expect(ask(url)).rejects.toMatchObject({ code: 'URL_REFUSED' })
    },
  )

  it('from https to http is refused', async () => {
    const fetch = async () =>
      new Response(null, { status: 307, headers: { location: 'http://a.example/' } })
    await expect(ask('https://a.example/', { fetch })).rejects.toMatchObject({
      code: 'URL_REFUSED',
      message: expect.stringContaining('leaves https'),
    })
  })

  it('to another origin does not take the headers of the caller along', async () => {
    const there = await serve(grant)
    const { url, seen } = await serve(redirect('/here'), redirect(there.url))
    await ask(url, { headers: { authorization: 'Bearer secret' } })
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer secret',
      'Bearer secret',
    ])
    expect(there.seen[0]?.headers.authorization).toBeUndefined()
  })
})

describe('a request is not sent', () => {
  it.each([
    { attempts: Number.NaN },
    { deadline: Number.NaN },
    { attemptTimeout: -1 },
    { maxRedirects: -1 },
    { headers: { 'x-key': 'a\r\nb: c' } },
  ])('with an option that is none: %j', async (change) => {
    const { url, seen } = await serve(grant)
    await expect(ask(url, change)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(seen).toHaveLength(0)
  })

  it('but has any time that is said to be enough', async () => {
    const { url } = await serve(grant)
    const forever = { attemptTimeout: Number.POSITIVE_INFINITY, deadline: Number.POSITIVE_INFINITY }
    expect((await ask(url, forever)).attempts).toBe(1)
  })
})

describe('a request ends', () => {
  it('when the authority does not answer in time', async () => {
    const { url, seen } = await serve(hang)
    const around = stopped({ timeout: () => AbortSignal.timeout(1) })
    await expect(ask(url, { attempts: 2 }, around)).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(around.waits).toHaveLength(1)
    expect(seen.length).toBeLessThanOrEqual(2)
  })

  it('when nobody listens', async () => {
    const { url } = await serve(grant)
    for (const close of closers.splice(0)) close()
    await expect(ask(url, { attempts: 1 })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(/reached: ./),
    })
    const silent = ask(url, { attempts: 1, fetch: () => Promise.reject('no reason') })
    await expect(silent).rejects.toMatchObject({ code: 'UNREACHABLE' })
  })

  it('when the caller wants it to: before, during and between the attempts', async () => {
    const { url, seen } = await serve(hang)
    await expect(ask(url, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    expect(seen).toHaveLength(0)
    const during = new AbortController()
    const waiting = await serve(() => during.abort())
    await expect(ask(waiting.url, { signal: during.signal })).rejects.toMatchObject({
      code: 'ABORTED',
    })
    const between = new AbortController()
    const busy = await serve(status(503))
    const sleep: Surroundings['sleep'] = (milliseconds, signal) => {
      between.abort()
      return surroundings.sleep(milliseconds, signal)
    }
    const asked = ask(busy.url, { signal: between.signal }, stopped({ sleep }))
    await expect(asked).rejects.toMatchObject({ code: 'ABORTED' })
    expect(busy.seen).toHaveLength(1)
  })

  it('after waiting for as long as was said', async () => {
    const { url } = await serve(status(503), grant)
    const quick = async () => undefined
    expect((await requestIn({ ...surroundings, sleep: quick }, asking(url))).attempts).toBe(2)
    await surroundings.sleep(1, new AbortController().signal)
    const later = new AbortController()
    const asleep = surroundings.sleep(1e6, later.signal)
    later.abort(new Error('enough'))
    await expect(asleep).rejects.toThrow('enough')
  })
})
