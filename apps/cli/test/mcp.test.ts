/** `vm mcp` as clients start it. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { initWorkspace, openWorkspace, type Workspace } from '@vaultmesh/remembrancer/workspace'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type Stage, stage } from './support/stage.ts'
import { vmCommand } from './support/vm-command.ts'

const run = promisify(execFile)

async function vm({ work, env }: Stage, ...words: string[]): Promise<string> {
  const [file, ...rest] = vmCommand()
  const { stdout } = await run(file, [...rest, ...words], { cwd: work, env: { ...env } })
  return stdout
}

/** Works on the workspace of a stage, in this process. */
async function withWorkspace<T>(
  { work, env }: Stage,
  act: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const workspace = await openWorkspace({
    directory: work,
    env,
    clock: () => new Date(),
    passphrase: () => Promise.resolve('correct horse'),
  })
  try {
    return await act(workspace)
  } finally {
    await workspace.close()
  }
}

/** A workspace with an agent. */
async function made(passphrase: string | null = null): Promise<Stage> {
  const place = stage()
  const { work: directory, env } = place
  writeFileSync(join(directory, 'secret'), 'correct horse\n')
  const clock = () => new Date()
  await initWorkspace({ directory, env, namespace: 'payments', passphrase, clock })
  await withWorkspace(place, (workspace) => workspace.addAgent({ name: 'robin', passphrase }))
  return place
}

async function connect(place: Stage, mode: 'legacy' | 'auto', ...words: string[]): Promise<Client> {
  const [command, ...rest] = vmCommand()
  const transport = new StdioClientTransport({
    command,
    args: [...rest, 'mcp', ...words],
    cwd: place.work,
    env: { ...place.env },
    stderr: 'pipe',
  })
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(transport)
  onTestFinished(() => client.close())
  return client
}

