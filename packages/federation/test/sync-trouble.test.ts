import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { listening, temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { parseForkProof } from '../src/fork-proof/parse.ts'
import { encodeHeads, type FederationConfig, originDigest } from '../src/node.ts'
import { makeFork } from './kit/fork.ts'
import { logSigner, witnessSigner } from './kit/keys.ts'
import { openNode, serve, type TestNode, type WrittenLog, writeLog } from './support/nodes.ts'

const origin = 'a.example/vm/payments'
const otherOrigin = 'a.example/vm/other'

const nothing = { heads: [], proofs: [] }

function parsedOrigin(proof: Uint8Array): string {
  const parsed = parseForkProof(proof)
  return parsed.ok ? parsed.proof.origin : parsed.detail
}

/** Organisation A with two logs. */
async function organisationA() {
  const root = join(temporaryDirectory(), 'a')
  const logs: WrittenLog[] = []
  for (const [i, name] of [origin, otherOrigin].entries()) {
    const directory = join(root, '.vaultmesh', 'logs', `log${i}`)
    const written = await writeLog({ directory, origin: name })
    await written.grow(300)
    logs.push(written)
  }
  const config = { name: 'a.example/vm', share: [origin, otherOrigin], peers: [] }
  const node = await openNode({ root, config, ownLogs: logs.map(({ own }) => own) })
  const mirrored = logs.map(({ own, policyText }) => ({ origin: own.origin, policy: policyText }))
  return { ...node, logs, mirrored }
}

function organisationB(
  peers: FederationConfig['peers'],
  shape: Partial<Parameters<typeof openNode>[0]> = {},
): Promise<TestNode> {
  const config = { name: 'b.example/vm', share: [origin, otherOrigin], peers }
  return openNode({ root: join(temporaryDirectory(), 'b'), config, ...shape })
}

/** A deadline that is over when the test says so: the time to give, and what ends all that began. */
function deadlines(): { readonly timeoutMs: number; readonly end: () => void } {
  const timeoutMs = 599_999
  const begun: AbortController[] = []
  const { timeout } = AbortSignal
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
    if (milliseconds !== timeoutMs) return Reflect.apply(timeout, AbortSignal, [milliseconds])
    const controller = new AbortController()
    begun.push(controller)
    return controller.signal
  })
  onTestFinished(() => {
    vi.restoreAllMocks()
  })
  const end = (): void => {
    for (const controller of begun) controller.abort()
  }
  return { timeoutMs, end }
}

describe('what is wrong with one log', () => {
  it('on this machine leaves the other logs of a peer as they are', async () => {
    const a = await organisationA()
    const b = await organisationB([{ name: 'a', folder: a.root, logs: a.mirrored }])
    await b.federation.sync()
    const damaged = join(b.federation.paths.mirrors, originDigest(origin), 'checkpoint')
    writeFileSync(damaged, 'nothing\n')
    await a.logs[1]?.grow(301)
    expect(await b.federation.sync()).toMatchObject([
      {
        status: 'partial',
        logs: [
          { outcome: { status: 'broken', code: 'MIRROR_DAMAGED' } },
          { outcome: { status: 'advanced', head: { size: 301n } } },
        ],
      },
    ])
  })

  it('in the folder of a peer leaves its others as they are, and what is seen of the own log', async () => {
    const a = await organisationA()
    const logs = join(a.root, '.vaultmesh', 'logs')
    const evidence = join(a.root, '.vaultmesh', 'evidence')
    mkdirSync(join(logs, 'a', 'checkpoint'), { recursive: true })
    mkdirSync(join(logs, 'b'))
    writeFileSync(join(logs, 'b', 'checkpoint'), Buffer.alloc(2_000_000))
    mkdirSync(join(evidence, `${'0'.repeat(64)}.vmfork.json`), { recursive: true })
    const own = a.logs[0]
    const b = await organisationB([{ name: 'a', folder: a.root, logs: a.mirrored.slice(1) }], {
      ownLogs: own === undefined ? [] : [own.own],
    })
    expect(await b.federation.ownLogSeenBy()).toMatchObject([{ origin, relation: 'same' }])
    expect(await b.federation.sync()).toMatchObject([
      { status: 'synced', logs: [{ outcome: { status: 'advanced' } }] },
    ])
    // Where nothing of the folder can be read, that says nothing about the own log.
    rmSync(logs, { recursive: true })
    writeFileSync(logs, '')
    expect(await b.federation.ownLogSeenBy()).toEqual([])
  })
})

describe('a clock that was put back', () => {
  it('keeps no peer waiting for a time that is far away', async () => {
    let now = 4_000_000_000_000
    let calls = 0
    const url = await listening((_request, response) => {
      calls += 1
      response.writeHead(500).end()
    })
    const b = await organisationB([{ name: 'a', url, logs: [] }], { clock: () => new Date(now) })
    expect(await b.federation.sync()).toMatchObject([{ status: 'failed' }])
    now = 1_700_000_000_000
    expect(await b.federation.sync()).toMatchObject([{ status: 'failed' }])
    expect(await b.federation.sync()).toMatchObject([{ status: 'waiting' }])
    expect(calls).toBe(2)
  })
})

