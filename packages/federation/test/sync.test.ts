import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { listening, temporaryDirectory } from '@vaultmesh/testing'
import { posixTiles, witnessCosigner } from '@vaultmesh/tlog'
import { describe, expect, it } from 'vitest'
import {
  askDescription,
  createWitnessStore,
  type FederationConfig,
  mirrorDirectory,
  openFederation,
  originDigest,
  witnessStorePath,
} from '../src/node.ts'
import { makeFork } from './kit/fork.ts'
import { witnessSigner } from './kit/keys.ts'
import { logOf, policyFrom } from './support/map-log.ts'
import { openNode, serve, type TestNode, type WrittenLog, writeLog } from './support/nodes.ts'

const origin = 'a.example/vm/payments'

/** Organisation A with a log, its node, and where that is. */
async function organisationA(size = 5, config: Partial<FederationConfig> = {}) {
  const root = join(temporaryDirectory(), 'a')
  const written = await writeLog({
    directory: join(root, '.vaultmesh', 'logs', 'payments'),
    origin,
  })
  await written.grow(size)
  const node = await openNode({
    root,
    config: { name: 'a.example/vm', share: [origin], peers: [], ...config },
    ownLogs: [written.own],
  })
  return { ...node, written, ...(await serve(node.federation)) }
}

type Peer = FederationConfig['peers'][number]

/** Organisation B, which mirrors A's log. */
function organisationB(
  written: WrittenLog,
  place: Partial<Peer>,
  more: Partial<FederationConfig> = {},
  shape: { clock?: () => Date; root?: string } = {},
): Promise<TestNode> {
  const logs = [{ origin, policy: written.policyText }]
  return openNode({
    root: shape.root ?? join(temporaryDirectory(), 'b'),
    config: {
      name: 'b.example/vm',
      share: [origin],
      peers: [{ name: 'a', logs, ...place }],
      ...more,
    },
    ...shape,
  })
}

