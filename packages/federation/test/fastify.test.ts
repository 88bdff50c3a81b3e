import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { evaluateCheckpoint } from '@vaultmesh/merkle/policy'
import { VerifiedTiles } from '@vaultmesh/merkle/tiles'
import { formatAddCheckpoint, parseWitnessSize } from '@vaultmesh/merkle/witness'
import { temporaryDirectory } from '@vaultmesh/testing'
import fc from 'fast-check'
import type { FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { maxForkProofBytes } from '../src/fork-proof/types.ts'
import { openHead } from '../src/head.ts'
import { openFederation, originDigest, parseHeads } from '../src/node.ts'
import { makeFork } from './kit/fork.ts'
import { logSigner, witnessSigner } from './kit/keys.ts'
import { type LogShape, MapLog, policyFrom } from './support/map-log.ts'
import { openNode, serve, writeLog } from './support/nodes.ts'

const origin = 'a.example/vm/payments'
const secret = 'a.example/vm/secret'
const mirrored = 'b.example/vm/log'

/** A node with a shared and a private log, a mirror that is private, and a witness. */
async function aNode(share: readonly string[] = [origin]) {
  const root = join(temporaryDirectory(), 'a')
  const logs = join(root, '.vaultmesh', 'logs')
  const written = await writeLog({ directory: join(logs, 'payments'), origin })
  const hidden = await writeLog({ directory: join(logs, 'secret'), origin: secret })
  await written.grow(300)
  await hidden.grow(3)
  const key = witnessSigner('a.example/witness')
  const policy = `log ${logSigner(mirrored).vkey}\nquorum none\n`
  const node = await openNode({
    root,
    config: {
      name: 'a.example/vm',
      share,
      peers: [{ name: 'b', folder: '.', logs: [{ origin: mirrored, policy }] }],
      witness: { name: key.name, vkey: key.vkey },
    },
    ownLogs: [written.own, hidden.own],
    witness: [key],
  })
  return { ...node, ...(await serve(node.federation)), written, key }
}

function post(app: FastifyInstance, payload: Uint8Array | string, type = 'application/json') {
  return app.inject({
    method: 'POST',
    url: '/federation/v1/evidence',
    headers: { 'content-type': type },
    payload: typeof payload === 'string' ? payload : Buffer.from(payload),
  })
}

describe('a node over HTTP', () => {
  it('says what it has once, and then that nothing has changed', async () => {
    const { app, written } = await aNode()
    const first = await app.inject('/federation/v1/heads')
    expect(first.statusCode).toBe(200)
    expect(first.headers).toMatchObject({
      'content-type': 'application/vnd.vaultmesh.heads.v0+json',
      'cache-control': 'no-cache',
    })
    const parsed = parseHeads(first.rawPayload)
    expect(parsed).toMatchObject({ ok: true, document: { heads: [{ origin }], proofs: [] } })
    const etag = String(first.headers.etag)
    const ask = (tag: string) =>
      app.inject({ url: '/federation/v1/heads', headers: { 'if-none-match': tag } })
    const again = await ask(etag)
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag])
    expect((await ask(`"other", W/${etag}`)).statusCode).toBe(304)
    await written.grow(301)
    expect((await ask(etag)).statusCode).toBe(200)
  })

  it('serves shared logs as static files, and nothing of private ones', async () => {
    const { app, federation } = await aNode()
    const at = (name: string, path: string) => app.inject(`/m/${originDigest(name)}/${path}`)
    const checkpoint = await at(origin, 'checkpoint')
    const policy = policyFrom(`log ${logSigner(origin).vkey}\nquorum none\n`)
    const { checkpoint: head } = await evaluateCheckpoint(checkpoint.rawPayload, policy)
    expect(head?.size).toBe(300n)
    const opened = await VerifiedTiles.open(
      head ?? { size: 0n, root: new Uint8Array() },
      async (path) => {
        const { statusCode, rawPayload } = await at(origin, path)
        return statusCode === 200 ? rawPayload : undefined
      },
    )
    expect(opened.ok && (await opened.tiles.bundle(1n))).toMatchObject({ ok: true })
    const nowhere = await at('nobody.example/log', 'checkpoint')
    for (const name of [secret, mirrored]) {
      expect(federation.sharedTiles(name)).toBeUndefined()
      const answer = await at(name, 'checkpoint')
      // A private log looks like one that does not exist.
      const shown = (text: string): string => text.replaceAll(/[0-9a-f]{64}/g, '')
      expect([answer.statusCode, shown(answer.body)]).toEqual([404, shown(nowhere.body)])
    }
  })

  it('gives out no other file, whatever path is asked for', async () => {
    const { app } = await aNode()
    const base = `/m/${originDigest(origin)}`
    for (const path of [
      `${base}/../../../config.yaml`,
      `${base}/%2e%2e/%2e%2e/federation.yaml`,
      `${base}/tile/0/%30%30%30`,
      `${base}/tile/0//000`,
      `${base}/tile/0/000%00`,
      `${base}/tile/entries/999`,
      `${base}/`,
      '/m/',
      '/m/../federation.yaml',
      '/w/..%2fcheckpoint/checkpoint',
      '/federation/v1/evidence/..%2f..%2ffederation.yaml',
      '/federation/v1/evidence/%2e%2e',
      `/federation/v1/evidence/${'0'.repeat(64)}`,
      '/.well-known/vm-federation',
      '/.vaultmesh/federation.yaml',
    ]) {
      expect({ path, status: (await app.inject(path)).statusCode }).toEqual({ path, status: 404 })
    }
    const prefixes = fc.constantFrom(base, '/federation/v1/evidence', '/w', '')
    await fc.assert(
      fc.asyncProperty(prefixes, fc.webPath(), async (prefix, path) => {
        const { statusCode } = await app.inject({ url: `${prefix}/${path}` })
        expect([400, 404]).toContain(statusCode)
      }),
    )
  })

  it('gives out nothing that a link in a shared log leads to', async () => {
    const { app, root, written } = await aNode()
    const secretFile = join(root, 'secret')
    writeFileSync(secretFile, 'a key')
    for (const path of ['checkpoint', 'tile/0/000', 'tile/entries/000']) {
      const file = join(written.own.directory, path)
      rmSync(file)
      symlinkSync(secretFile, file)
      const { statusCode, body } = await app.inject(`/m/${originDigest(origin)}/${path}`)
      expect([statusCode, body]).toEqual([404, 'not found\n'])
    }
    const elsewhere = join(root, 'elsewhere')
    mkdirSync(elsewhere)
    writeFileSync(join(elsewhere, '000'), 'a key')
    const entries = join(written.own.directory, 'tile', 'entries')
    rmSync(entries, { recursive: true })
    symlinkSync(elsewhere, entries)
    const linked = await app.inject(`/m/${originDigest(origin)}/tile/entries/000`)
    expect([linked.statusCode, linked.body]).toEqual([404, 'not found\n'])
    const note = join(root, '.vaultmesh', 'federation.note')
    symlinkSync(secretFile, note)
    expect((await app.inject('/.well-known/vm-federation')).statusCode).toBe(404)
  })

  it('tells nobody where its files are when it fails', async () => {
    const { app, root, written, federation } = await aNode()
    rmSync(join(written.own.directory, 'checkpoint'))
    mkdirSync(join(written.own.directory, 'checkpoint'))
    mkdirSync(federation.paths.description)
    await federation.witness?.store.end(`in ${root}`)
    const checkpoint = await new MapLog({ name: mirrored, signer: logSigner(mirrored) }).grow(3)
    const payload = formatAddCheckpoint({ oldSize: 0n, hashes: [], checkpoint })
    for (const asked of [
      { url: `/m/${originDigest(origin)}/checkpoint` },
      { url: '/.well-known/vm-federation' },
      { url: '/w/add-checkpoint', method: 'POST', payload } as const,
    ]) {
      const { statusCode, body } = await app.inject(asked)
      expect([statusCode, body]).toEqual([500, expect.stringContaining('its log says why')])
      expect(body).not.toContain(root)
    }
    expect((await app.inject('/federation/v1/heads')).statusCode).toBe(200)
  })

  it('answers only the methods that it has', async () => {
    const { app } = await aNode()
    for (const method of ['PUT', 'DELETE', 'PATCH', 'POST'] as const) {
      for (const url of ['/federation/v1/heads', `/m/${originDigest(origin)}/checkpoint`]) {
        const { statusCode } = await app.inject({ method, url, payload: 'x' })
        expect([404, 405]).toContain(statusCode)
      }
    }
    const head = await app.inject({ method: 'HEAD', url: '/federation/v1/heads' })
    expect([head.statusCode, head.body]).toEqual([200, ''])
    expect((await app.inject('/w/add-checkpoint')).statusCode).toBe(404)
  })
})

