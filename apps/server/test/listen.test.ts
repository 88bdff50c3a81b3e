/** The server on a real socket of this machine. */
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { drain } from '@vaultmesh/server'
import { temporaryDirectory } from '@vaultmesh/testing'
import { expect, it, vi } from 'vitest'
import { calm, makeScene, type Scene } from './kit/scene.ts'

vi.setConfig({ testTimeout: 120_000 })

async function listening(scene: Scene): Promise<number> {
  await scene.app.listen({ host: '127.0.0.1', port: 0 })
  const address = scene.app.server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

interface Wire {
  readonly socket: Socket
  /** All that has come, once the other side has closed. */
  readonly closed: Promise<string>
  /** Waits until this has come. */
  until(text: string): Promise<void>
}

function wire(port: number): Wire {
  const socket = connect(port, '127.0.0.1')
  let said = ''
  socket.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    socket.emit('said')
  })
  socket.on('error', () => undefined)
  return {
    socket,
    closed: new Promise((resolve) => socket.once('close', () => resolve(said))),
    async until(text) {
      while (!said.includes(text)) await once(socket, 'said')
    },
  }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

it('answers what is no HTTP, or too much of it, with a problem, and hangs up', async () => {
  const scene = await makeScene({ limits: { ...calm, headerBytes: 2048 } })
  const port = await listening(scene)
  for (const [sent, status, code] of [
    ['\x16\x03\x01 no http\r\n\r\n', 400, 'REQUEST_INVALID'],
    ['GET / HTTP/9.9\r\n\r\n', 400, 'REQUEST_INVALID'],
    [
      `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(4000)}\r\n\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    [`GET /${'x'.repeat(4000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
    [
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'REQUEST_INVALID',
    ],
  ] as const) {
    const { socket, closed } = wire(port)
    socket.write(sent)
    const answer = await closed
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toContain('content-type: application/problem+json')
    expect(answer).toContain(`"code":"${code}"`)
  }
})

it('does not wait for a request that never ends', async () => {
  const scene = await makeScene({
    limits: { ...calm, headersTimeoutMs: 20, requestTimeoutMs: 40, checkIntervalMs: 10 },
  })
  const port = await listening(scene)
  for (const sent of [
    'GET /healthz HTTP/1.1\r\nHost: local',
    'POST /v1/memories HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n' +
      `Authorization: ${scene.bearer().authorization}\r\n\r\n{"kind":`,
  ]) {
    const { socket, closed } = wire(port)
    socket.write(sent)
    const answer = await closed
    expect(answer).toMatch(/^HTTP\/1.1 408 /)
    expect(answer).toContain('"code":"REQUEST_TIMEOUT"')
  }
})

it('does not wait for who asks and never reads the answer', async () => {
  const page = temporaryDirectory()
  // More than the buffers of two sockets hold.
  writeFileSync(join(page, 'large.js'), Buffer.alloc(64 * 1024 * 1024))
  const scene = await makeScene({ page, limits: { ...calm, idleTimeoutMs: 50 } })
  const port = await listening(scene)
  const accepted = once(scene.app.server, 'connection')
  const socket = connect(port, '127.0.0.1').pause()
  socket.on('error', () => undefined)
  socket.write(get('/verify/large.js'))
  const [theirs] = (await accepted) as [Socket]
  if (!theirs.destroyed) await once(theirs, 'close')
  socket.destroy()
})

it('says who wrote, also where nobody waits for the answer', async () => {
  const scene = await makeScene()
  const port = await listening(scene)
  const { authorization } = scene.bearer()
  const record = scene.workspace.record.bind(scene.workspace)
  const [begun, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  scene.workspace.record = async (draft) => {
    begun.resolve()
    await gone.promise
    return record(draft)
  }
  const body = JSON.stringify({ kind: 'note', title: 'unheard', body: { text: 't' } })
  const { socket } = wire(port)
  socket.write(
    'POST /v1/memories HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
      `Authorization: ${authorization}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  await begun.promise
  socket.destroy()
  await expect
    .poll(() => scene.logged.map((line) => JSON.parse(line)), { timeout: 60_000 })
    .toContainEqual(
      expect.objectContaining({ method: 'POST', route: '/v1/memories', status: 499, token: 't1' }),
    )
  gone.resolve()
  await expect.poll(async () => scene.workspace.timeline(), { timeout: 60_000 }).toHaveLength(1)
  expect(scene.logged.filter((line) => line.includes('"route"'))).toHaveLength(1)
})

it('takes no more connections than it may', async () => {
  const scene = await makeScene({ limits: { ...calm, connections: 1 } })
  const port = await listening(scene)
  const first = wire(port)
  first.socket.write(get('/healthz'))
  await first.until('"ok"')
  expect(await wire(port).closed).toBe('')
  first.socket.destroy()
})

it('finishes what is under way, refuses what comes then, and ends', async () => {
  const scene = await makeScene()
  const port = await listening(scene)
  const { authorization } = scene.bearer()
  const body = JSON.stringify({ kind: 'note', title: 'late', body: { text: 't' } })
  const half = body.length >> 1
  const late = wire(port)
  late.socket.write(
    'POST /v1/memories HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n' +
      `Authorization: ${authorization}\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, half)}`,
  )
  // The server has the headers, and waits for the rest.
  await late.until('100 Continue')
  const ended = drain(scene.app, 60_000)
  late.socket.write(body.slice(half) + get('/readyz') + get('/v1/memories'))
  const [, , written = '', ready = '', refused] = (await late.closed).split('HTTP/1.1 ')
  expect(written).toMatch(/^201 [\s\S]*"title":"late"/)
  expect(ready).toMatch(/^503 [\s\S]*"draining"/)
  // The answer before said that the connection ends.
  expect(refused).toBeUndefined()
  await ended
  expect(await scene.workspace.timeline()).toHaveLength(1)
  expect(await wire(port).closed).toBe('')
})

it('cuts off what does not end by itself', async () => {
  const scene = await makeScene()
  const port = await listening(scene)
  const { socket, closed } = wire(port)
  socket.write(
    'POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  )
  await drain(scene.app, 1)
  await closed
})