describe('a sync with a peer', () => {
  it('takes its log, and asks once where nothing has changed', async () => {
    const { url, asked, written } = await organisationA(300)
    const b = await organisationB(written, { url })
    const [first] = await b.federation.sync()
    expect(first).toMatchObject({
      name: 'a',
      status: 'synced',
      problems: [],
      logs: [{ origin, outcome: { status: 'advanced', from: 0n, head: { size: 300n } } }],
    })
    expect(first?.requests).toBe(asked.length)

    asked.length = 0
    expect(await b.federation.sync()).toMatchObject([
      { status: 'in-sync', requests: 1, logs: [], problems: [] },
    ])
    expect(asked).toEqual(['GET /federation/v1/heads 304'])

    await written.grow(301)
    asked.length = 0
    expect(await b.federation.sync()).toMatchObject([
      { status: 'synced', logs: [{ outcome: { status: 'advanced', from: 300n } }] },
    ])
    expect(asked.filter((line) => line.startsWith('GET /m/'))).toEqual(
      ['checkpoint', 'tile/1/000.p/1', 'tile/0/001.p/45', 'tile/entries/001.p/45']
        .filter((path) => !path.startsWith('tile/1'))
        .map((path) => `GET /m/${originDigest(origin)}/${path} 200`),
    )
    // Another opening remembers.
    asked.length = 0
    const again = await organisationB(written, { url }, {}, { root: b.root })
    expect(await again.federation.sync()).toMatchObject([{ status: 'in-sync', requests: 1 }])
  })

  it('asks for what was lost here', async () => {
    const { url, written, asked } = await organisationA(300)
    const b = await organisationB(written, { url })
    await b.federation.sync()
    rmSync(b.federation.paths.mirrors, { recursive: true })
    expect(await b.federation.sync()).toMatchObject([
      { status: 'synced', logs: [{ outcome: { status: 'advanced' } }] },
    ])
    writeFileSync(b.federation.paths.peers, '{"version":0,"peers":[[]]}')
    asked.length = 0
    expect(await b.federation.sync()).toMatchObject([
      { status: 'synced', logs: [{ outcome: { status: 'in-sync' } }] },
    ])
    expect(asked).toHaveLength(2)
  })

  it('takes it from a folder: a workspace, a mirror in one, or a published log', async () => {
    const { root, written, url } = await organisationA(40)
    const b = await organisationB(written, { folder: root })
    expect(await b.federation.sync()).toMatchObject([{ status: 'synced', requests: 0 }])
    const fromMirror = await organisationB(written, { folder: b.root })
    expect(await fromMirror.federation.sync()).toMatchObject([
      { logs: [{ outcome: { status: 'advanced', head: { size: 40n } } }] },
    ])
    const fromTree = await organisationB(written, { folder: written.own.directory })
    expect(await fromTree.federation.sync()).toMatchObject([
      { logs: [{ outcome: { status: 'advanced', head: { size: 40n } } }] },
    ])
    const nowhere = await organisationB(written, { folder: join(root, 'nowhere') })
    expect(await nowhere.federation.sync()).toMatchObject([{ status: 'failed' }])
    const empty = await organisationB(written, { folder: temporaryDirectory() })
    expect(await empty.federation.sync()).toMatchObject([
      { logs: [{ outcome: { status: 'not-offered' } }] },
    ])
    // Any C2SP log, of whoever serves no more than its tiles.
    const bare = `${url}m/${originDigest(origin)}/`
    const logs = [{ origin, policy: written.policyText, url: bare }]
    const plain = await organisationB(written, { url, logs })
    expect(await plain.federation.sync()).toMatchObject([
      { logs: [{ outcome: { status: 'advanced', head: { size: 40n } } }] },
    ])
    expect(await plain.federation.sync()).toMatchObject([{ status: 'in-sync', requests: 1 }])
  })

  it('gets nothing that is private', async () => {
    const { url, written } = await organisationA(5, { share: [] })
    const b = await organisationB(written, { url })
    expect(await b.federation.sync()).toMatchObject([
      { status: 'synced', logs: [{ outcome: { status: 'not-offered' } }] },
    ])
    expect(existsSync(b.federation.paths.mirrors)).toBe(false)
  })

  it('is not kept from the others by a bad peer, which is left alone for a while', async () => {
    const { url, written } = await organisationA(5)
    let now = 1_700_000_000_000
    const logs = [{ origin, policy: written.policyText }]
    let calls = 0
    const broken = await listening((_request, response) => {
      calls += 1
      response.writeHead(500).end()
    })
    const talker = await listening((_request, response) => {
      response.writeHead(200).write('x'.repeat(9 * 1024 * 1024))
      response.end()
    })
    const elsewhere = await listening((_request, response) => {
      response.writeHead(302, { location: url }).end()
    })
    const wrong = await listening((_request, response) => {
      response.end('{"heads":[],"mediaType":"other","proofs":[]}')
    })
    const b = await openNode({
      root: join(temporaryDirectory(), 'b'),
      clock: () => new Date(now),
      config: {
        name: 'b.example/vm',
        share: [],
        peers: [
          { name: 'broken', url: broken, logs },
          { name: 'talker', url: talker, logs },
          { name: 'elsewhere', url: elsewhere, logs },
          { name: 'wrong', url: wrong, logs },
          { name: 'gone', folder: '/nonexistent', logs },
          { name: 'a', url, logs },
        ],
      },
    })
    const statuses = (synced: readonly { name: string; status: string }[]) =>
      Object.fromEntries(synced.map(({ name, status }) => [name, status]))
    const first = await b.federation.sync()
    expect(statuses(first)).toEqual({
      broken: 'failed',
      talker: 'failed',
      elsewhere: 'failed',
      wrong: 'failed',
      gone: 'failed',
      a: 'synced',
    })
    expect(first.map(({ problems }) => problems.join()).join('\n')).toMatch(
      /answers 500.*more than 8388608 bytes.*answers 302.*mediaType: must be/s,
    )
    expect(first[0]?.retryAt).toEqual(new Date(now + 30_000))
    expect(statuses(await b.federation.sync())).toMatchObject({ broken: 'waiting', a: 'in-sync' })
    expect(calls).toBe(1)
    expect(statuses(await b.federation.sync({ isForced: true, peers: ['broken'] }))).toEqual({
      broken: 'failed',
    })
    const status = await b.federation.status()
    expect(status.peers[0]?.lastFailure).toMatchObject({
      at: new Date(now),
      retryAt: new Date(now + 60_000),
    })
    expect(status.peers.at(-1)).toMatchObject({ name: 'a', lastSuccess: new Date(now) })
    now += 61_000
    expect(statuses(await b.federation.sync())).toMatchObject({ broken: 'failed' })
    expect(calls).toBe(3)
  })

  it('ends with its deadline and its signal', async () => {
    const { written } = await organisationA(5)
    const url = await listening(() => {})
    const b = await organisationB(written, { url })
    expect(await b.federation.sync({ timeoutMs: 1 })).toMatchObject([{ status: 'failed' }])
    const stop = new AbortController()
    const stopping = await listening(() => stop.abort(new Error('enough')))
    const c = await organisationB(written, { url: stopping })
    await expect(c.federation.sync({ signal: stop.signal })).rejects.toThrow('enough')
    await expect(c.federation.sync({ signal: stop.signal })).rejects.toThrow('enough')
    await expect(c.federation.ownLogSeenBy({ signal: stop.signal })).rejects.toThrow('enough')
  })

  it('takes what is right of a peer that has wrong tiles of one log, and says which', async () => {
    const { written, root } = await organisationA(300)
    const other = await writeLog({
      directory: join(root, '.vaultmesh', 'logs', 'other'),
      origin: 'a.example/vm/other',
    })
    await other.grow(3)
    writeFileSync(join(written.own.directory, 'tile', '0', '000'), Buffer.alloc(8192))
    const logs = [written, other].map(({ own, policyText }) => ({
      origin: own.origin,
      policy: policyText,
    }))
    const b = await organisationB(written, { folder: root, logs })
    const [synced] = await b.federation.sync()
    expect(synced).toMatchObject({
      status: 'partial',
      logs: [
        { outcome: { status: 'failed', code: 'TILES_REFUSED' } },
        { outcome: { status: 'advanced' } },
      ],
    })
    expect(synced?.problems).toEqual([expect.stringContaining('tile/0/000')])
  })

  it('names what is wrong on this machine, and goes on', async () => {
    const { written, root } = await organisationA(3)
    const b = await organisationB(written, { folder: root })
    await b.federation.sync()
    const mirror = join(b.federation.paths.mirrors, originDigest(origin))
    writeFileSync(join(mirror, 'checkpoint'), 'nothing\n')
    expect(await b.federation.status()).toMatchObject({
      logs: [{ origin, head: undefined, problem: expect.stringContaining("can't be used") }],
    })
    const [synced] = await b.federation.sync()
    expect(synced?.problems.join()).toContain('move the folder away and sync again')
    rmSync(mirror, { recursive: true })
    expect(await b.federation.sync({ isForced: true })).toMatchObject([{ status: 'synced' }])
  })
})

