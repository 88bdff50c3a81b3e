import { randomBytes } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { encodeEntryBundle } from '@vaultmesh/merkle/tiles'
import { witnessCheckpointPath } from '@vaultmesh/merkle/witness'
import fc from 'fast-check'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { acceptsGzip, matchesTag } from '../src/fastify/negotiation.ts'
import { parseRange } from '../src/fastify/range.ts'
import { staticLog, type WitnessPluginOptions, type WitnessStore, witness } from '../src/fastify.ts'
import type { TileReader } from '../src/storage.ts'
import { witnessCosigner } from '../src/witness/cosigner.ts'
import { identity, type MapTiles, publishedLog } from './support/published.ts'
import { witnessKey } from './support/witnesses.ts'

async function serving(
  tiles: TileReader,
  options: { minimumIndex?: bigint } = {},
): Promise<FastifyInstance> {
  const app = fastify()
  await app.register(staticLog, { tiles, ...options, prefix: '/log' })
  onTestFinished(() => app.close())
  return app
}

type Headers = Readonly<Record<string, string>>

function get(app: FastifyInstance, path: string, headers: Headers = {}) {
  return app.inject({ method: 'GET', url: `/log/${path}`, headers })
}

describe('the files of a log over HTTP', () => {
  it('are what the folder holds, with headers for caches', async () => {
    const { tiles } = await publishedLog(300)
    const app = await serving(tiles)
    for (const [path, bytes] of tiles.files) {
      const { statusCode, headers, rawPayload } = await get(app, path)
      expect({ path, statusCode, rawPayload }).toEqual({
        path,
        statusCode: 200,
        rawPayload: Buffer.from(bytes),
      })
      const isCheckpoint = path === 'checkpoint'
      expect(headers).toMatchObject({
        'content-type': isCheckpoint ? 'text/plain; charset=utf-8' : 'application/octet-stream',
        'cache-control': isCheckpoint
          ? 'public, max-age=1, must-revalidate'
          : path.includes('.p/')
            ? 'public, max-age=86400'
            : 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
        etag: expect.stringMatching(/^"[\w-]{43}"$/),
      })
    }
  })

  it('are not there where they are not, and nothing else is', async () => {
    const { tiles } = await publishedLog(300)
    // What a careless server would give out.
    tiles.files.set('secret', Buffer.from('secret'))
    tiles.files.set('tile/secret', Buffer.from('secret'))
    const app = await serving(tiles)
    for (const path of [
      'tile/0/002',
      'tile/0/001.p/45',
      'tile/0/000.p/256',
      'tile/0/000.p/0',
      'tile/0/0',
      'tile/00/000',
      'tile/64/000',
      'tile/0/x000/000',
      'tile/secret',
      'tile/../secret',
      'tile/0/../../secret',
      'tile/%2e%2e/secret',
      'tile/0/%30%30%30',
      'tile/0/000%00',
      'tile/',
      'secret',
      '',
    ]) {
      const { statusCode, body } = await get(app, path)
      expect({ path, statusCode }).toEqual({ path, statusCode: 404 })
      expect(body).not.toContain('secret\n')
    }
    const { headers } = await get(app, 'tile/0/002')
    expect(headers['cache-control']).toBe('no-store')
    expect((await app.inject({ method: 'POST', url: '/log/checkpoint' })).statusCode).toBe(404)
    const empty = await serving({ name: 'nothing', read: async () => undefined })
    expect((await get(empty, 'checkpoint')).statusCode).toBe(404)
  })

  it('never reach what is not a path of a log', async () => {
    const asked: string[] = []
    const app = await serving({
      name: 'all',
      async read(path) {
        asked.push(path)
        return Uint8Array.of(1)
      },
    })
    await fc.assert(
      fc.asyncProperty(fc.webPath(), fc.string(), async (path, more) => {
        await get(app, `tile${path}/${encodeURIComponent(more)}`)
        expect(
          asked.every((each) => /^tile\/(\d+|entries)(\/x?\d{3})+(\.p\/\d+)?$/.test(each)),
        ).toBe(true)
      }),
    )
  })

  it('answer HEAD as GET, without the bytes', async () => {
    const { tiles } = await publishedLog(300)
    const app = await serving(tiles)
    for (const path of tiles.files.keys()) {
      const head = await app.inject({ method: 'HEAD', url: `/log/${path}` })
      expect(head.statusCode).toBe(200)
      expect(head.rawPayload.length).toBe(0)
      expect(head.headers['content-length']).toBe(String(tiles.files.get(path)?.length))
      expect(head.headers.etag).toBe((await get(app, path)).headers.etag)
    }
  })

  it('are not sent again to whoever has them', async () => {
    const { tiles, checkpoints } = await publishedLog(300, 301)
    const app = await serving(tiles)
    for (const path of ['checkpoint', 'tile/0/000']) {
      const { etag = '' } = (await get(app, path)).headers
      const again = await get(app, path, { 'if-none-match': String(etag) })
      expect(again.statusCode).toBe(304)
      expect(again.headers.etag).toBe(etag)
      expect(again.body).toBe('')
    }
    const { etag = '' } = (await get(app, 'checkpoint')).headers
    await tiles.publish(checkpoints[0] ?? '')
    expect((await get(app, 'checkpoint', { 'if-none-match': String(etag) })).statusCode).toBe(200)
  })

  it('are compressed where that pays and is wanted', async () => {
    const { tiles } = await publishedLog(700)
    const bundle = Buffer.from(tiles.files.get('tile/entries/000') ?? [])
    const app = await serving(tiles)
    const zipped = await get(app, 'tile/entries/000', { 'accept-encoding': 'br, gzip;q=0.5' })
    expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
    expect(gunzipSync(zipped.rawPayload)).toEqual(bundle)
    expect(zipped.rawPayload.length).toBeLessThan(bundle.length)
    const plain = await get(app, 'tile/entries/000', { 'accept-encoding': 'gzip;q=0' })
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(plain.headers['vary']).toBe('accept-encoding')
    expect(plain.rawPayload).toEqual(bundle)
    // Two representations have two tags.
    expect(plain.headers.etag).not.toBe(zipped.headers.etag)
    // Hashes can't be compressed.
    const tile = await get(app, 'tile/0/000', { 'accept-encoding': 'gzip' })
    expect(tile.headers['content-encoding']).toBeUndefined()
  })

  it('are given in one part at most', async () => {
    const { tiles } = await publishedLog(300)
    const bytes = Buffer.from(tiles.files.get('tile/0/000') ?? [])
    const app = await serving(tiles)
    const { etag = '' } = (await get(app, 'tile/0/000')).headers
    const part = await get(app, 'tile/0/000', { range: 'bytes=32-63' })
    expect(part.statusCode).toBe(206)
    expect(part.headers['content-range']).toBe('bytes 32-63/8192')
    expect(part.rawPayload).toEqual(bytes.subarray(32, 64))
    const beyond = await get(app, 'tile/0/000', { range: 'bytes=8192-' })
    expect(beyond.statusCode).toBe(416)
    expect(beyond.headers['content-range']).toBe('bytes */8192')
    const headers = { range: 'bytes=0-0' }
    const same = await get(app, 'tile/0/000', { ...headers, 'if-range': String(etag) })
    expect(same.statusCode).toBe(206)
    const other = await get(app, 'tile/0/000', { ...headers, 'if-range': '"other"' })
    expect(other.statusCode).toBe(200)
    const several = await get(app, 'tile/0/000', { range: `bytes=${'0-1,'.repeat(500)}5-6` })
    expect(several.statusCode).toBe(200)
    const checkpoint = await get(app, 'checkpoint', headers)
    expect(checkpoint.statusCode).toBe(200)
    const both = { ...headers, 'accept-encoding': 'gzip' }
    const bundle = await get(app, 'tile/entries/000', both)
    expect(bundle.headers['content-encoding']).toBeUndefined()
    expect(bundle.statusCode).toBe(206)
  })

  it('keep back what was pruned, and nothing else', async () => {
    const { tiles } = await publishedLog(700)
    const app = await serving(tiles, { minimumIndex: 300n })
    const answers: [string, number][] = []
    for (const path of tiles.files.keys()) answers.push([path, (await get(app, path)).statusCode])
    const gone = answers.filter(([, status]) => status !== 200).map(([path]) => path)
    expect(gone.sort()).toEqual(['tile/0/000', 'tile/entries/000'])
  })

  it('give 500 where they can not be read, and no path of this machine', async () => {
    const app = await serving({
      name: 'broken',
      async read() {
        throw new Error('EIO: /srv/log/tile/0/000')
      },
    })
    const { statusCode } = await get(app, 'tile/0/000')
    expect(statusCode).toBe(500)
  })
})

