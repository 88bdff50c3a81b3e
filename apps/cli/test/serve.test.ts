/** `vm serve`, until a signal. */
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type Stage, stage } from './support/stage.ts'
import { vmCommand } from './support/vm-command.ts'

vi.setConfig({ testTimeout: 300_000 })

function vm({ work, env }: Stage, ...words: readonly string[]): string {
  const [program, ...command] = vmCommand()
  return execFileSync(program, [...command, ...words], { cwd: work, env, encoding: 'utf8' })
}

interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly url: string
  readonly ended: Promise<readonly unknown[]>
  readonly stdout: () => string
  readonly stderr: () => string
}

async function serving({ work, env }: Stage, ...words: readonly string[]): Promise<Running> {
  const [program, ...command] = vmCommand()
  const child = spawn(program, [...command, 'serve', '--port', '0', ...words], { cwd: work, env })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'close')
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  for await (const line of createInterface(child.stderr)) {
    stderr += `${line}\n`
    const url = /is served at (http:\/\/[^ ]+\/)/.exec(line)?.[1]
    if (url === undefined) continue
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    return { child, url, ended, stdout: () => stdout, stderr: () => stderr }
  }
  throw new Error(`vm serve ended: ${stderr}`)
}

function bearer(place: Stage, ...scopes: readonly string[]): { authorization: string } {
  const words = scopes.flatMap((scope) => ['--scope', scope])
  const token = vm(place, 'token', 'create', `t${scopes.length}`, ...words, '--quiet')
  return { authorization: `Bearer ${token.trim()}` }
}

const note = (title: string): string => JSON.stringify({ kind: 'note', title, body: { text: 't' } })

function post(url: string, headers: Record<string, string>, body: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  })
}

function workspace(): Stage {
  const place = stage()
  vm(place, 'init', '--namespace', 'lab', '--no-passphrase', '--quiet')
  return place
}

it('serves what the workspace holds, and ends with 0', async () => {
  const place = workspace()
  const { work } = place
  const headers = bearer(place, 'memories:write', 'route')
  const providers = 'providers: [{ id: a, offers: [{ gpu: A100, usdPerHour: 1.1, capacity: 1 }] }]'
  writeFileSync(join(work, 'providers.yaml'), providers)
  vm(place, 'catalog', 'import', 'providers.yaml', '--output', 'catalog.json')
  vm(place, 'route', 'lease', 'budget', 'lab', '5', '--ledger', 'leases.sqlite')
  const words = ['--catalog', 'catalog.json', '--ledger', 'leases.sqlite', '--json']
  const { child, url, ended, stdout, stderr } = await serving(place, ...words)

  const written = await post(`${url}v1/memories`, headers, note('over http'))
  expect(written.status).toBe(201)
  const { id } = (await written.json()) as { id: string }
  const request = { tenant: 'lab', gpu: 'a100', gpus: 1, durationMs: 3_600_000 }
  const routed = await post(`${url}v1/route`, headers, JSON.stringify({ request }))
  expect(await routed.json()).toMatchObject({ chosen: { id: 'a/1xA100/global' } })
  expect((await post(`${url}v1/memories`, {}, note('no token'))).status).toBe(401)
  expect(await (await fetch(`${url}log/checkpoint`)).text()).toContain('\n1\n')

  // The commands read what the server wrote; what writes too has to wait for its end.
  expect(vm(place, 'memory', 'show', id, '--json')).toContain('over http')
  expect(vm(place, 'route', 'lease', 'list', '--ledger', 'leases.sqlite')).toContain('0 of 1 free')
  const proof = Buffer.from(await (await fetch(`${url}v1/memories/${id}/proof`)).arrayBuffer())
  writeFileSync(join(work, 'note.vmproof.json'), proof)
  vm(place, 'trust', 'export', '--output', 'policy.json')
  expect(vm(place, 'verify', 'note.vmproof.json', '--policy', 'policy.json')).toContain(
    'log.inclusion',
  )

  // A token that is revoked counts no more, without a restart.
  vm(place, 'token', 'revoke', 't2')
  await expect
    .poll(async () => (await post(`${url}v1/memories`, headers, note('revoked'))).status, {
      timeout: 60_000,
    })
    .toBe(401)

  child.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
  expect(JSON.parse(stdout())).toMatchObject({ namespace: 'lab', url })
  const lines = stderr()
    .split('\n')
    .filter((line) => line.startsWith('{'))
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ method: 'POST', route: '/v1/memories', status: 201, token: 't2' }),
  )
  expect(stderr()).not.toContain(headers.authorization.slice('Bearer '.length))
  vm(place, 'memory', 'record', 'note', '--title', 'afterwards', '--body', 'free')
})

it('has every record that it acknowledged, after a kill at any moment', async () => {
  const place = workspace()
  const headers = bearer(place, 'memories:write')
  const first = await serving(place)
  const acknowledged: string[] = []
  let sent = 0
  const client = async (): Promise<void> => {
    for (;;) {
      sent += 1
      const body = note(`number ${sent}`)
      const key = { 'idempotency-key': `n${sent}` }
      const answer = await post(`${first.url}v1/memories`, { ...headers, ...key }, body)
      acknowledged.push(((await answer.json()) as { id: string }).id)
      if (acknowledged.length === 5) first.child.kill('SIGKILL')
    }
  }
  await Promise.allSettled([client(), client(), client()])
  await first.ended

  const second = await serving(place)
  const found = await fetch(`${second.url}v1/memories?limit=200`)
  const { items } = (await found.json()) as { items: { id: string; title: string }[] }
  expect(items.map(({ id }) => id)).toEqual(expect.arrayContaining(acknowledged))
  // Whoever got no answer asks again with the same key, and makes no second record.
  for (let n = 1; n <= sent; n += 1) {
    const answer = await post(
      `${second.url}v1/memories`,
      { ...headers, 'idempotency-key': `n${n}` },
      note(`number ${n}`),
    )
    expect(answer.status).toBeLessThan(300)
  }
  const all = vm(place, 'memory', 'timeline', '--json', '--limit', '200')
  const titles = (JSON.parse(all) as { title: string }[]).map(({ title }) => title)
  expect(titles).toHaveLength(sent)
  expect(new Set(titles).size).toBe(sent)
  second.child.kill('SIGTERM')
  expect(await second.ended).toEqual([0, null])
})