describe('evidence', () => {
  it('of a fork goes from node to node, and stops every mirror', async () => {
    const a = await organisationA(30)
    const b = await organisationB(a.written, { url: a.url })
    await b.federation.sync()
    const servingB = await serve(b.federation)
    // The same origin, another history: the key was used twice.
    const fork = await writeLog({
      directory: join(temporaryDirectory(), 'fork'),
      origin,
      branch: { at: 12, name: 'fork' },
    })
    await fork.grow(40)
    const logs = [{ origin, policy: a.written.policyText }]
    const c = await openNode({
      root: join(temporaryDirectory(), 'c'),
      config: {
        name: 'c.example/vm',
        share: [origin],
        peers: [
          { name: 'fork', folder: fork.own.directory, logs },
          { name: 'b', url: servingB.url, logs },
        ],
      },
    })
    await c.federation.sync({ peers: ['fork'] })
    const [seen] = await c.federation.sync({ peers: ['b'] })
    expect(seen).toMatchObject({ logs: [{ outcome: { status: 'forked', isQuarantined: true } }] })
    // It is told at once.
    expect(seen?.proofsSent).toHaveLength(1)
    expect(await b.federation.status()).toMatchObject({
      logs: [{ isQuarantined: true, trustedSize: 12n, forkProofs: seen?.proofsSent }],
    })
    // Another mirror learns it from B, and A, whose log it is, is told of it.
    const d = await openNode({
      root: join(temporaryDirectory(), 'd'),
      config: { name: 'd.example/vm', share: [], peers: [{ name: 'b', url: servingB.url, logs }] },
    })
    expect(await d.federation.sync()).toMatchObject([{ proofsReceived: seen?.proofsSent }])
    expect(await d.federation.sync()).toMatchObject([{ status: 'in-sync', requests: 1 }])
    expect(await b.federation.sync()).toMatchObject([
      { logs: [{ outcome: { status: 'quarantined' } }], proofsSent: seen?.proofsSent },
    ])
    expect(await a.federation.status()).toMatchObject({
      logs: [{ role: 'own', isQuarantined: true, trustedSize: 12n }],
    })
    // All who know it show the same.
    const frontiers = await Promise.all(
      [a, b, d].map(async ({ federation }) => (await federation.knowledgeOf(origin))?.prefix.size),
    )
    expect(frontiers).toEqual([12n, 12n, 12n])
  })

  it('is taken from a folder, which is never written to', async () => {
    const a = await organisationA(30)
    const fork = await writeLog({
      directory: join(temporaryDirectory(), 'fork'),
      origin,
      branch: { at: 12, name: 'fork' },
    })
    await fork.grow(40)
    const logs = [{ origin, policy: a.written.policyText }]
    const b = await organisationB(a.written, { folder: a.root })
    await b.federation.sync()
    await b.federation.mirrors[0]?.advance(posixTiles(fork.own.directory))
    const [told] = await b.federation.sync()
    expect(told).toMatchObject({ status: 'synced', proofsSent: [] })
    expect(existsSync(a.federation.paths.evidence)).toBe(false)
    const c = await organisationB(a.written, { folder: b.root, logs })
    const kept = (await b.federation.evidence.list()).map(({ id }) => id)
    expect(await c.federation.sync()).toMatchObject([{ proofsReceived: kept }])
  })

  it('that can not be fetched or given is asked for again', async () => {
    const a = await organisationA(30)
    const b = await organisationB(a.written, { url: a.url })
    await b.federation.sync()
    const fork = await logOf(30, { name: origin, signer: a.written.signer, forkAt: 3, branch: 1 })
    await b.federation.mirrors[0]?.advance(fork.tiles)
    const [kept] = await b.federation.evidence.list()
    const id = 'ab'.repeat(32)
    let isBroken = true
    const url = await listening(async (request, response) => {
      if (request.url === '/federation/v1/heads') {
        const given = `{"heads":[],"mediaType":"application/vnd.vaultmesh.heads.v0+json","proofs":[{"id":"${id}","origin":"${origin}"}]}`
        return response.writeHead(200, { etag: '"one"' }).end(given)
      }
      if (isBroken) return request.socket.destroy()
      for await (const _ of request);
      return response.writeHead(request.method === 'POST' ? 200 : 404).end()
    })
    const c = await openNode({
      root: b.root,
      config: {
        ...b.federation.config,
        peers: [{ name: 'flaky', url, logs: [{ origin, policy: a.written.policyText }] }],
      },
    })
    const [failed] = await c.federation.sync()
    expect(failed).toMatchObject({ status: 'partial', proofsReceived: [], proofsSent: [] })
    expect(failed?.problems).toEqual([
      expect.stringContaining(`the fork proof ${id}`),
      expect.stringContaining(`giving it the fork proof ${kept?.id}`),
    ])
    isBroken = false
    expect(await c.federation.sync()).toMatchObject([{ status: 'synced', proofsSent: [kept?.id] }])
  })

  it('is not taken from a peer that makes it up, nor told about what is private', async () => {
    const { written } = await organisationA(3)
    const id = 'ab'.repeat(32)
    const posted: string[] = []
    const url = await listening((request, response) => {
      if (request.method === 'POST') posted.push(request.url ?? '')
      const isHeads = request.url === '/federation/v1/heads'
      const heads = `{"heads":[],"mediaType":"application/vnd.vaultmesh.heads.v0+json","proofs":[{"id":"${id}","origin":"${origin}"}]}`
      response.end(isHeads ? heads : 'nonsense')
    })
    const b = await organisationB(written, { url })
    expect(await b.federation.sync()).toMatchObject([{ status: 'synced', proofsReceived: [] }])
    // Of a log that is not known here it is not even asked for.
    const c = await organisationB(written, { url, logs: [] })
    expect(await c.federation.sync()).toMatchObject([{ status: 'synced', requests: 1 }])
    expect(existsSync(b.federation.paths.evidence)).toBe(false)
    expect(posted).toEqual([])
  })
})

