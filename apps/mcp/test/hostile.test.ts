/** What an agent that was talked into something, or whoever reaches `/mcp`, may send. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '@modelcontextprotocol/client'
import { parseRequest } from '@vaultmesh/aurora-router'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type McpDependencies, mcpHandler } from '../src/index.ts'
import { visible } from '../src/untrusted.ts'
import { connect, textOf } from './kit/clients.ts'
import { makeWorld, question, type World } from './kit/world.ts'

let world: World
let client: Client
beforeAll(async () => {
  world = await makeWorld()
  client = await connect(world.writing, 'modern')
})
afterAll(async () => {
  await client.close()
  await world.close()
})

async function refusal(name: string, args: Record<string, unknown>): Promise<string> {
  const result = await client.callTool({ name, arguments: args })
  expect(result.isError, JSON.stringify(result)).toBe(true)
  return textOf(result)
}

const decision = { title: 'A', text: 'B', idempotencyKey: 'k' }

describe('arguments that are none', () => {
  it.each<[string, Record<string, unknown>]>([
    ['search_memories', { query: 'x'.repeat(513) }],
    ['search_memories', { query: 7 }],
    ['search_memories', { limit: 0 }],
    ['search_memories', { limit: 51 }],
    ['search_memories', { limit: 1.5 }],
    ['search_memories', { kind: 'secret' }],
    ['search_memories', { since: 'yesterday' }],
    ['search_memories', { since: '2026-11-23T10:00:00+01:00' }],
    ['search_memories', { cursor: '1'.repeat(21) }],
    ['search_memories', { workspace: '/etc' }],
    ['get_memory', {}],
    ['get_memory', { id: ['a'] }],
    ['get_memory', { id: 'a'.repeat(81) }],
    ['get_memory', { id: 'abcdef01', offset: -1 }],
    ['verify_proof', { proof: 'x'.repeat(1024 * 1024 + 1) }],
    ['verify_proof', { proof: { entry: 'x' } }],
    ['verify_proof', { proof: '{}', policy: '{}' }],
    ['audit_status', { repair: true }],
    ['explain_route', { ...question, gpus: 0 }],
    ['explain_route', { ...question, tenant: '' }],
    ['explain_route', { ...question, regions: Array.from({ length: 101 }, () => 'x') }],
    ['explain_route', { ...question, catalog: '../other.json' }],
    ['record_decision', { ...decision, title: 'x'.repeat(201) }],
    ['record_decision', { ...decision, text: 'x'.repeat(64 * 1024 + 1) }],
    ['record_decision', { ...decision, status: 'superseded' }],
    ['record_decision', { ...decision, supersedes: ['../x'] }],
    ['record_decision', { ...decision, idempotencyKey: 'a b' }],
    ['record_decision', { ...decision, kind: 'deployment' }],
    ['record_decision', { ...decision, agent: 'someone' }],
    ['record_decision', { title: 'A', text: 'B' }],
    ['route_workload', question],
    ['route_workload', { ...question, idempotencyKey: 'k', holdMs: 3_600_001 }],
  ])('are refused by %s: %j', async (name, args) => {
    expect(await refusal(name, args)).toMatch(/Input validation error/)
  })

  it('are refused where they are many', async () => {
    const tags = Array.from({ length: 600 }, () => 'x')
    expect(await refusal('search_memories', { tags })).toMatch(/more than the maximum/)
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', '../search_memories'])(
    'name no tool: %j',
    async (name) => {
      await expect(client.callTool({ name, arguments: {} })).rejects.toThrow()
    },
  )
})

describe('arguments that have the right form', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['search_memories', { cursor: 'x' }, /^CURSOR_INVALID: /],
    ['search_memories', { cursor: '-1' }, /^CURSOR_INVALID: /],
    ['get_memory', { id: '../../etc/passwd' }, /^RECORD_MISSING: /],
    ['get_memory', { id: '%' }, /^RECORD_MISSING: /],
    ['get_memory', { id: "0' OR '1'='1" }, /^RECORD_MISSING: /],
    ['get_memory', { id: 'f'.repeat(64) }, /^RECORD_MISSING: /],
    ['verify_proof', { proof: '```json\n{}\n```' }, /^PROOF_UNREADABLE: /],
    ['verify_proof', { proof: '' }, /^PROOF_UNREADABLE: /],
    ['explain_route', { ...question, gpu: '\u0000' }, /^REQUEST_INVALID: /],
    ['record_decision', { ...decision, title: 'turned \u202e around' }, /^DRAFT_INVALID: /],
    ['record_decision', { ...decision, tags: ['a\u0000b'] }, /^DRAFT_INVALID: /],
    [
      'route_workload',
      { ...question, tenant: 'nobody', idempotencyKey: 'poor' },
      /^BUDGET_UNKNOWN: /,
    ],
  ])('are refused by %s with what to do: %j', async (name, args, message) => {
    const text = await refusal(name, args)
    expect(text).toMatch(message)
    expect(text).not.toContain(world.directory)
  })

  it('never make a search fail, or find what is not there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 100 }), async (query) => {
        const result = await client.callTool({ name: 'search_memories', arguments: { query } })
        expect(result.isError).not.toBe(true)
      }),
      { numRuns: 50 },
    )
    for (const query of [
      '"',
      "'; DROP TABLE records; --",
      'title:',
      'x NEAR/2 y',
      '*',
      '^zz',
      'zz*q"',
    ]) {
      const result = await client.callTool({ name: 'search_memories', arguments: { query } })
      expect(result.structuredContent).toMatchObject({ memories: [] })
    }
  })

  it('never make a verification fail otherwise than by its verdict', async () => {
    const proof = Buffer.from(await world.workspace.prove(world.decision.id)).toString()
    await fc.assert(
      fc.asyncProperty(
        fc.nat(proof.length - 1),
        fc.string({ minLength: 1, maxLength: 3 }),
        async (at, patch) => {
          const altered = `${proof.slice(0, at)}${patch}${proof.slice(at + patch.length)}`
          fc.pre(altered !== proof && altered.startsWith('{'))
          const result = await client.callTool({
            name: 'verify_proof',
            arguments: { proof: altered },
          })
          expect(result.isError).not.toBe(true)
          expect(result.structuredContent).toMatchObject({ ok: false })
        },
      ),
      { numRuns: 50 },
    )
  })

  it("can not get the lease of another who has taken one of the agent's keys", async () => {
    const { router } = world.writing
    const asked = parseRequest({ ...question, gpus: 1 })
    if (!asked.ok || router === undefined) throw new Error('the question')
    await router.route(asked.value, 'agent/robin/taken')
    expect(await refusal('route_workload', { ...question, idempotencyKey: 'taken' })).toMatch(
      /^KEY_TAKEN: /,
    )
  })

  it('can not take a key that a person uses', async () => {
    const idempotencyKey = 'release/1'
    const made = await client.callTool({
      name: 'record_decision',
      arguments: { ...decision, idempotencyKey },
    })
    expect(made.isError).not.toBe(true)
    const own = await world.workspace.record({
      kind: 'note',
      title: 'The release',
      body: { text: 'x' },
      idempotencyKey,
    })
    expect(own.repeated).toBe(false)
    expect(await refusal('record_decision', { ...decision, title: 'C', idempotencyKey })).toMatch(
      /^IDEMPOTENCY_CONFLICT: /,
    )
  })
})

describe('what a proof says of itself', () => {
  it('is cut where it is long', async () => {
    const bundle = JSON.parse(
      Buffer.from(await world.workspace.prove(world.decision.id)).toString('utf8'),
    )
    const origin = '\u200b'.repeat(200_000)
    const proof = bundle.proof.replace(`\n${world.workspace.origin}\n`, `\n${origin}\n`)
    const result = await client.callTool({
      name: 'verify_proof',
      arguments: { proof: JSON.stringify({ ...bundle, proof }) },
    })
    expect(result.structuredContent).toMatchObject({ ok: false })
    expect(textOf(result).length).toBeLessThan(20_000)
  })
})

describe('a failure of the machine', () => {
  it('is to be tried again where another has the log', async () => {
    const locked = Object.assign(new Error(`${world.directory}/lock is held`), {
      code: 'LOG_LOCKED',
    })
    const other = await connect(
      {
        ...world.writing,
        recorder: { agent: 'robin', record: () => Promise.reject(locked) },
      },
      'modern',
    )
    const result = await other.callTool({ name: 'record_decision', arguments: decision })
    expect(textOf(result)).toMatch(/^LOG_LOCKED: .*Call again with the same idempotencyKey/)
    expect(textOf(result)).not.toContain(world.directory)
    await other.close()
  })

  it('is not told to the agent, but to whoever runs the server', async () => {
    const errors: unknown[] = []
    const secret = new Error(`ENOENT: ${world.directory}/keyring`)
    const broken: McpDependencies = {
      ...world.writing,
      onerror: (error) => void errors.push(error),
      recorder: { agent: 'robin', record: () => Promise.reject(secret) },
    }
    const other = await connect(broken, 'modern')
    const result = await other.callTool({ name: 'record_decision', arguments: decision })
    expect(textOf(result)).toMatch(/^FAILED: .*Don't repeat it/)
    expect(errors).toEqual([secret])
    await other.close()
  })

  it('is a finding of audit_status', async () => {
    const folder = join(world.directory, '.vaultmesh', 'logs', 'payments')
    const checkpoint = join(folder, 'checkpoint')
    const kept = readFileSync(checkpoint)
    const { mode } = statSync(checkpoint)
    try {
      rmSync(checkpoint)
      writeFileSync(checkpoint, 'not a checkpoint\n', { mode })
      const { structuredContent } = await client.callTool({ name: 'audit_status', arguments: {} })
      expect(structuredContent).toMatchObject({
        findings: expect.arrayContaining([
          { name: 'checkpoint', status: 'fail', detail: expect.stringMatching(/^LOG_CHECKPOINT/) },
        ]),
      })
      expect(JSON.stringify(structuredContent)).not.toContain(world.directory)
      const uri = `checkpoint://${world.workspace.origin}`
      await expect(client.readResource({ uri })).rejects.toThrow(/LOG_CHECKPOINT_INVALID/)
    } finally {
      writeFileSync(checkpoint, kept)
    }
  })
})

describe('a tool that only reads', () => {
  it('changes nothing', async () => {
    const before = readdirSync(join(world.directory, '.vaultmesh'), { recursive: true })
    const head = readFileSync(join(world.directory, '.vaultmesh/logs/payments/checkpoint'))
    for (const [name, args] of [
      ['search_memories', { query: 'x' }],
      ['get_memory', { id: world.decision.id }],
      ['verify_proof', { proof: '{}' }],
      ['audit_status', {}],
      ['explain_route', question],
    ] as const) {
      await client.callTool({ name, arguments: args })
    }
    expect(readdirSync(join(world.directory, '.vaultmesh'), { recursive: true })).toEqual(before)
    expect(readFileSync(join(world.directory, '.vaultmesh/logs/payments/checkpoint'))).toEqual(head)
  })
})

describe('a text', () => {
  it('is shown with all that nobody sees spelled out, and else as it is', () => {
    expect(visible('a\u200bb\u{e0049}c\u0007\u202ed')).toBe(
      'a\\u{200b}b\\u{e0049}c\\u{7}\\u{202e}d',
    )
    for (const plain of ['Größe\n\t決定 👩\u200d🚀', 'می\u200cخواهم', '\u2764\ufe0f\u200d🔥']) {
      expect(visible(plain)).toBe(plain)
    }
    // Bytes, as variation selectors carry them, and bits, as joiners do.
    expect(visible('😀\u{e0158}\u{e0159}')).toBe('😀\\u{e0158}\\u{e0159}')
    expect(visible('😀\ufe00\ufe01')).toBe('😀\\u{fe00}\\u{fe01}')
    expect(visible('x\u200d\u200c\u200dy')).toBe('x\\u{200d}\\u{200c}\\u{200d}y')
    expect(visible('x\u3164\u034fy')).toBe('x\\u{3164}\\u{34f}y')
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const shown = visible(text)
        expect(visible(shown)).toBe(shown)
        expect(shown.isWellFormed()).toBe(true)
      }),
    )
  })
})

describe('a request over HTTP', () => {
  const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })
  const ask = (headers: Record<string, string>, body = ping) =>
    mcpHandler(world.writing).fetch(
      new Request('http://localhost/mcp', {
        method: 'POST',
        body,
        headers: {
          host: 'localhost',
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
      }),
    )

  it.each<[string, Record<string, string>, number]>([
    ['of this machine', {}, 200],
    ['of this machine at a port', { host: '127.0.0.1:6962' }, 200],
    ['of a page of this machine', { origin: 'http://localhost:3000' }, 200],
    ['for another name', { host: 'evil.example' }, 403],
    ['for a name that begins alike', { host: 'localhost.evil.example' }, 403],
    ['of another page', { origin: 'https://evil.example' }, 403],
    ['of a page without a name', { origin: 'null' }, 403],
    ['of another form', { 'content-type': 'text/plain' }, 415],
  ])('%s', async (_, headers, status) => {
    expect((await ask(headers)).status).toBe(status)
  })

  it('is bounded', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', x: 'y'.repeat(5e6) })
    expect((await ask({}, body)).status).toBe(413)
  })

  it.each(['', '{', '[]', 'null', '{"jsonrpc":"2.0"}', '[{"jsonrpc":"2.0","id":1}]'])(
    'that is none: %s',
    async (body) => {
      expect((await ask({}, body)).status).toBe(400)
    },
  )

  it('reaches the dependencies that the caller chose for it', async () => {
    const handler = mcpHandler(({ authInfo }) =>
      authInfo?.scopes.includes('write') === true ? world.writing : world.reading,
    )
    const list = (scopes: string[]) =>
      handler.fetch(
        new Request('http://localhost/mcp', {
          method: 'POST',
          headers: {
            host: 'localhost',
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
          },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
        }),
        { authInfo: { token: 't', clientId: 'c', scopes } },
      )
    expect(await (await list(['write'])).text()).toContain('record_decision')
    expect(await (await list(['read'])).text()).not.toContain('record_decision')
    await handler.close()
  })
})