it('has every lease that it acknowledged, after a kill at any moment, and no unit twice', async () => {
  const place = workspace()
  const { work } = place
  const headers = bearer(place, 'route')
  const providers = 'providers: [{ id: a, offers: [{ gpu: A100, usdPerHour: 1, capacity: 40 }] }]'
  writeFileSync(join(work, 'providers.yaml'), providers)
  vm(place, 'catalog', 'import', 'providers.yaml', '--output', 'catalog.json')
  vm(place, 'route', 'lease', 'budget', 'lab', '30', '--ledger', 'leases.sqlite')
  const words = ['--catalog', 'catalog.json', '--ledger', 'leases.sqlite', '--read-only']
  const first = await serving(place, ...words)
  interface Answer {
    readonly lease: { readonly id: string }
    readonly repeated: boolean
  }
  const request = { tenant: 'lab', gpu: 'A100', gpus: 1, durationMs: 3_600_000 }
  const body = JSON.stringify({ request, ttlMs: 86_400_000 })
  const ask = ({ url }: Running, key: string): Promise<Response> =>
    post(`${url}v1/route`, { ...headers, 'idempotency-key': key }, body)
  const acknowledged = new Map<string, string>()
  let sent = 0
  const client = async (): Promise<void> => {
    while (sent < 25) {
      sent += 1
      const key = `k${sent}`
      const { lease } = (await (await ask(first, key)).json()) as Answer
      acknowledged.set(key, lease.id)
      if (acknowledged.size === 7) first.child.kill('SIGKILL')
    }
  }
  await Promise.allSettled([client(), client(), client(), client()])
  await first.ended

  // Two servers share what is left, and the money is gone before the units are.
  const [second, third] = await Promise.all([serving(place, ...words), serving(place, ...words)])
  const leases = new Map<string, string>()
  const statuses = await Promise.all(
    Array.from({ length: 40 }, async (_, n) => {
      const key = `k${n + 1}`
      const answer = await ask(n % 2 === 0 ? second : third, key)
      if (answer.status !== 200) return answer.status
      const { lease, repeated } = (await answer.json()) as Answer
      if (acknowledged.has(key)) expect([key, repeated]).toEqual([key, true])
      leases.set(key, lease.id)
      return answer.status
    }),
  )
  expect([...leases]).toEqual(expect.arrayContaining([...acknowledged]))
  expect(statuses.filter((status) => status === 200)).toHaveLength(30)
  expect(new Set(statuses)).toEqual(new Set([200, 409]))
  expect(new Set(leases.values()).size).toBe(30)
  for (const { child, ended } of [second, third]) {
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  }
  const listed = vm(place, 'route', 'lease', 'list', '--ledger', 'leases.sqlite')
  expect(listed).toContain('10 of 40 free')
})

function half(url: string): Socket {
  const { port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(
    'POST /v1/verify HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  )
  return socket
}

it('ends at once when it is asked a second time', async () => {
  const { child, url, ended } = await serving(workspace(), '--read-only')
  const socket = half(url)
  socket.on('error', () => undefined)
  await once(socket, 'data')
  child.kill('SIGTERM')
  // It has begun to end, and waits for the request: nobody can connect any more.
  const refused = async (): Promise<boolean> =>
    fetch(`${url}healthz`).then(
      () => false,
      () => true,
    )
  await expect.poll(refused, { timeout: 60_000 }).toBe(true)
  child.kill('SIGTERM')
  expect(await ended).toEqual([130, null])
  socket.destroy()
})

it('answers for itself alone, and asks others for a token', async () => {
  const place = workspace()
  const headers = bearer(place, 'memories:read')
  const { child, url, ended } = await serving(place, '--host', '0.0.0.0', '--read-only')
  const { port } = new URL(url)
  const at = `http://127.0.0.1:${port}`
  expect((await fetch(`${at}/v1/memories`)).status).toBe(401)
  expect((await fetch(`${at}/v1/memories`, { headers })).status).toBe(200)
  expect((await fetch(`${at}/healthz`)).status).toBe(200)
  child.kill('SIGINT')
  expect(await ended).toEqual([0, null])
})

it('describes the node of the workspace with the keys that its log has now', async () => {
  const place = workspace()
  vm(place, 'federation', 'init', '--no-passphrase', '--quiet')
  const before = JSON.parse(vm(place, 'log', 'head', '--json')) as { origin: string }
  vm(place, 'log', 'rotate', '--no-passphrase', '--quiet')
  const { url } = await serving(place)
  const description = await (await fetch(`${url}.well-known/vm-federation`)).text()
  // While a key is replaced both sign.
  expect(description.match(new RegExp(`^log ${before.origin}\\+`, 'gm'))).toHaveLength(2)
})