describe('the own log, as others have seen it', () => {
  it('is ahead there after an old copy was restored here, and forked after more was written', async () => {
    const a = await organisationA(30)
    const b = await organisationB(a.written, { url: a.url })
    await b.federation.sync()
    const servingB = await serve(b.federation)
    const peers = [{ name: 'b', url: servingB.url, logs: [] }]
    const config = { ...a.federation.config, peers }

    const ownOf = async (size: number, branch?: { at: number; name: string }) => {
      const directory = join(temporaryDirectory(), 'restored')
      const restored = await writeLog({ directory, origin, ...(branch ? { branch } : {}) })
      await restored.grow(size)
      const node = await openNode({ root: join(directory, 'w'), config, ownLogs: [restored.own] })
      const seen = await node.federation.ownLogSeenBy()
      return { seen, node }
    }
    const line = { origin, where: 'b', size: 30n }
    expect((await ownOf(30)).seen).toEqual([{ ...line, ownSize: 30n, relation: 'same' }])
    expect((await ownOf(31)).seen).toEqual([{ ...line, ownSize: 31n, relation: 'behind' }])
    expect((await ownOf(20)).seen).toEqual([{ ...line, ownSize: 20n, relation: 'ahead' }])
    for (const size of [28, 30, 35]) {
      const { seen, node } = await ownOf(size, { at: 25, name: 'after the restore' })
      const proofs = (await node.federation.evidence.list()).map(({ id }) => id)
      expect(seen).toEqual([
        { ...line, ownSize: BigInt(size), relation: 'forked', proof: proofs[0] },
      ])
      expect(proofs).toHaveLength(1)
    }
    // A sync tells the same, and so does a mirror of one's own.
    const { node } = await ownOf(20)
    expect(await node.federation.sync()).toMatchObject([{ ownLogs: [{ relation: 'ahead' }] }])
    const mirrored = [
      { name: 'b', folder: b.root, logs: [{ origin, policy: a.written.policyText }] },
    ]
    const old = await writeLog({ directory: join(temporaryDirectory(), 'old'), origin })
    const keeper = await openNode({
      root: join(temporaryDirectory(), 'keeper'),
      config: { ...config, peers: mirrored },
      ownLogs: [old.own],
    })
    await keeper.federation.sync()
    expect(await keeper.federation.ownLogSeenBy()).toMatchObject([
      { where: 'mirror', relation: 'ahead', size: 30n, ownSize: 0n },
      { where: 'b', relation: 'ahead', size: 30n },
    ])
  })

  it('is not made to look ahead by whoever has not its key, or can not be asked', async () => {
    const a = await organisationA(3)
    const stranger = await logOf(9, { name: origin })
    const checkpoint = stranger.checkpoints[0] ?? ''
    const url = await listening((_request, response) => {
      const heads = [{ checkpoint, origin }]
      const mediaType = 'application/vnd.vaultmesh.heads.v0+json'
      response.end(JSON.stringify({ heads, mediaType, proofs: [] }))
    })
    const peers = [
      { name: 'liar', url, logs: [] },
      { name: 'gone', folder: '/nonexistent', logs: [] },
    ]
    const node = await openNode({
      root: join(temporaryDirectory(), 'a'),
      config: { ...a.federation.config, peers },
      ownLogs: [a.written.own],
    })
    expect(await node.federation.ownLogSeenBy()).toEqual([])
  })
})