describe('evidence over HTTP', () => {
  it('is taken once, if it verifies, and given back', async () => {
    const { app, federation } = await aNode()
    const { bytes } = await makeFork(logSigner(origin), [30, 40], 7)
    const id = createHash('sha256').update(bytes).digest('hex')
    expect((await post(app, bytes)).json()).toEqual({ id, status: 'kept' })
    const again = await post(app, bytes, 'text/plain')
    expect([again.statusCode, again.json()]).toEqual([200, { id, status: 'known' }])
    expect((await app.inject('/federation/v1/evidence')).json()).toEqual({
      proofs: [{ id, origin }],
    })
    const given = await app.inject(`/federation/v1/evidence/${id}`)
    expect(given.headers['content-type']).toBe('application/vnd.vaultmesh.fork.v0+json')
    expect(given.rawPayload.equals(bytes)).toBe(true)
    expect((await federation.heads()).proofs).toEqual([{ id, origin }])
    // The node's own tree is a third one, and parts from both where they have something in common.
    expect((await federation.knowledgeOf(origin))?.prefix).toMatchObject({
      size: 0n,
      basis: 'divided',
    })
  })

  it('is refused where it proves nothing, or is of a log that is not shared', async () => {
    const { app, federation } = await aNode()
    const forkOf = async (name: string, key = name) =>
      (await makeFork(logSigner(name, key), [30, 40], 7)).bytes
    const good = await forkOf(origin)
    const broken = Buffer.from(good)
    broken[broken.indexOf('"root":"') + 10] = 0x42
    for (const [payload, status] of [
      ['', 422],
      ['{}', 422],
      ['nonsense', 422],
      [Buffer.alloc(1000, 0xff), 422],
      [broken, 422],
      [Buffer.concat([good, Buffer.from(' ')]), 422],
      [await forkOf(origin, 'a stranger'), 422],
      [await forkOf(secret), 404],
      [await forkOf(mirrored), 404],
      [await forkOf('nobody.example/log'), 404],
      [Buffer.alloc(maxForkProofBytes + 1, 0x20), 413],
    ] as const) {
      const { statusCode } = await post(app, payload)
      expect(statusCode).toBe(status)
    }
    expect(await federation.evidence.list()).toEqual([])
    // What the node knows of a private log it does not tell.
    const known = await federation.evidence.add(await forkOf(secret))
    expect(known.status).toBe('kept')
    const id = known.status === 'refused' ? '' : known.id
    expect((await app.inject(`/federation/v1/evidence/${id}`)).statusCode).toBe(404)
    expect((await app.inject('/federation/v1/evidence')).json()).toEqual({ proofs: [] })
  })

  it('survives any bytes, and damage to any byte of a real one', async () => {
    const { app, federation } = await aNode()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect([404, 422]).toContain((await post(app, bytes)).statusCode)
      }),
    )
    const { bytes } = await makeFork(logSigner(origin), [2, 2], 1)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, bit) => {
          const damaged = Uint8Array.from(bytes)
          damaged[at] = (damaged[at] ?? 0) ^ bit
          expect([404, 422]).toContain((await post(app, damaged)).statusCode)
        },
      ),
    )
    expect(await federation.evidence.list()).toEqual([])
  })

  it('is bounded: of many forks of one log the most telling stay', async () => {
    const { app, federation } = await aNode()
    const signer = logSigner(origin)
    const statuses: string[] = []
    for (let common = 40; common > 4; common -= 1) {
      const { bytes } = await makeFork(signer, [41, 42], common)
      statuses.push((await post(app, bytes)).json<{ status: string }>().status)
    }
    expect(new Set(statuses)).toEqual(new Set(['kept']))
    const kept = await federation.evidence.list(origin)
    const sizes = kept.map(({ fork }) => Number(fork.divergence?.size)).sort((x, y) => x - y)
    expect(sizes).toEqual(Array.from({ length: 32 }, (_, i) => i + 5))
    const late = await makeFork(signer, [41, 42], 39)
    expect((await post(app, late.bytes)).json()).toMatchObject({ status: 'surplus' })
    expect(await federation.evidence.list(origin)).toHaveLength(32)
  })
})