describe('a fork proof that comes in the middle of a round', () => {
  it('is given to the peer in the next one', async () => {
    const a = await organisationA()
    const given: string[] = []
    let meanwhile = async (): Promise<unknown> => undefined
    // It has what it had, whatever it is given.
    const url = await listening(async (request, response) => {
      response.setHeader('etag', '"always"')
      if (request.method === 'GET') {
        const isKnown = request.headers['if-none-match'] !== undefined
        response.writeHead(isKnown ? 304 : 200).end(isKnown ? '' : encodeHeads(nothing))
        return
      }
      given.push(parsedOrigin(await buffer(request)))
      await meanwhile()
      response.writeHead(404).end()
    })
    const b = await organisationB([{ name: 'a', url, logs: a.mirrored }])
    const forkOf = async (name: string) => (await makeFork(logSigner(name), [30, 40], 7)).bytes
    await b.federation.evidence.add(await forkOf(origin))
    const second = await forkOf(otherOrigin)
    meanwhile = () => b.federation.evidence.add(second)
    await b.federation.sync()
    expect(given).toEqual([origin])
    await b.federation.sync()
    expect(given.slice(1).toSorted()).toEqual([otherOrigin, origin])
    expect(await b.federation.sync()).toMatchObject([{ status: 'in-sync', requests: 1 }])
  })
})

describe('a peer that stalls', () => {
  it('does not keep a log from being had elsewhere', async () => {
    const a = await organisationA()
    const { url } = await serve(a.federation)
    const heads = await (await fetch(`${url}federation/v1/heads`)).text()
    const checkpoint = readFileSync(join(a.logs[0]?.own.directory ?? '', 'checkpoint'))
    const { timeoutMs, end } = deadlines()
    const stalling = await listening((request, response) => {
      if (request.url?.endsWith('heads') === true) response.end(heads)
      else if (request.url?.endsWith('checkpoint') === true) response.end(checkpoint)
      else end()
    })
    const logs = a.mirrored.slice(0, 1)
    const b = await organisationB([
      { name: 'stalling', url: stalling, logs },
      { name: 'a', url, logs },
    ])
    expect(await b.federation.sync({ timeoutMs })).toMatchObject([
      { name: 'stalling', status: 'failed' },
      { name: 'a', status: 'synced', logs: [{ outcome: { status: 'advanced' } }] },
    ])
    // Where it failed it comes last.
    await a.logs[0]?.grow(301)
    expect(await b.federation.sync({ timeoutMs, isForced: true })).toMatchObject([
      { status: 'synced', logs: [{ outcome: { status: 'behind' } }] },
      { status: 'synced', logs: [{ outcome: { status: 'advanced' } }] },
    ])
  })
})

describe('the own log, at a peer that gives no tiles', () => {
  it('is ahead there all the same: the log signed it', async () => {
    const a = await organisationA()
    const { url } = await serve(a.federation)
    const heads = await (await fetch(`${url}federation/v1/heads`)).text()
    const { timeoutMs, end } = deadlines()
    const stalling = await listening((request, response) => {
      if (request.url?.endsWith('heads') === true) response.end(heads)
      else end()
    })
    const old = await writeLog({ directory: join(temporaryDirectory(), 'old'), origin })
    await old.grow(30)
    const b = await organisationB([{ name: 'stalling', url: stalling, logs: [] }], {
      ownLogs: [old.own],
    })
    expect(await b.federation.ownLogSeenBy({ timeoutMs })).toMatchObject([
      { origin, size: 300n, ownSize: 30n, relation: 'ahead' },
    ])
  })
})

describe('a witness', () => {
  const key = witnessSigner('b.example/witness')

  it('does not cosign what the files of its mirror do not lead to', async () => {
    const a = await organisationA()
    const config: FederationConfig = {
      name: 'b.example/vm',
      share: [origin],
      peers: [{ name: 'a', folder: a.root, logs: a.mirrored.slice(0, 1) }],
      witness: { name: key.name, vkey: key.vkey },
    }
    const root = join(temporaryDirectory(), 'b')
    const { federation } = await openNode({ root, config })
    await federation.sync()
    const tile = join(federation.paths.mirrors, originDigest(origin), 'tile', '0', '001.p', '44')
    writeFileSync(tile, Buffer.alloc(44 * 32))
    const b = await openNode({ root, config, witness: [key] })
    expect(await b.federation.sync()).toMatchObject([
      { status: 'partial', logs: [{ outcome: { status: 'broken', code: 'MIRROR_DAMAGED' } }] },
    ])
    expect(await b.federation.witness?.store.state(origin)).toBeUndefined()
  })

  it('ends where it remembers another tree than it cosigned, also of one size', async () => {
    const a = await organisationA()
    const config: FederationConfig = {
      name: 'b.example/vm',
      share: [origin],
      peers: [{ name: 'a', folder: a.root, logs: a.mirrored.slice(0, 1) }],
      witness: { name: key.name, vkey: key.vkey },
    }
    const b = await openNode({ root: join(temporaryDirectory(), 'b'), config, witness: [key] })
    await b.federation.sync()
    // As after an older copy was put back, and another history of this size was cosigned.
    await b.federation.witness?.store.update(origin, () => ({
      ok: true,
      status: 200,
      next: { size: 300n, root: new Uint8Array(32) },
    }))
    rmSync(b.federation.paths.peers)
    expect(await b.federation.sync()).toMatchObject([
      { logs: [{ outcome: { status: 'broken', code: 'WITNESS_STATE_DAMAGED' } }] },
    ])
  })
})
