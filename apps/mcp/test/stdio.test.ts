/** One connection over streams. */
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import type { Recorded } from '@vaultmesh/remembrancer/workspace'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveMcp } from '../src/index.ts'
import { makeWorld, question, type World } from './kit/world.ts'

let world: World
beforeAll(async () => {
  world = await makeWorld()
})
afterAll(() => world.close())

function line(message: object): string {
  return `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`
}

const hello = line({
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  },
})

describe('a connection', () => {
  it('ends when its input ends', async () => {
    const input = new PassThrough()
    const output = new PassThrough()
    const served = serveMcp(world.reading, { input, output })
    input.write(hello)
    const [answer] = await once(output, 'data')
    expect(JSON.parse(String(answer))).toMatchObject({
      id: 1,
      result: { protocolVersion: '2025-11-25', serverInfo: { name: 'vaultmesh' } },
    })
    input.end()
    await served
  })

  it('ends with its signal, also one that came before', async () => {
    const controller = new AbortController()
    const streams = () => ({ input: new PassThrough(), output: new PassThrough() })
    const served = serveMcp(world.reading, { ...streams(), signal: controller.signal })
    controller.abort()
    await served
    await serveMcp(world.reading, { ...streams(), signal: controller.signal })
  })

  it.each<[string, (input: PassThrough, output: PassThrough) => void]>([
    ['a message is too long', (input) => input.write('x'.repeat(5 * 1024 * 1024))],
    ['nobody reads what it says', (_, output) => output.destroy(new Error('EPIPE'))],
  ])('ends when %s, though its input goes on', async (_, spoil) => {
    const [input, output] = [new PassThrough(), new PassThrough()]
    const served = serveMcp(world.reading, { input, output })
    spoil(input, output)
    await served
  })

  it('lets what is being recorded come to its end', async () => {
    let begun = (): void => undefined
    let finish = (_: Recorded): void => undefined
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve
    })
    const recorder = {
      agent: 'robin',
      record: () => {
        begun()
        return new Promise<Recorded>((resolve) => {
          finish = resolve
        })
      },
    }
    const input = new PassThrough()
    let isOver = false
    const served = serveMcp(
      { ...world.reading, recorder },
      { input, output: new PassThrough() },
    ).then(() => {
      isOver = true
    })
    input.write(hello)
    input.write(line({ method: 'notifications/initialized' }))
    const values = { title: 'A', text: 'B', idempotencyKey: 'k' }
    input.write(
      line({ id: 2, method: 'tools/call', params: { name: 'record_decision', arguments: values } }),
    )
    await isBegun
    input.end()
    await once(input, 'close')
    await new Promise((resolve) => setImmediate(resolve))
    expect(isOver).toBe(false)
    finish(world.decision)
    await served
  })

  it('lets what is being routed be recorded', async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>()
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const { router } = world.reading
    if (router === undefined) throw new Error('a router')
    const slow = {
      decide: router.decide.bind(router),
      route: async (...words: Parameters<typeof router.route>) => {
        begin()
        await gate
        return router.route(...words)
      },
    }
    const input = new PassThrough()
    const dependencies = { ...world.writing, router: slow }
    const served = serveMcp(dependencies, { input, output: new PassThrough().resume() })
    input.write(hello)
    input.write(line({ method: 'notifications/initialized' }))
    const values = { ...question, idempotencyKey: 'late' }
    input.write(
      line({ id: 2, method: 'tools/call', params: { name: 'route_workload', arguments: values } }),
    )
    await begun
    input.end()
    await once(input, 'close')
    open()
    await served
    expect(await world.workspace.search('', { kind: 'routing' })).toHaveLength(1)
  })

  it.each([
    ['no JSON', 'hello\n'],
    ['no message', '{"a":1}\n[]\nnull\n'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x0a])],
    ['a line that has no end', 'x'.repeat(5 * 1024 * 1024)],
    ['half a message', hello.slice(0, 40)],
  ])('survives %s', async (_, bytes) => {
    const input = new PassThrough()
    const output = new PassThrough().resume()
    const served = serveMcp(world.reading, { input, output })
    input.end(bytes)
    await served
  })
})
