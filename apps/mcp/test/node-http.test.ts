/** The handler behind `node:http`. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { type McpHandler, mcpHandler } from '../src/index.ts'
import { answer } from '../src/node-http.ts'
import { makeWorld, type World } from './kit/world.ts'

let world: World
let handler: McpHandler
beforeAll(async () => {
  world = await makeWorld()
  handler = mcpHandler(world.reading)
})
afterAll(async () => {
  await handler.close()
  await world.close()
})

async function listen(
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<number> {
  const failures: unknown[] = []
  const server = createServer((asked, response) => {
    handle(asked, response).catch((error: unknown) => {
      failures.push(error)
      response.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
    expect(failures).toEqual([])
  })
  return (server.address() as AddressInfo).port
}

const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
}

async function post(port: number, body: string, more: Record<string, string> = {}) {
  const asked = request({
    port,
    host: '127.0.0.1',
    method: 'POST',
    headers: { ...headers, ...more },
  })
  asked.end(body)
  const [response] = await once(asked, 'response')
  return { status: response.statusCode, said: await text(response) }
}

it('answers', async () => {
  const port = await listen((asked, response) => handler.node(asked, response))
  const { status, said } = await post(port, list)
  expect([status, said.includes('search_memories')]).toEqual([200, true])
  expect((await post(port, list, { host: 'evil.example' })).status).toBe(403)
})

it('answers what was parsed already', async () => {
  const port = await listen(async (asked, response) => {
    const parsedBody: unknown = JSON.parse(await text(asked))
    await handler.node(asked, response, { parsedBody })
  })
  expect((await post(port, list)).said).toContain('search_memories')
})

it('refuses what is too long, said or sent', async () => {
  const port = await listen((asked, response) => handler.node(asked, response))
  const long = 'x'.repeat(5 * 1024 * 1024)
  const asked = request({ port, host: '127.0.0.1', method: 'POST', headers })
  asked.setHeader('content-length', long.length)
  asked.flushHeaders()
  asked.on('error', () => undefined)
  const [response] = await once(asked, 'response')
  expect(response.statusCode).toBe(413)
  asked.destroy()
  // In pieces, so that nobody says how long it is; the connection may end before the answer is read.
  const other = request({ port, host: '127.0.0.1', method: 'POST', headers })
  other.on('error', () => undefined)
  other.write(long)
  other.end()
  await once(other, 'close')
})

it('is done with whoever goes before all is sent', async () => {
  let work: Promise<void> | undefined
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
  const port = await listen((asked, response) => {
    work = handler.node(asked, response)
    begin()
    return work
  })
  const socket = connect(port, '127.0.0.1')
  socket.write('POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{')
  await begun
  socket.destroy()
  await work
})

it.each([
  ['a method that none may have', 'CONNECT-ME /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['TRACE', 'TRACE /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['a path that is no URL', 'GET //[ HTTP/1.1\r\nHost: localhost\r\n\r\n'],
])('refuses %s', async (_, bytes) => {
  const port = await listen((asked, response) => handler.node(asked, response))
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  const [said] = await once(socket, 'data')
  expect(String(said)).toMatch(/^HTTP\/1\.1 4/)
  socket.destroy()
})

it('stops when whoever asked has gone', async () => {
  let wasCancelled = (): void => undefined
  const cancelled = new Promise<void>((resolve) => {
    wasCancelled = resolve
  })
  const endless = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
        cancel: () => wasCancelled(),
      }),
    )
  const port = await listen((asked, response) =>
    answer(asked, response, () => Promise.resolve(endless()), true),
  )
  const asked = request({ port, host: '127.0.0.1' })
  asked.end()
  const [response] = await once(asked, 'response')
  await once(response, 'data')
  response.destroy()
  await cancelled
})