describe('an own log that is damaged', () => {
  it('is told of, and not taken for one that nobody has seen', async () => {
    const a = await organisationA(3)
    const b = await organisationB(a.written, { url: a.url })
    await b.federation.sync()
    await a.written.grow(9)
    const peers = [{ name: 'b', folder: b.root, logs: [] }]
    const reopened = await openNode({
      root: a.root,
      config: { ...a.federation.config, peers },
      ownLogs: [a.written.own],
    })
    writeFileSync(join(a.written.own.directory, 'tile', '0', '000.p', '9'), Buffer.alloc(9 * 32))
    await expect(reopened.federation.ownLogSeenBy()).rejects.toMatchObject({ code: 'LOG_DAMAGED' })
    const [synced] = await reopened.federation.sync()
    expect(synced).toMatchObject({ status: 'partial', ownLogs: [] })
    expect(synced?.problems.join()).toContain('repair it from a mirror')
    writeFileSync(join(a.written.own.directory, 'checkpoint'), 'nothing\n')
    await expect(reopened.federation.knowledgeOf(origin)).rejects.toMatchObject({
      code: 'LOG_DAMAGED',
    })
    // It is not offered to others, who are not told of it either.
    expect((await reopened.federation.heads()).heads).toEqual([])
    expect(await reopened.federation.knowledgeOf('nobody.example/log')).toBeUndefined()
  })
})

