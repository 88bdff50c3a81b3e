import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { temporaryDirectory } from '@vaultmesh/testing'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createTimestampRequest,
  parseTimestamp,
  requestTimestamp,
  summarizeTimestamp,
} from '../src/index.ts'
import {
  createAuthorityKeys,
  createTsa,
  openSerials,
  type RunningTsa,
  type TsaOptions,
} from '../src/node.ts'
import { data, hash, trust } from './forge.ts'

const validity = { notBefore: new Date('2026-01-01'), notAfter: new Date('2036-01-01') }
const keys = createAuthorityKeys({ name: 'small', ...validity })
const now = () => new Date('2026-11-23T10:00:00Z')

const running: RunningTsa[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((tsa) => tsa.close()))
})

async function start(change: Partial<TsaOptions> = {}): Promise<string> {
  const serialFile = join(temporaryDirectory(), 'serial')
  const tsa = await createTsa({ ...keys, serialFile, clock: now, ...change }).listen()
  running.push(tsa)
  return tsa.url
}

/** Posts bytes as they are, and gives the status and body of the answer. */
async function post(url: string, body: Uint8Array, init: RequestInit = {}) {
  const headers = { 'content-type': 'application/timestamp-query' }
  const response = await fetch(url, {
    method: 'POST',
    headers,
    body: new Uint8Array(body),
    ...init,
  })
  const { status } = response
  return { status, response, body: new Uint8Array(await response.arrayBuffer()) }
}

const imprint = hash('sha256', data)

async function failureOf(url: string, query: Uint8Array) {
  const { status, body } = await post(url, query)
  expect(status).toBe(200)
  const parsed = parseTimestamp(body)
  return parsed.ok ? 'granted' : (parsed.failure ?? parsed.code)
}