describe('vm mcp', () => {
  it('serves the memory, read only, to clients of both eras', async () => {
    const place = await made()
    await withWorkspace(place, (workspace) =>
      workspace.record({
        kind: 'decision',
        title: 'Use PostgreSQL',
        body: { text: 'Yes.' },
        details: { status: 'accepted' },
      }),
    )
    for (const mode of ['legacy', 'auto'] as const) {
      const client = await connect(place, mode)
      const { tools } = await client.listTools()
      expect(tools.map(({ name }) => name)).toEqual([
        'search_memories',
        'get_memory',
        'verify_proof',
        'audit_status',
      ])
      const found = await client.callTool({
        name: 'search_memories',
        arguments: { query: 'postgresql' },
      })
      expect(found.structuredContent).toMatchObject({ memories: [{ title: 'Use PostgreSQL' }] })
      expect((await client.listResources()).resources).toHaveLength(2)
    }
  })

  it('records in the name of the agent, and holds no lock in between', async () => {
    const place = await made('correct horse')
    const client = await connect(
      place,
      'auto',
      ...['--allow-write', '--agent', 'robin', '--passphrase-file', 'secret'],
    )
    const recorded = await client.callTool({
      name: 'record_decision',
      arguments: { title: 'Use a queue', text: 'It is there.', idempotencyKey: 'queue' },
    })
    expect(recorded.structuredContent).toMatchObject({ agent: 'robin', index: '0' })
    const note = { kind: 'note', title: 'Between', body: { text: 'x' } } as const
    await withWorkspace(place, async (workspace) => {
      await workspace.record(note)
      const [own, agents] = await workspace.search('')
      expect([own?.title, agents?.title]).toEqual(['Between', 'Use a queue'])
      expect(await workspace.show(agents?.id ?? '')).toMatchObject({ agents: ['robin'] })
    })
  })

  it('routes with a catalog and a ledger', async () => {
    const place = await made()
    writeFileSync(
      join(place.work, 'offers.yaml'),
      'providers:\n  - id: alder\n    offers:\n      - { gpu: A100, regions: [eu-west], usdPerHour: 1.90, capacity: 4 }\n',
    )
    await vm(place, 'catalog', 'import', 'offers.yaml', '--output', 'catalog.json')
    const budget = ['route', 'lease', 'budget', 'lab', '100', '--ledger', 'leases.sqlite']
    await vm(place, ...budget)
    const client = await connect(
      place,
      'auto',
      ...['--allow-write', '--agent', 'robin'],
      ...['--catalog', 'catalog.json', '--ledger', 'leases.sqlite'],
    )
    const question = { tenant: 'lab', gpu: 'A100', durationMs: 3_600_000 }
    const explained = await client.callTool({ name: 'explain_route', arguments: question })
    expect(explained.structuredContent).toMatchObject({ outcome: 'routed' })
    const routed = await client.callTool({
      name: 'route_workload',
      arguments: { ...question, idempotencyKey: 'job' },
    })
    expect(routed.structuredContent).toMatchObject({ outcome: 'routed', lease: { state: 'hold' } })
    expect(await vm(place, 'route', 'lease', 'list', '--ledger', 'leases.sqlite')).toContain(
      'alder',
    )
  })

  it('starts as the README of @vaultmesh/mcp says', async () => {
    const readme = readFileSync(new URL('../../mcp/README.md', import.meta.url), 'utf8')
    const blocks = [...readme.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => json ?? '')
    expect(blocks).toHaveLength(2)
    const place = await made('correct horse')
    await withWorkspace(place, (workspace) =>
      workspace.addAgent({ name: 'claude', passphrase: 'correct horse' }),
    )
    const known = blocks.map(async (block) => {
      const { command, args, env } = JSON.parse(block).mcpServers.vaultmesh
      const transport = new StdioClientTransport({
        command,
        args: args.map((word: string) => word.replace('/path/to/project', place.work)),
        cwd: '/',
        env: {
          ...place.env,
          ...(env === undefined ? {} : { VM_PASSPHRASE_FILE: join(place.work, 'secret') }),
        },
        stderr: 'pipe',
      })
      const client = new Client({ name: 'test', version: '1' })
      await client.connect(transport)
      const { tools } = await client.listTools()
      await client.close()
      return tools.some(({ name }) => name === 'record_decision')
    })
    expect(await Promise.all(known)).toEqual([false, true])
  })

  it('writes nothing but the protocol to standard output, and ends with its input', async () => {
    const place = await made()
    const [file, ...rest] = vmCommand()
    const child = spawn(file, [...rest, 'mcp', '--json'], {
      cwd: place.work,
      env: { ...place.env },
    })
    const [out, err] = [text(child.stdout), text(child.stderr)]
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test', version: '1' },
    }
    child.stdin.write(
      `${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`,
    )
    await once(child.stdout, 'data')
    child.stdin.end()
    const [exitCode] = await once(child, 'close')
    expect(exitCode).toBe(0)
    const lines = (await out).trimEnd().split('\n')
    expect(lines.map((each) => JSON.parse(each))).toMatchObject([{ jsonrpc: '2.0', id: 1 }])
    expect(await err).toBe('\u2713 MCP for payments, read only\n')
  })

  it('refuses before it serves what could not be served', async () => {
    const place = await made('correct horse')
    const robin = ['--allow-write', '--agent', 'robin']
    for (const [words, code, message] of [
      [['--allow-write'], 7, /AGENT_MISSING/],
      [[...robin, '--passphrase-file', '-'], 2, /standard input belongs to the MCP client/],
      [robin, 2, /PASSPHRASE_NEEDED/],
      [['--catalog', 'catalog.json'], 2, /--catalog and --ledger/],
    ] as const) {
      await expect(vm(place, 'mcp', ...words), words.join(' ')).rejects.toMatchObject({
        code,
        stdout: '',
        stderr: expect.stringMatching(message),
      })
    }
  })
})
