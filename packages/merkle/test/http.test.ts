import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type HttpTileSourceOptions, httpTileSource, openLog } from '../src/client.ts'
import { nodeEd25519NoteVerifier, nodeHasher } from '../src/node.ts'
import { entryBundlePath, type TileSource, tilePath } from '../src/tiles.ts'
import { staticLog } from './static-log.ts'
import { codeOf, entriesOf } from './support.ts'

const log = await staticLog(entriesOf(1000))

/** Serves on loopback until the test ends, and gives the URL. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

/** A source that gets these answers, one for each request; the last one again and again. */
function answered(
  answers: readonly (() => Response | Promise<Response>)[],
  options: HttpTileSourceOptions = {},
): { source: TileSource; requests: { url: string; init: RequestInit }[] } {
  const requests: { url: string; init: RequestInit }[] = []
  const source = httpTileSource('https://example.com/log', {
    ...options,
    fetch: async (url, init) => {
      requests.push({ url: String(url), init })
      const answer = answers[Math.min(requests.length, answers.length) - 1]
      if (answer === undefined) throw new Error('no answer')
      return answer()
    },
  })
  return { source, requests }
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (): Response =>
    new Response('', { status: code, headers })
const body = (bytes: Uint8Array<ArrayBuffer> | string) => (): Response => new Response(bytes)

describe('a log over HTTP', () => {
  test('is read, compressed or not, and a deleted partial tile out of the full one', async () => {
    const asked: string[] = []
    const url = await serve((request, response) => {
      const path = (request.url ?? '').replace('/some/log/', '')
      asked.push(path)
      const bytes = log.files.get(path)
      if (bytes === undefined) return response.writeHead(404).end('<h1>not here</h1>')
      if (!path.startsWith('tile/entries')) return response.end(bytes)
      return response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bytes))
    })
    const older = await staticLog(entriesOf(200))
    const source = httpTileSource(`${url}/some/log?ignored#too`)
    const opened = await openLog({
      origin: log.origin,
      trust: [nodeEd25519NoteVerifier(log.vkey)],
      hasher: nodeHasher,
      source: async (path, signal) =>
        path === 'checkpoint' ? older.files.get(path) : source(path, signal),
    })
    if (!opened.ok) throw new Error(opened.detail)
    expect(await opened.log.entry(150n)).toEqual({ ok: true, entry: entriesOf(151)[150] })
    expect(asked).toContain('tile/0/000.p/200')
    expect(asked).toContain('tile/0/000')
    expect(await source('checkpoint')).toEqual(log.files.get('checkpoint'))
  })

  test('is asked for with nothing that tells who asks, and a checkpoint always anew', async () => {
    const { source, requests } = answered([body('x')])
    await source('checkpoint')
    await source(tilePath(0, 1234n, 5))
    expect(requests.map(({ url }) => url)).toEqual([
      'https://example.com/log/checkpoint',
      'https://example.com/log/tile/0/x001/234.p/5',
    ])
    const common = { redirect: 'manual', credentials: 'omit', referrerPolicy: 'no-referrer' }
    expect(requests[0]?.init).toMatchObject({ ...common, cache: 'no-cache' })
    expect(requests[1]?.init).toMatchObject({ ...common, cache: 'default' })
  })

  test('has no other files', async () => {
    const { source, requests } = answered([body('x')])
    for (const path of ['', '../secret', 'https://elsewhere.example/', 'tile/0/1', '/checkpoint']) {
      expect(await source(path)).toMatchObject({ code: 'SOURCE_FAILED' })
    }
    expect(requests).toEqual([])
  })

  test('is at an http or https URL', () => {
    const withUser = Object.assign(new URL('https://example.com/'), { username: 'me' }).href
    for (const url of ['', '/log', 'file:///log', withUser, 'ftp://a/']) {
      expect(codeOf(() => httpTileSource(url))).toBe('INVALID_ARGUMENT')
    }
    for (const options of [{ timeoutMs: 0 }, { attempts: 1.5 }, { maxBytes: 2 ** 31 }]) {
      expect(codeOf(() => httpTileSource('https://example.com', options))).toBe('INVALID_ARGUMENT')
    }
  })

  test('is not followed elsewhere', async () => {
    let visits = 0
    const elsewhere = await serve((_, response) => {
      visits += 1
      response.end('tile')
    })
    const url = await serve((request, response) => {
      response.writeHead(302, { location: `${elsewhere}${request.url}` }).end()
    })
    expect(await httpTileSource(url)('checkpoint')).toMatchObject({ code: 'REDIRECTED' })
    expect(visits).toBe(0)
    // What a browser shows of a redirect.
    const opaque = Object.defineProperty(new Response(), 'type', { value: 'opaqueredirect' })
    const { source } = answered([() => opaque])
    expect(await source('checkpoint')).toMatchObject({ code: 'REDIRECTED' })
  })
})