describe('a fork proof', () => {
  it('is held against the tiles that are here, of an own log and of a mirror', async () => {
    const a = await organisationA(30)
    const b = await organisationB(a.written, { url: a.url })
    await b.federation.sync()
    const { bytes } = await makeFork(a.written.signer, [20, 21], 7)
    for (const [{ federation }, directory, code] of [
      [a, a.written.own.directory, 'LOG_DAMAGED'],
      [b, mirrorDirectory(b.federation.paths, origin), 'MIRROR_DAMAGED'],
    ] as const) {
      await federation.evidence.add(bytes)
      const tile = join(directory, 'tile', '0', '000.p', '30')
      const whole = readFileSync(tile)
      writeFileSync(tile, Buffer.alloc(30 * 32))
      await expect(federation.knowledgeOf(origin)).rejects.toMatchObject({ code })
      // What the proof says without them is known all the same.
      expect(await federation.status()).toMatchObject({
        logs: [{ origin, head: { size: 30n }, trustedSize: 7n, problem: expect.any(String) }],
      })
      writeFileSync(tile, whole)
      // The tree that is here is a third one.
      const known = await federation.knowledgeOf(origin)
      expect(known?.prefix).toMatchObject({ basis: 'divided', size: 0n })
      const sizes = known?.evidence.links.map(({ earlier }) => Number(earlier.size))
      expect(sizes?.toSorted((x, y) => x - y)).toEqual([7, 8, 20, 21])
    }
  })
})