describe('an authority over HTTP', () => {
  it.each(['P-256', 'RSA-2048'] as const)('stamps with %s', async (algorithm) => {
    const made = createAuthorityKeys({ name: 'small', ...validity, algorithm })
    const url = await start({ ...made, accuracy: 1, policy: '1.2.3' })
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
    const received = await requestTimestamp({
      ...{ url, data, policy: '1.2.3' },
      authorities: [trust({ der: made.anchor })],
    })
    expect(received.verdict).toMatchObject({ ok: true, warnings: [] })
    expect(received.genTime).toEqual(now())
    expect(summarizeTimestamp(received.token)).toMatchObject({ policy: '1.2.3' })
  })

  it('says what it sends, and that nobody may keep it', async () => {
    const { response } = await post(await start(), createTimestampRequest({ imprint }))
    expect(response.headers.get('content-type')).toBe('application/timestamp-reply')
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('embeds the CAs above it, if asked to', async () => {
    const url = await start({ chain: [keys.anchor] })
    const { body } = await post(url, createTimestampRequest({ imprint }))
    expect(Buffer.from(body).includes(Buffer.from(keys.anchor))).toBe(true)
    const without = await post(url, createTimestampRequest({ imprint, certificates: false }))
    expect(Buffer.from(without.body).includes(Buffer.from(keys.anchor))).toBe(false)
    const options = { ...keys, serialFile: join(temporaryDirectory(), 'serial') }
    expect(() => createTsa({ ...options, chain: [Uint8Array.of(1)] })).toThrow(
      expect.objectContaining({ code: 'INVALID_CERTIFICATE' }),
    )
  })
})

describe('what it can not stamp is rejected, with the reason', () => {
  it('for what stands in the request', async () => {
    const url = await start()
    expect(await failureOf(url, createTimestampRequest({ imprint }))).toBe('granted')
    expect(await failureOf(url, Uint8Array.of(1))).toBe('badDataFormat')
    const policy = createTimestampRequest({ imprint, policy: '1.2.3' })
    expect(await failureOf(url, policy)).toBe('unacceptedPolicy')
    const withheld = await start({ withholdsCertificate: true })
    expect(await failureOf(withheld, createTimestampRequest({ imprint }))).toBe(
      'addInfoNotAvailable',
    )
    const without = createTimestampRequest({ imprint, certificates: false })
    expect(await failureOf(withheld, without)).toBe('granted')
  })

  it('for a clock that throws, and a disk that fails, of which it tells', async () => {
    const failures: unknown[] = []
    const onFailure = (error: unknown) => failures.push(error)
    const noClock = () => {
      throw new Error('no clock')
    }
    const query = createTimestampRequest({ imprint })
    expect(await failureOf(await start({ clock: noClock, onFailure }), query)).toBe(
      'timeNotAvailable',
    )
    expect(failures).toEqual([new Error('no clock')])
    // Without anyone to tell.
    expect(await failureOf(await start({ clock: noClock }), query)).toBe('timeNotAvailable')
    const folder = join(temporaryDirectory(), 'folder')
    mkdirSync(folder)
    const url = await start({ serialFile: join(folder, 'serial'), onFailure })
    rmSync(folder, { recursive: true })
    for (let count = 0; count < 64; count += 1) {
      const { body } = await post(url, query)
      if (!parseTimestamp(body).ok) break
    }
    expect(await failureOf(url, query)).toBe('systemFailure')
    expect(failures.at(-1)).toMatchObject({ code: 'SERIALS_FAILED' })
  })
})

describe('what is no request to an authority gets an HTTP error', () => {
  it('by method, path, type or size', async () => {
    const url = await start({ maxRequestBytes: 100 })
    const query = createTimestampRequest({ imprint })
    expect((await post(url, query)).status).toBe(200)
    const get = await fetch(url)
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await post(`${url}other`, query)).status).toBe(404)
    for (const type of ['text/plain', 'application/timestamp-reply', '']) {
      expect((await post(url, query, { headers: { 'content-type': type } })).status).toBe(415)
    }
    const headers = { 'content-type': 'Application/Timestamp-Query; charset=binary' }
    expect((await post(url, query, { headers })).status).toBe(200)
    expect((await post(url, new Uint8Array(101))).status).toBe(413)
  })

  it('by size, also where it is not said before', async () => {
    const url = new URL(await start({ maxRequestBytes: 100 }))
    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/timestamp-query' }
      const sent = httpRequest(url, { method: 'POST', headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      sent.on('error', reject)
      // Without an end: the answer must not wait for it.
      sent.write(new Uint8Array(60))
      sent.write(new Uint8Array(60))
    })
    expect(status).toBe(413)
  })

  it('and a client that goes away in the middle harms nobody', async () => {
    const url = new URL(await start())
    await new Promise<void>((resolve) => {
      const socket = connect(Number(url.port), url.hostname, () => {
        const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/timestamp-query\r\nContent-Length: 50\r\n\r\nabc`
        socket.write(head, () => socket.destroy())
      })
      socket.on('close', () => resolve())
    })
    expect(await failureOf(url.href, createTimestampRequest({ imprint }))).toBe('granted')
  })
})

describe('listening', () => {
  it('is refused where somebody else does', async () => {
    const port = Number(new URL(await start()).port)
    const serialFile = join(temporaryDirectory(), 'serial')
    const second = createTsa({ ...keys, serialFile }).listen({ port })
    await expect(second).rejects.toMatchObject({
      code: 'LISTEN_FAILED',
      message: expect.stringContaining(`${port}`),
    })
  })

  it('ends when it is closed', async () => {
    const serialFile = join(temporaryDirectory(), 'serial')
    const tsa = await createTsa({ ...keys, serialFile, clock: now }).listen({ host: 'localhost' })
    expect(await failureOf(tsa.url, createTimestampRequest({ imprint }))).toBe('granted')
    await tsa.close()
    await expect(fetch(tsa.url)).rejects.toThrow()
  })

  it('ends also while clients are connected who say nothing, or not all', async () => {
    const serialFile = join(temporaryDirectory(), 'serial')
    const tsa = await createTsa({ ...keys, serialFile }).listen()
    const closed = ['', 'POST / HTTP/1.1\r\nHost: a\r\n'].map(
      (start) =>
        new Promise<() => Promise<unknown>>((resolve) => {
          const socket = connect(Number(new URL(tsa.url).port), '127.0.0.1', () => {
            const end = new Promise((done) => socket.on('close', done).on('error', () => undefined))
            socket.resume().write(start, () => resolve(() => end))
          })
        }),
    )
    const ends = await Promise.all(closed)
    await tsa.close()
    await Promise.all(ends.map((end) => end()))
  })
})

describe('serial numbers', () => {
  const counts = (serials: Uint8Array[]) =>
    serials.map((serial) => new DataView(serial.buffer, serial.byteOffset).getBigUint64(0))

  it('go on where they were, and never repeat, also after a crash', () => {
    const path = join(temporaryDirectory(), 'serial')
    const seen: Uint8Array[] = []
    for (let restart = 0; restart < 3; restart += 1) {
      const next = openSerials(path)
      for (let count = 0; count < 150; count += 1) seen.push(next())
      // Nothing is told that it ends: a crash looks the same.
    }
    const all = counts(seen)
    expect(new Set(all).size).toBe(all.length)
    expect([...all].sort((x, y) => (x < y ? -1 : 1))).toEqual(all)
    expect(seen.every((serial) => serial.length === 16 && (serial[0] ?? 0) < 0x40)).toBe(true)
  })

  it('differ by chance where the file is lost or shared', () => {
    const path = join(temporaryDirectory(), 'serial')
    const first = openSerials(path)()
    rmSync(path)
    const again = openSerials(path)()
    expect(counts([again])).toEqual(counts([first]))
    expect(again).not.toEqual(first)
  })

  it('are in use of their file only after it is on the disk, and leave nothing beside it', () => {
    const folder = temporaryDirectory()
    const path = join(folder, 'serial')
    openSerials(path)
    expect(readFileSync(path, 'utf8')).toBe('65\n')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['serial'])
  })

  it.each(['', '0\n', '1', '01\n', 'a\n', '1\n1\n', `${'9'.repeat(19)}\n`])(
    'are not counted in a file that holds %j',
    (text) => {
      const path = join(temporaryDirectory(), 'serial')
      writeFileSync(path, text)
      expect(() => openSerials(path)).toThrow(expect.objectContaining({ code: 'SERIALS_FAILED' }))
      expect(readFileSync(path, 'utf8')).toBe(text)
    },
  )

  it('are not counted where no file can be', () => {
    const folder = temporaryDirectory()
    for (const path of [folder, join(folder, 'none', 'serial')]) {
      expect(() => openSerials(path)).toThrow(expect.objectContaining({ code: 'SERIALS_FAILED' }))
    }
  })
})