describe('a Range header', () => {
  it.each([
    [undefined, undefined],
    ['bytes=0-', { first: 0, last: 9 }],
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=5-99', { first: 5, last: 9 }],
    ['bytes=-3', { first: 7, last: 9 }],
    ['bytes=-99', { first: 0, last: 9 }],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=5-4', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,3-4', undefined],
    ['items=0-1', undefined],
  ] as const)('%s', (header, expected) => {
    expect(parseRange(header, 10)).toEqual(expected)
  })

  it('never asks for more than there is', () => {
    const number = fc.oneof(fc.nat(), fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.constant(''))
    fc.assert(
      fc.property(number, number, fc.nat(1000), (from, to, length) => {
        const range = parseRange(`bytes=${from}-${to}`, length)
        if (range === undefined || range === 'unsatisfiable') return
        expect(0 <= range.first && range.first <= range.last && range.last < length).toBe(true)
      }),
    )
  })
})

describe('negotiation', () => {
  it('knows when gzip is wanted', () => {
    for (const header of ['gzip', 'GZIP', 'br, gzip', '*', 'gzip;q=0.1', 'x-gzip']) {
      expect(acceptsGzip(header)).toBe(true)
    }
    for (const header of [undefined, '', 'br', 'gzip;q=0', 'gzip; q=0.0', '*;q=0', 'gzip;q=x']) {
      expect(acceptsGzip(header)).toBe(false)
    }
    expect(acceptsGzip('gzip;q=0, *')).toBe(false)
  })

  it('knows a tag', () => {
    for (const header of ['"a"', 'W/"a"', '"b", "a"', '*'])
      expect(matchesTag(header, '"a"')).toBe(true)
    for (const header of [undefined, '', '"b"', 'a']) expect(matchesTag(header, '"a"')).toBe(false)
  })
})