describe('the configuration of a node', () => {
  it('is there, and right', async () => {
    const root = temporaryDirectory()
    const node = await openNode({ root, config: { name: 'x', share: [], peers: [] } })
    const options = {
      workspaceRoot: root,
      stateHome: node.stateHome,
      ownLogs: [],
      clock: () => new Date(),
    }
    const { config } = node.federation.paths
    writeFileSync(config, 'version: 7\nname: x\n')
    await expect(openFederation(options)).rejects.toThrow(
      "federation.yaml can't be used: version: must be 0",
    )
    writeFileSync(config, Buffer.from([0xff, 0xfe]))
    await expect(openFederation(options)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    rmSync(config)
    await expect(openFederation(options)).rejects.toMatchObject({ code: 'CONFIG_MISSING' })
    const logs = [{ origin, policy: 'quorum maybe\n' }]
    const wrong = { name: 'x', share: [], peers: [{ name: 'a', folder: '.', logs }] }
    await expect(openFederation({ ...options, config: wrong })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
    await using opened = await openFederation({ ...options, config: { ...wrong, peers: [] } })
    expect(opened.mirrors).toEqual([])
  })
})

describe('a witness of the node', () => {
  const key = witnessSigner('b.example/witness')

  /** B, with a witness. */
  function cosigning(peers: FederationConfig['peers']): Promise<TestNode> {
    const witness = { name: key.name, vkey: key.vkey }
    const config = { name: 'b.example/vm', share: [origin], peers, witness }
    return openNode({ root: join(temporaryDirectory(), 'b'), witness: [key], config })
  }

  function logsOf({ policyText }: Pick<WrittenLog, 'policyText'>): Peer['logs'] {
    return [{ origin, policy: policyText }]
  }

  it('cosigns what it has mirrored, once, and others find that in its mirror', async () => {
    const a = await organisationA(30)
    const b = await cosigning([{ name: 'a', url: a.url, logs: logsOf(a.written) }])
    expect(await b.federation.sync()).toMatchObject([{ logs: [{ isCosigned: true }] }])
    expect(await b.federation.sync()).toMatchObject([{ status: 'in-sync' }])
    await a.written.grow(300)
    expect(await b.federation.sync()).toMatchObject([{ logs: [{ isCosigned: true }] }])
    expect(await b.federation.status()).toMatchObject({
      logs: [{ cosignedSize: 300n }],
      witness: { vkey: key.vkey, canSign: true },
    })
    const { app, url } = await serve(b.federation)
    const monitored = await app.inject(`/w/${originDigest(origin)}/checkpoint`)
    expect(monitored.body).toContain(`— ${key.name} `)

    // Whoever asks for B's cosignature takes the log from B.
    const policy = a.written.policyText.replace('quorum none', `witness b ${key.vkey}\nquorum b`)
    const strict = (place: Partial<Peer>) =>
      organisationB(a.written, { ...place, logs: [{ origin, policy }] })
    const fromB = await strict({ url })
    expect(await fromB.federation.sync()).toMatchObject([
      { status: 'synced', logs: [{ outcome: { status: 'advanced' } }] },
    ])
    expect((await fromB.federation.knowledgeOf(origin))?.prefix.basis).toBe('cosigned')
    const fromA = await strict({ url: a.url })
    expect(await fromA.federation.sync()).toMatchObject([
      { status: 'synced', logs: [{ outcome: { status: 'failed', code: 'NO_QUORUM' } }] },
    ])
  })

  it('cosigns nothing that contradicts what it has cosigned', async () => {
    const a = await organisationA(30)
    const b = await cosigning([{ name: 'a', url: a.url, logs: logsOf(a.written) }])
    const store = b.federation.witness?.store
    await store?.update(origin, () => ({
      ok: true,
      status: 200,
      next: { size: 20n, root: new Uint8Array(32) },
    }))
    expect(await b.federation.sync()).toMatchObject([
      { logs: [{ outcome: { status: 'advanced' }, isCosigned: false }] },
    ])
    await store?.update(origin, () => ({
      ok: true,
      status: 200,
      next: { size: 40n, root: new Uint8Array(32) },
    }))
    // It is behind what was cosigned, and then something else.
    await a.written.grow(31)
    expect(await b.federation.sync()).toMatchObject([
      { status: 'synced', logs: [{ outcome: { status: 'advanced' }, isCosigned: false }] },
    ])
    await a.written.grow(40)
    expect(await b.federation.sync()).toMatchObject([{ logs: [{ isCosigned: false }] }])
  })

  it('ends where an older copy of what it remembers was put back', async () => {
    const a = await organisationA(30)
    const b = await cosigning([{ name: 'a', url: a.url, logs: logsOf(a.written) }])
    const store = witnessStorePath(b.stateHome, key.vkey)
    const old = `${store}.old`
    copyFileSync(store, old)
    await b.federation.sync()
    await b.federation.close()
    copyFileSync(old, store)
    const { config, paths } = b.federation
    const restored = await openNode({ root: b.root, config, witness: [key] })
    // Nothing is signed any more, whoever asks, and whichever process is asked.
    const { app } = await serve(restored.federation)
    const twin = await openNode({ root: b.root, config, witness: [key] })
    // Where a log asks before it has synced, that does not hide what it has forgotten.
    const next = await logOf(30, { name: origin, signer: a.written.signer })
    const asked = { url: '/w/add-checkpoint', payload: `old 0\n\n${next.checkpoints[0]}` }
    expect((await app.inject({ method: 'POST', ...asked })).statusCode).toBe(500)
    rmSync(paths.peers)
    const [synced] = await restored.federation.sync()
    expect(synced).toMatchObject({
      status: 'partial',
      logs: [{ outcome: { status: 'broken', code: 'WITNESS_STATE_DAMAGED' } }],
    })
    expect(synced?.problems.join()).toContain('it cosigned 30 entries')
    const fork = await logOf(31, { name: origin, signer: a.written.signer, forkAt: 3, branch: 1 })
    const payload = `old 0\n\n${fork.checkpoints[0]}`
    for (const asked of [app, (await serve(twin.federation)).app]) {
      const { statusCode } = await asked.inject({
        method: 'POST',
        url: '/w/add-checkpoint',
        payload,
      })
      expect(statusCode).toBe(500)
    }
  })

  it('gives a log its quorum over HTTP', async () => {
    const root = join(temporaryDirectory(), 'a')
    const directory = join(root, 'log')
    // B has to know A's key, and A where B is: the key of a log is the same in every run.
    const { signer, log } = await writeLog({ directory: join(root, 'key'), origin })
    await log.close()
    const policyText = `log ${signer.vkey}\nquorum none\n`
    const b = await cosigning([{ name: 'a', folder: directory, logs: logsOf({ policyText }) }])
    const { url, asked } = await serve(b.federation)
    const policyLines = `witness b ${key.vkey} ${url}w/\nquorum b\n`
    const policy = policyFrom(`log ${signer.vkey}\n${policyLines}`)
    const cosign = witnessCosigner({ policy, tiles: posixTiles(directory) })
    const written = await writeLog({ directory, origin, policyLines, cosign })
    for (const size of [1, 2, 300, 301]) await written.grow(size)
    expect(asked.filter((line) => line.endsWith('200')).length).toBeGreaterThan(3)
    // What is published has the quorum that the policy asks for.
    const reader = await organisationB(written, { folder: directory })
    expect(await reader.federation.sync()).toMatchObject([
      { logs: [{ outcome: { status: 'advanced', head: { size: 301n } } }] },
    ])
    expect((await reader.federation.knowledgeOf(origin))?.prefix).toMatchObject({
      basis: 'cosigned',
      size: 301n,
    })
    expect((await b.federation.witness?.store.state(origin))?.size).toBe(301n)
  })

  it('does not begin without what it remembers, nor with another key', async () => {
    const config = {
      name: 'b.example/vm',
      share: [],
      peers: [],
      witness: { name: key.name, vkey: key.vkey },
    }
    const root = temporaryDirectory()
    const node = await openNode({ root, config, witness: [key] })
    await node.federation.close()
    const store = witnessStorePath(node.stateHome, key.vkey)
    await expect(createWitnessStore(store)).rejects.toMatchObject({ code: 'WITNESS_STATE_EXISTS' })
    rmSync(store)
    const options = {
      workspaceRoot: root,
      stateHome: node.stateHome,
      ownLogs: [],
      clock: () => new Date(),
    }
    await expect(openFederation({ ...options, witnessSigners: [key] })).rejects.toMatchObject({
      code: 'WITNESS_STATE_MISSING',
    })
    const stranger = witnessSigner('c.example/witness')
    await expect(openFederation({ ...options, witnessSigners: [stranger] })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
    const unsigned = await openFederation(options)
    expect(await unsigned.status()).toMatchObject({ witness: { canSign: false } })
    expect(unsigned.witness).toBeUndefined()
    expect(readdirSync(join(root, '.vaultmesh'))).toEqual(['federation.yaml'])
  })
})

describe('the description of a node', () => {
  it('is signed by the logs that it names, and asked for by others', async () => {
    const a = await organisationA(3)
    await expect(askDescription(a.url)).rejects.toThrow('answers 404')
    const described = await a.federation.describe([a.written.signer])
    expect(described).toEqual({
      name: 'a.example/vm',
      logs: [a.written.signer.vkey],
      witnesses: [],
    })
    expect(await askDescription(a.url)).toEqual({
      ok: true,
      description: described,
      signedBy: [a.written.signer.vkey],
    })
    const secretive = await openNode({
      root: a.root,
      config: { ...a.federation.config, share: [] },
      ownLogs: [a.written.own],
    })
    // What was made before names a log that is private now.
    expect(await secretive.federation.description()).toBeUndefined()
    await expect(askDescription((await serve(secretive.federation)).url)).rejects.toThrow('404')
    expect(await secretive.federation.describe([a.written.signer])).toBeUndefined()
    expect(await secretive.federation.description()).toBeUndefined()
    await expect(askDescription('http://10.0.0.1/')).rejects.toMatchObject({ code: 'LOG_OPTIONS' })
    const silent = await listening(() => {})
    await expect(askDescription(silent, { timeoutMs: 1 })).rejects.toThrow()
  })
})