describe('the witness over HTTP', () => {
  const log = logSigner(mirrored)
  const shape: LogShape = { name: mirrored, signer: log }

  async function proofFrom(map: MapLog, from: bigint): Promise<readonly Uint8Array[]> {
    const policy = policyFrom(`log ${log.vkey}\nquorum none\n`)
    const opened = await openHead(map.checkpoints.at(-1) ?? '', mirrored, policy)
    if (!opened.ok) throw new Error(opened.detail)
    const tiles = await VerifiedTiles.open(opened.head, (path) => map.tiles.read(path, 1e9))
    const proof = tiles.ok ? await tiles.tiles.consistency(from) : tiles
    if (!proof.ok) throw new Error(proof.detail)
    return proof.hashes
  }

  /** The cases of tlog-witness, one after the other against one witness. */
  it('answers with the statuses of tlog-witness', async () => {
    const { app, key, federation } = await aNode([mirrored])
    const ask = (payload: string | Buffer) =>
      app.inject({ method: 'POST', url: '/w/add-checkpoint', payload })
    const map = new MapLog(shape)
    const first = await map.grow(5)
    const request = (oldSize: bigint, hashes: readonly Uint8Array[], checkpoint: string): string =>
      formatAddCheckpoint({ oldSize, hashes, checkpoint })

    // 400: no request at all.
    for (const body of [
      '',
      'old 0\n',
      'old -1\n\n',
      Buffer.alloc(100, 0xff),
      `old 00\n\n${first}`,
    ]) {
      expect((await ask(body)).statusCode).toBe(400)
    }
    // 404: a log that is not known; its own logs are none of its business.
    const stranger = new MapLog({
      name: 'nobody.example/log',
      signer: logSigner('nobody.example/log'),
    })
    expect((await ask(request(0n, [], await stranger.grow(3)))).statusCode).toBe(404)
    const own = new MapLog({ name: origin, signer: logSigner(origin) })
    expect((await ask(request(0n, [], await own.grow(3)))).statusCode).toBe(404)
    // 403: known, and not signed by its key.
    const forged = new MapLog({ name: mirrored, signer: logSigner(mirrored, 'another key') })
    expect((await ask(request(0n, [], await forged.grow(3)))).statusCode).toBe(403)
    const larger = first.replace('\n5\n', '\n6\n')
    expect((await ask(request(0n, [], larger))).statusCode).toBe(403)
    // 400: the old size is above the checkpoint's.
    expect((await ask(request(6n, [], first))).statusCode).toBe(400)
    // 409, with the size: it has none of this log yet.
    const unknown = await ask(request(5n, [], first))
    expect([unknown.statusCode, unknown.headers['content-type'], unknown.body]).toEqual([
      409,
      'text/x.tlog.size',
      '0\n',
    ])
    // 200: the first one, and again from the size that it has now.
    const cosigned = await ask(request(0n, [], first))
    expect(cosigned.statusCode).toBe(200)
    const policy = policyFrom(`log ${log.vkey}\nwitness w ${key.vkey}\nquorum w\n`)
    expect(await evaluateCheckpoint(`${first}${cosigned.body}`, policy)).toMatchObject({
      logVerified: true,
      witnessed: true,
    })
    expect((await ask(request(5n, [], first))).statusCode).toBe(200)
    // 409: as if it were the first; 422: another tree of the same size.
    const stale = await ask(request(0n, [], first))
    expect([stale.statusCode, parseWitnessSize(stale.rawPayload)]).toEqual([409, 5n])
    const other = new MapLog({ ...shape, forkAt: 2, branch: 1 })
    expect((await ask(request(5n, [], await other.grow(5)))).statusCode).toBe(422)
    // 422: a proof that proves nothing, none, or one that is not needed.
    const second = await map.grow(300)
    const proof = await proofFrom(map, 5n)
    expect((await ask(request(5n, [], second))).statusCode).toBe(422)
    expect((await ask(request(5n, [...proof, new Uint8Array(32)], second))).statusCode).toBe(422)
    expect((await ask(request(5n, proof.toReversed(), second))).statusCode).toBe(422)
    await other.grow(300)
    const otherProof = await proofFrom(other, 5n)
    expect((await ask(request(5n, otherProof, other.checkpoints[1] ?? ''))).statusCode).toBe(422)
    // 200: the right one; then 409 for whoever is behind.
    expect((await ask(request(5n, proof, second))).statusCode).toBe(200)
    expect((await ask(request(5n, proof, second))).statusCode).toBe(409)
    expect((await ask(request(5n, [], first))).body).toBe('300\n')
    expect((await federation.witness?.store.state(mirrored))?.size).toBe(300n)
    // 413: longer than any request.
    expect((await ask(Buffer.alloc(600_000, 0x20))).statusCode).toBe(413)
    const monitored = await app.inject(`/w/${originDigest(mirrored)}/checkpoint`)
    expect(monitored.body.startsWith(`${mirrored}\n300\n`)).toBe(true)
    expect((await app.inject(`/w/${originDigest('nobody')}/checkpoint`)).statusCode).toBe(404)
  })

  it('never cosigns two of the histories that race for it, by whichever handle', async () => {
    const first = await aNode()
    const second = await openFederation({
      workspaceRoot: first.root,
      stateHome: first.stateHome,
      ownLogs: [],
      witnessSigners: [first.key],
      clock: () => new Date(),
    })
    onTestFinished(() => second.close())
    const apps = [first.app, (await serve(second)).app]
    const [one, two] = [new MapLog(shape), new MapLog({ ...shape, forkAt: 2, branch: 1 })]
    const bodies = await Promise.all(
      [one, two].map(async (map) =>
        formatAddCheckpoint({ oldSize: 0n, hashes: [], checkpoint: await map.grow(9) }),
      ),
    )
    const answers = await Promise.all(
      apps.flatMap((app) =>
        bodies.map((payload) => app.inject({ method: 'POST', url: '/w/add-checkpoint', payload })),
      ),
    )
    const statuses = answers.map(({ statusCode }) => statusCode)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 409)).toHaveLength(3)
  })

  it.each([
    ['what it cosigned', false],
    ['its mirror', true],
  ])('keeps the proof where a log asks with another history than %s', async (_, isMirrored) => {
    const { app, federation } = await aNode()
    const ask = (oldSize: bigint, hashes: readonly Uint8Array[], checkpoint: string) =>
      app.inject({
        method: 'POST',
        url: '/w/add-checkpoint',
        payload: formatAddCheckpoint({ oldSize, hashes, checkpoint }),
      })
    const map = new MapLog(shape)
    expect((await ask(0n, [], await map.grow(9))).statusCode).toBe(200)
    // It is only behind, or its proof is wrong: that is no fork.
    expect((await ask(0n, [], map.checkpoints[0] ?? '')).statusCode).toBe(409)
    expect((await ask(9n, [], await map.grow(300))).statusCode).toBe(422)
    expect(await federation.evidence.list()).toEqual([])
    const other = new MapLog({ ...shape, forkAt: 2, branch: 1 })
    // With a mirror's tiles at hand, also where the sizes differ.
    if (isMirrored) await federation.mirrors[0]?.advance(map.tiles)
    const { statusCode } = await ask(isMirrored ? 0n : 9n, [], await other.grow(isMirrored ? 7 : 9))
    expect(statusCode).toBe(isMirrored ? 409 : 422)
    expect(await federation.evidence.list()).toMatchObject([{ fork: { origin: mirrored } }])
  })

  it('does not cosign another history than its mirror has, though it cosigned none yet', async () => {
    const { app, federation } = await aNode()
    const map = new MapLog(shape)
    await map.grow(300)
    await federation.mirrors[0]?.advance(map.tiles)
    const checkpoint = await new MapLog({ ...shape, forkAt: 2, branch: 1 }).grow(9)
    const payload = formatAddCheckpoint({ oldSize: 0n, hashes: [], checkpoint })
    const refused = await app.inject({ method: 'POST', url: '/w/add-checkpoint', payload })
    expect([refused.statusCode, refused.body]).toEqual([409, '300\n'])
    expect(await federation.evidence.list()).toMatchObject([{ fork: { origin: mirrored } }])
    // The log itself goes on from there.
    const next = await map.grow(301)
    const hashes = await proofFrom(map, 300n)
    const asked = formatAddCheckpoint({ oldSize: 300n, hashes, checkpoint: next })
    const { statusCode } = await app.inject({
      method: 'POST',
      url: '/w/add-checkpoint',
      payload: asked,
    })
    expect(statusCode).toBe(200)
  })

  it('cosigns for a private mirror whose log asks, and shows nobody what', async () => {
    const { app, federation } = await aNode()
    const checkpoint = await new MapLog(shape).grow(9)
    const payload = formatAddCheckpoint({ oldSize: 0n, hashes: [], checkpoint })
    const { statusCode } = await app.inject({ method: 'POST', url: '/w/add-checkpoint', payload })
    expect(statusCode).toBe(200)
    expect((await federation.witness?.store.state(mirrored))?.size).toBe(9n)
    const [shown, nowhere] = await Promise.all(
      [mirrored, 'nobody.example/log'].map((name) =>
        app.inject(`/w/${originDigest(name)}/checkpoint`),
      ),
    )
    expect([shown?.statusCode, shown?.body]).toEqual([404, nowhere?.body])
  })

  it('is not there where the node has none', async () => {
    const node = await openNode({
      root: temporaryDirectory(),
      config: { name: 'c.example/vm', share: ['nobody.example/log'], peers: [] },
    })
    const { app } = await serve(node.federation)
    expect((await app.inject({ method: 'POST', url: '/w/add-checkpoint' })).statusCode).toBe(404)
    expect(parseHeads((await app.inject('/federation/v1/heads')).rawPayload)).toEqual({
      ok: true,
      document: { heads: [], proofs: [] },
    })
  })
})