/** What a witness remembers, in memory. */
function memoryStore(): WitnessStore & { readonly log: string[] } {
  const states = new Map<string, Parameters<Parameters<WitnessStore['update']>[1]>[0]>()
  const kept = new Map<string, string>()
  const log: string[] = []
  return {
    log,
    async update(origin, decide) {
      const decision = decide(states.get(origin))
      if (decision.ok) states.set(origin, decision.next)
      log.push(`update ${decision.status}`)
      return decision
    },
    async keep(path, checkpoint) {
      kept.set(path, checkpoint)
    },
    kept: async (path) => kept.get(path),
  }
}

describe('a witness over HTTP', () => {
  async function witnessing(
    store: WitnessStore,
    more: Pick<WitnessPluginOptions, 'onRefused'> = {},
  ): Promise<{ app: FastifyInstance; policy: string }> {
    const key = witnessKey('w1')
    const signer = {
      ...key,
      sign(text: Uint8Array) {
        if ('log' in store && Array.isArray(store.log)) store.log.push('sign')
        return key.sign(text)
      },
    }
    const app = fastify()
    await app.register(witness, {
      verifiersOf: (origin) => (origin === identity.origin ? identity.verifiers : undefined),
      signers: [signer],
      store,
      ...more,
    })
    onTestFinished(() => app.close())
    return { app, policy: key.vkey }
  }

  async function cosigner(app: FastifyInstance, vkey: string, tiles: MapTiles) {
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const policy = {
      logs: [],
      witnesses: [{ name: 'w1', vkey, url }],
      groups: [],
      quorum: 'w1',
    }
    return witnessCosigner({ policy, tiles })
  }

  it('cosigns what grows, after it has stored it', async () => {
    const store = memoryStore()
    const { app, policy } = await witnessing(store)
    const { tiles, checkpoints } = await publishedLog(5, 300)
    const cosign = await cosigner(app, policy, tiles)
    for (const checkpoint of checkpoints) expect(await cosign(checkpoint)).toContain('— w1 ')
    expect(store.log).toEqual(['update 409', 'update 200', 'sign', 'update 200', 'sign'])
    const monitored = await app.inject(`/${witnessCheckpointPath(identity.origin)}`)
    expect(monitored.body).toContain(`${identity.origin}\n300\n`)
    expect(monitored.body).toContain('— w1 ')
    expect((await app.inject('/nobody/checkpoint')).statusCode).toBe(404)
  })

  it('tells of signed checkpoints that do not follow, whatever becomes of that', async () => {
    const told: string[] = []
    const { app } = await witnessing(memoryStore(), {
      async onRefused({ head }, { status }) {
        told.push(`${head.size} ${status}`)
        throw new Error('nobody listens')
      },
    })
    const { checkpoints } = await publishedLog(5)
    const payload = (oldSize: number): string => `old ${oldSize}\n\n${checkpoints[0]}`
    for (const [oldSize, status] of [
      [6, 400],
      [5, 409],
      [0, 200],
      [0, 409],
    ] as const) {
      const answer = await app.inject({
        method: 'POST',
        url: '/add-checkpoint',
        payload: payload(oldSize),
      })
      expect(answer.statusCode).toBe(status)
    }
    expect(told).toEqual(['5 409', '5 409'])
  })

  it('asks its store for paths of logs only', async () => {
    const asked: string[] = []
    const kept = async (path: string): Promise<undefined> => {
      asked.push(path)
      return undefined
    }
    const { app } = await witnessing({ ...memoryStore(), kept })
    const known = witnessCheckpointPath(identity.origin)
    const others = ['..%2F..%2Fetc', '%2e%2e', '-', known.toUpperCase().slice(0, 64), '%00']
    for (const path of [...others.map((log) => `${log}/checkpoint`), known]) {
      expect((await app.inject(`/${path}`)).statusCode).toBe(404)
    }
    expect(asked).toEqual([known])
  })

  it('gives no cosignature where it could not store', async () => {
    const store = memoryStore()
    store.update = async () => {
      throw new Error('EIO')
    }
    const { app, policy } = await witnessing(store)
    const { tiles, checkpoints } = await publishedLog(5)
    const cosign = await cosigner(app, policy, tiles)
    await expect(cosign(checkpoints[0] ?? '')).rejects.toThrow('w1: it answers 500')
    expect(store.log).toEqual([])
  })

  it('refuses with the status that tlog-witness asks for', async () => {
    const { app } = await witnessing(memoryStore())
    const { checkpoints } = await publishedLog(5)
    const [checkpoint = ''] = checkpoints
    const post = (payload: string | Buffer, type = 'text/plain') =>
      app.inject({
        method: 'POST',
        url: '/add-checkpoint',
        payload,
        headers: { 'content-type': type },
      })
    expect((await post('')).statusCode).toBe(400)
    expect((await post(randomBytes(99))).statusCode).toBe(400)
    expect((await post('{}', 'application/json')).statusCode).toBe(400)
    expect((await post('x'.repeat(600_000))).statusCode).toBe(413)
    const stranger = checkpoint.replaceAll(identity.origin, 'example.com/other')
    expect((await post(`old 0\n\n${stranger}`)).statusCode).toBe(404)
    expect((await post(`old 0\n\n${checkpoint.replace('\n5\n', '\n6\n')}`)).statusCode).toBe(403)
    expect((await post(`old 6\n\n${checkpoint}`)).statusCode).toBe(400)
    const conflict = await post(`old 5\n\n${checkpoint}`)
    expect(conflict.statusCode).toBe(409)
    expect(conflict.headers['content-type']).toBe('text/x.tlog.size')
    expect(conflict.body).toBe('0\n')
    // Whatever it is said to be.
    expect((await post(`old 0\n\n${checkpoint}`, 'application/json')).statusCode).toBe(200)
  })
})

// A bundle as large as one can be.
it('a bundle of 16 MiB is served', async () => {
  const bytes = encodeEntryBundle(Array.from({ length: 256 }, () => new Uint8Array(65_535)))
  const app = await serving({ name: 'large', read: async () => bytes })
  const zipped = await get(app, 'tile/entries/000', { 'accept-encoding': 'gzip' })
  expect(gunzipSync(zipped.rawPayload).length).toBe(bytes.length)
})