describe('an answer', () => {
  /** Sends without end, for as long as anybody reads. */
  function sendForEver(response: ServerResponse): void {
    const more = (): void => {
      while (!response.destroyed && response.write(new Uint8Array(64 * 1024)));
      if (!response.destroyed) response.once('drain', more)
    }
    more()
  }

  test('is read no further than a file of its kind can be long', async () => {
    const url = await serve((_, response) => sendForEver(response))
    const source = httpTileSource(url)
    for (const [path, limit] of [
      ['checkpoint', 1024 * 1024],
      [tilePath(0, 0n), 8192],
      [tilePath(3, 0n, 5), 160],
      [entryBundlePath(0n, 1), 65_537],
    ] as const) {
      expect(await source(path)).toEqual({
        ok: false,
        code: 'TOO_LARGE',
        detail: `the answer is above ${limit} bytes`,
      })
    }
    const small = httpTileSource(url, { maxBytes: 100 })
    expect(await small(tilePath(0, 0n))).toMatchObject({ detail: 'the answer is above 100 bytes' })
  })

  test('that is compressed is no longer when it is read', async () => {
    const url = await serve((_, response) => {
      const bomb = gzipSync(new Uint8Array(2 ** 24))
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    expect(await httpTileSource(url)(tilePath(0, 0n))).toMatchObject({ code: 'TOO_LARGE' })
  })

  test('of any pieces up to the limit is put together', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(pieces, async (list) => {
        const stream = new ReadableStream({
          start(controller) {
            for (const piece of list) controller.enqueue(piece)
            controller.close()
          },
        })
        const { source } = answered([() => new Response(stream)])
        const whole = Uint8Array.from(list.flatMap((piece) => [...piece]))
        const read = await source(tilePath(0, 0n))
        if (whole.length > 8192) expect(read).toMatchObject({ code: 'TOO_LARGE' })
        else expect(read).toEqual(whole)
      }),
    )
    const { source } = answered([() => new Response(null, { status: 200 })])
    expect(await source('checkpoint')).toEqual(new Uint8Array())
  })

  test('of 404 or 410 means that there is no such file; others are failures', async () => {
    for (const code of [404, 410]) {
      expect(await answered([status(code)]).source('checkpoint')).toBeUndefined()
    }
    for (const code of [400, 401, 403, 206, 204, 300, 304]) {
      const bodyless = (): Response => new Response(null, { status: code })
      const { source, requests } = answered([bodyless])
      expect(await source('checkpoint')).toMatchObject({
        code: 'HTTP_STATUS',
        detail: `the server answers with status ${code}`,
      })
      expect(requests.length).toBe(1)
    }
  })
})

describe('what may pass', () => {
  const never = (): Promise<Response> => new Promise(() => {})
  afterEach(() => {
    vi.useRealTimers()
  })

  /** What `work` gives while the clock is turned forward by `ms`. */
  async function within<T>(ms: number, work: Promise<T>): Promise<T> {
    await vi.advanceTimersByTimeAsync(ms)
    return work
  }

  test('is tried again', async () => {
    vi.useFakeTimers()
    const broken = (): Response => {
      throw new TypeError('fetch failed')
    }
    const { source, requests } = answered([status(503), broken, body('tile')])
    expect(await within(1000, source('checkpoint'))).toEqual(new TextEncoder().encode('tile'))
    expect(requests.length).toBe(3)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('is given up after some attempts', async () => {
    vi.useFakeTimers()
    const { source, requests } = answered([status(429)], { attempts: 2 })
    expect(await within(1000, source('checkpoint'))).toMatchObject({
      code: 'HTTP_STATUS',
      detail: 'the server answers with status 429',
    })
    expect(requests.length).toBe(2)
    const torn = (): Response =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.error('connection reset'),
        }),
      )
    expect(await within(1000, answered([torn]).source('checkpoint'))).toEqual({
      ok: false,
      code: 'SOURCE_FAILED',
      detail: 'the request failed: connection reset',
      cause: 'connection reset',
    })
  })

  test('is tried when the server says, unless that is far off', async () => {
    vi.useFakeTimers()
    const later = answered([status(503, { 'retry-after': '7' }), body('tile')])
    const reading = later.source('checkpoint')
    await vi.advanceTimersByTimeAsync(6999)
    expect(later.requests.length).toBe(1)
    expect(await within(1, reading)).toBeInstanceOf(Uint8Array)
    const tomorrow = answered([status(503, { 'retry-after': '86400' }), body('tile')])
    expect(await tomorrow.source('checkpoint')).toMatchObject({ code: 'HTTP_STATUS' })
    const dated = answered([status(503, { 'retry-after': 'Mon, 23 Nov 2026' }), body('tile')])
    expect(await within(1000, dated.source('checkpoint'))).toBeInstanceOf(Uint8Array)
  })

  test('is not waited for without end', async () => {
    vi.useFakeTimers()
    const { source, requests } = answered([never])
    const dripping = answered([
      () =>
        new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1)) })),
    ])
    for (const reading of [source('checkpoint'), dripping.source('checkpoint')]) {
      expect(await within(20_000, reading)).toEqual({
        ok: false,
        code: 'TIMEOUT',
        detail: 'there is no whole answer after 20000 ms',
      })
    }
    expect(requests.length).toBe(1)
    expect(requests[0]?.init.signal?.aborted).toBe(true)
  })

  test('can be given up, by the one who asks or for the whole source', async () => {
    const all = new AbortController()
    const one = new AbortController()
    const options = { signal: all.signal }
    const stuck = answered([never], options)
    const asking = stuck.source('checkpoint', one.signal)
    one.abort()
    expect(await asking).toMatchObject({ code: 'ABORTED' })
    // In the pause between two attempts.
    vi.useFakeTimers()
    const pausing = answered([status(503)], options)
    const asked = pausing.source('checkpoint')
    await vi.advanceTimersByTimeAsync(1)
    all.abort()
    expect(await asked).toMatchObject({ code: 'ABORTED' })
    const unasked = answered([body('x')], options)
    expect(await unasked.source('checkpoint')).toMatchObject({ code: 'ABORTED' })
    expect([pausing.requests.length, unasked.requests.length]).toEqual([1, 0])
  })
})
