import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeUtf8 } from '@vaultmesh/merkle/bytes'
import { ed25519NoteSigner, nodeEd25519NoteVerifier } from '@vaultmesh/merkle/node'
import { temporaryDirectory } from '@vaultmesh/testing'
import {
  checkLog,
  type FileSystem,
  memoryStorage,
  nodeFileSystem,
  posixTiles,
  type TileReader,
} from '@vaultmesh/tlog'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseForkProof } from '../src/fork-proof/parse.ts'
import { verifyForkProof } from '../src/fork-proof/verify.ts'
import { openHead } from '../src/head.ts'
import type { Seen } from '../src/node/compare.ts'
import { proveFork } from '../src/node/fork.ts'
import { filesBetween } from '../src/node/grow.ts'
import {
  type EvidenceStore,
  type Mirror,
  type MirrorAdvance,
  openEvidenceStore,
  openMirror,
} from '../src/node.ts'
import {
  emptyReader,
  flipBit,
  type LogShape,
  logKey,
  logOf,
  MapLog,
  MapTiles,
  origin,
  plainPolicy,
  policyFrom,
  testKey,
  witnessKey,
} from './support/map-log.ts'

interface TestMirror {
  readonly mirror: Mirror
  readonly tiles: MapTiles
  readonly evidence: EvidenceStore
}

function evidenceIn(directory: string, policy = plainPolicy): EvidenceStore {
  return openEvidenceStore({
    directory,
    trustOf: (name) => (name === origin ? policy : undefined),
  })
}

/** A mirror in memory. */
function testMirror(tiles = new MapTiles(), policy = plainPolicy): TestMirror {
  const evidence = evidenceIn(join(temporaryDirectory(), 'evidence'), policy)
  const { lock } = memoryStorage()
  const mirror = openMirror({ origin, policy, evidence, directory: { tiles, lock } })
  return { mirror, tiles, evidence }
}

function only<S extends MirrorAdvance['status']>(
  advance: MirrorAdvance,
  status: S,
): Extract<MirrorAdvance, { status: S }> {
  expect(advance).toMatchObject({ status })
  return advance as Extract<MirrorAdvance, { status: S }>
}

/** A mirror of a log of 700 entries, and what the log was at 300. */
async function mirrorOf700(): Promise<TestMirror & { readonly older: MapTiles }> {
  const log = new MapLog()
  await log.grow(300)
  const older = log.tiles.copy()
  await log.grow(700)
  const made = testMirror()
  await made.mirror.advance(log.tiles)
  return { ...made, older }
}

describe('mirroring a log', () => {
  it.each([0, 1, 255, 256, 257, 70_000])('takes all of %i entries', async (size) => {
    const log = await logOf(size)
    const { mirror, tiles } = testMirror()
    const seen: bigint[] = []
    const advanced = only(
      await mirror.advance(log.tiles, { onProgress: ({ done }) => seen.push(done) }),
      'advanced',
    )
    expect(advanced).toMatchObject({ from: 0n, head: { size: BigInt(size) } })
    expect(tiles.content()).toEqual(log.tiles.content())
    expect(seen.at(-1)).toBe(size === 0 ? undefined : BigInt(size))
    expect(seen).toEqual(seen.toSorted((a, b) => Number(a - b)))
    expect(await mirror.advance(log.tiles)).toMatchObject({ status: 'in-sync' })
    expect(await mirror.isQuarantined()).toBe(false)
  })

  it('takes only what it does not have, whatever the sizes', async () => {
    const log = new MapLog()
    const { mirror, tiles } = testMirror()
    for (const size of [0, 1, 3, 255, 256, 257, 511, 513, 900]) {
      await log.grow(size)
      const before = new Set(tiles.files.keys())
      log.tiles.reads.length = 0
      await mirror.advance(log.tiles)
      expect(log.tiles.reads.filter((path) => path !== 'checkpoint' && before.has(path))).toEqual(
        [],
      )
      expect(new Set(log.tiles.reads).size).toBe(log.tiles.reads.length)
    }
    // Of the partial files, those of the last two sizes are left, and those without a full one.
    const partial = [...tiles.files.keys()].filter((path) => path.includes('.p/')).sort()
    expect(partial).toEqual([
      'tile/0/002.p/1',
      'tile/0/003.p/132',
      'tile/1/000.p/1',
      'tile/1/000.p/2',
      'tile/1/000.p/3',
      'tile/entries/002.p/1',
      'tile/entries/003.p/132',
    ])
    const left = Object.entries(log.tiles.content()).filter(([path]) => tiles.files.has(path))
    expect(tiles.content()).toEqual(Object.fromEntries(left))
    expect(left).toHaveLength(1 + 2 * 3 + partial.length)
  })

  it('stays near the size of the log, however often it advances', async () => {
    const log = new MapLog()
    const { mirror, tiles } = testMirror()
    for (let size = 10; size <= 1030; size += 10) {
      await log.grow(size)
      await mirror.advance(log.tiles)
    }
    const whole = testMirror()
    await whole.mirror.advance(log.tiles)
    // Of four full bundles' time, each step would have left a tile and a bundle.
    expect(tiles.files.size).toBeLessThan(whole.tiles.files.size + 10)
    for (const [path, bytes] of whole.tiles.files) expect(tiles.files.get(path)).toEqual(bytes)
    const reader = testMirror()
    expect(await reader.mirror.advance(tiles)).toMatchObject({ status: 'advanced' })
  })

  it('keeps what a reader of the checkpoint before needs, and tidies up the next time', async () => {
    const log = new MapLog()
    const made = testMirror()
    for (const size of [100, 200]) {
      await log.grow(size)
      await made.mirror.advance(log.tiles)
    }
    const before = made.tiles.copy()
    await log.grow(300)
    made.tiles.intercept = (operation) => {
      if (operation === 'delete') throw new Error('killed')
    }
    await expect(made.mirror.advance(log.tiles)).rejects.toMatchObject({ code: 'FEDERATION_IO' })
    made.tiles.intercept = () => {}
    expect((await made.mirror.head())?.size).toBe(300n)
    expect(made.tiles.files.has('tile/0/000.p/100')).toBe(true)
    await log.grow(301)
    await made.mirror.advance(log.tiles)
    expect(made.tiles.files.has('tile/0/000.p/200')).toBe(true)
    await log.grow(600)
    await made.mirror.advance(log.tiles)
    expect(
      [...made.tiles.files.keys()].filter((path) => path.startsWith('tile/0/')).sort(),
    ).toEqual(['tile/0/000', 'tile/0/001', 'tile/0/001.p/45', 'tile/0/002.p/88'])
    // A reader of an old checkpoint takes the full tile in place of a partial one that is gone.
    const late: TileReader = {
      name: 'late',
      read: (path, limit) => (path === 'checkpoint' ? before : made.tiles).read(path, limit),
    }
    expect(await testMirror().mirror.advance(late)).toMatchObject({ head: { size: 200n } })
  })

  it('tells where a full tile that should stand for partial ones is damaged', async () => {
    const log = new MapLog()
    const { mirror, tiles } = testMirror()
    for (const size of [200, 300]) {
      await log.grow(size)
      await mirror.advance(log.tiles)
    }
    flipBit(tiles, 'tile/entries/000')
    await log.grow(600)
    await expect(mirror.advance(log.tiles)).rejects.toMatchObject({ code: 'MIRROR_DAMAGED' })
    expect(tiles.files.has('tile/entries/000.p/200')).toBe(true)
  })

  it('has files of exactly the sizes between, for any two sizes', () => {
    const size = fc.bigInt({ min: 0n, max: 70_000n })
    fc.assert(
      fc.property(size, size, (a, b) => {
        const [from, to] = a < b ? [a, b] : [b, a]
        const key = (files: Iterable<object>): Set<string> =>
          new Set(Array.from(files, ({ ...file }) => JSON.stringify(Object.values(file), text)))
        const whole = key(filesBetween(0n, to))
        const had = key(filesBetween(0n, from))
        const more = key(filesBetween(from, to))
        expect(new Set([...whole].filter((file) => !had.has(file)))).toEqual(more)
      }),
    )
  })

  it('writes a sound log to the disk', async () => {
    const folder = temporaryDirectory()
    const evidence = evidenceIn(join(folder, 'evidence'))
    const directory = join(folder, 'mirrors', 'one')
    const log = await logOf(600)
    const mirror = openMirror({ origin, policy: plainPolicy, evidence, directory })
    expect(await mirror.head()).toBeUndefined()
    await mirror.advance(log.tiles)
    const verifiers = [nodeEd25519NoteVerifier(logKey.vkey)]
    const check = await checkLog({ directory, origin, verifiers })
    expect(check).toMatchObject({ problems: [], isComplete: true, head: { size: 600n } })
    // Nothing but the published tree is in the folder that a web server hosts.
    expect(readdirSync(directory).sort()).toEqual(['checkpoint', 'tile'])
    const again = openMirror({ origin, policy: plainPolicy, evidence, directory })
    expect(await again.head()).toMatchObject({ size: 600n })
    expect(await again.advance(posixTiles(directory))).toMatchObject({ status: 'in-sync' })
  })

  it('stays as it is where the source is behind', async () => {
    const { older, mirror, tiles } = await mirrorOf700()
    const before = tiles.content()
    const behind = only(await mirror.advance(older), 'behind')
    expect(behind).toMatchObject({ sourceSize: 300n, head: { size: 700n } })
    const nothing = await logOf(0)
    expect(await mirror.advance(nothing.tiles)).toMatchObject({ status: 'behind', sourceSize: 0n })
    expect(tiles.content()).toEqual(before)
  })
})

function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

class Cut extends Error {}

/** The file system, of which `intercept` may fail each operation before it happens. */
function failingFileSystem(intercept: () => void): FileSystem {
  const passing = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(inner, name) {
        const member: unknown = Reflect.get(inner, name)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]): Promise<unknown> => {
          // A file that can't be closed is closed all the same.
          if (name === 'close') await Reflect.apply(member, inner, args)
          intercept()
          const given: unknown =
            name === 'close' ? undefined : await Reflect.apply(member, inner, args)
          const isFile = name === 'create' && typeof given === 'object' && given !== null
          return isFile ? passing(given) : given
        }
      },
    })
  return passing(nodeFileSystem)
}

describe('an advance that is cut off', () => {
  const sizes = [3, 700] as const

  /** Two advances of which the second one is cut at operation number `at`; none for undefined. */
  async function cutAt(at: number | undefined, where: 'store' | 'source') {
    const log = new MapLog()
    await log.grow(sizes[0])
    const made = testMirror()
    await made.mirror.advance(log.tiles)
    await log.grow(sizes[1])
    let count = 0
    const target = where === 'store' ? made.tiles : log.tiles
    target.intercept = () => {
      count += 1
      if (count === at) throw new Cut('cut')
    }
    const outcome = await made.mirror.advance(log.tiles).catch((error: unknown) => error)
    target.intercept = () => {}
    return { ...made, log, outcome, count }
  }

  it.each(['store', 'source'] as const)(
    'goes on where it was, at whichever operation of the %s it ended',
    async (where) => {
      const { count, log } = await cutAt(undefined, where)
      const whole = log.tiles.content()
      expect(count).toBeGreaterThanOrEqual(8)
      for (let at = 1; at <= count; at += 1) {
        const cut = await cutAt(at, where)
        const head = await cut.mirror.head()
        // The checkpoint is the old one until all files are there.
        const isDone = head?.size === BigInt(sizes[1])
        expect(head?.size).toBe(isDone ? 700n : 3n)
        const left = new Set(cut.tiles.files.keys())
        cut.log.tiles.reads.length = 0
        const status = isDone ? 'in-sync' : 'advanced'
        expect(await cut.mirror.advance(cut.log.tiles)).toMatchObject({ status })
        expect(cut.tiles.content()).toEqual(whole)
        const repeated = cut.log.tiles.reads.filter(
          (path) => path !== 'checkpoint' && left.has(path),
        )
        expect({ at, repeated }).toEqual({ at, repeated: [] })
      }
    },
  )

  it('goes on where it was on a disk, at whichever operation that failed', async () => {
    const log = await logOf(2)
    let isWhole = false
    let at = 0
    while (!isWhole) {
      at += 1
      const folder = temporaryDirectory()
      const directory = join(folder, 'mirror')
      const evidence = evidenceIn(join(folder, 'evidence'))
      const mirrorWith = (fileSystem: FileSystem): Mirror => {
        const [tiles, { lock }] = [posixTiles(directory, fileSystem), memoryStorage()]
        return openMirror({ origin, policy: plainPolicy, evidence, directory: { tiles, lock } })
      }
      let count = 0
      const failing = failingFileSystem(() => {
        count += 1
        if (count === at) throw Object.assign(new Error('made by the test'), { code: 'EIO' })
      })
      const failed = await mirrorWith(failing)
        .advance(log.tiles)
        .catch((error: unknown) => error)
      isWhole = count < at
      // A file of its own that can't be read is taken from the source.
      const isDone = failed instanceof Error ? 'FEDERATION_IO' : 'advanced'
      expect(failed).toMatchObject(isDone === 'advanced' ? { status: isDone } : { code: isDone })
      const again = mirrorWith(nodeFileSystem)
      expect([undefined, 2n]).toContain((await again.head())?.size)
      await again.advance(log.tiles)
      const files = [...log.tiles.files].map(
        ([path, bytes]) => [join(directory, path), bytes] as const,
      )
      for (const [path, bytes] of files) expect(readFileSync(path).equals(bytes)).toBe(true)
    }
    expect(at).toBeGreaterThan(20)
  })

  it('verifies what was left behind, which may be of another history or damaged', async () => {
    const { tiles, mirror, log } = await cutAt(undefined, 'store')
    const cut = testMirror()
    const first = await logOf(3)
    await cut.mirror.advance(first.tiles)
    for (const [path, bytes] of tiles.files)
      if (path !== 'checkpoint') cut.tiles.files.set(path, bytes)
    flipBit(cut.tiles, 'tile/0/001')
    flipBit(cut.tiles, 'tile/entries/002.p/188')
    cut.tiles.files.set('tile/1/000.p/2', new Uint8Array(64))
    cut.tiles.files.set('tile/entries/000', new Uint8Array(1))
    const advanced = only(await cut.mirror.advance(log.tiles), 'advanced')
    // The partial tiles are wrong together or right together.
    expect(advanced.fetched).toBe(5)
    expect(cut.tiles.content()).toEqual(tiles.content())
    expect(await mirror.head()).toEqual(await cut.mirror.head())
  })

  it('ends with the signal, also where the source never answers', async () => {
    const { mirror } = testMirror()
    const log = await logOf(600)
    for (const path of ['checkpoint', 'tile/0/000', 'tile/1/000.p/2']) {
      const stop = new AbortController()
      const silent: TileReader = {
        name: 'silent',
        read: (asked, limit) => {
          if (asked !== path) return log.tiles.read(asked, limit)
          stop.abort(new Cut('enough'))
          return new Promise(() => {})
        },
      }
      await expect(mirror.advance(silent, { signal: stop.signal })).rejects.toThrow('enough')
      await expect(mirror.advance(log.tiles, { signal: stop.signal })).rejects.toThrow('enough')
    }
    expect(await mirror.head()).toBeUndefined()
    expect(await mirror.advance(log.tiles)).toMatchObject({ status: 'advanced' })
  })
})

describe('a source that is no good', () => {
  it('is refused without a checkpoint of the log', async () => {
    const { mirror, tiles } = testMirror()
    const stranger = await logOf(5, { signer: ed25519NoteSigner(origin, testKey(9)) })
    const other = await logOf(5, { name: 'example.com/other' })
    const malformed = new MapTiles()
    malformed.files.set('checkpoint', Buffer.from('what?'))
    const broken = new MapTiles()
    broken.intercept = () => {
      throw new Error('no route to host')
    }
    for (const [source, code] of [
      [emptyReader, 'CHECKPOINT_MISSING'],
      [stranger.tiles, 'CHECKPOINT_REFUSED'],
      [other.tiles, 'CHECKPOINT_REFUSED'],
      [malformed, 'CHECKPOINT_REFUSED'],
      [broken, 'SOURCE_UNREADABLE'],
    ] as const) {
      const failed = only(await mirror.advance(source), 'failed')
      expect(failed).toMatchObject({ code, head: undefined })
    }
    expect(tiles.files.size).toBe(0)
  })

  it.each(['tile/0/001', 'tile/entries/001', 'tile/1/000.p/2', 'tile/0/002.p/88'])(
    'gets the blame for %s, damaged or withheld, and the log none',
    async (path) => {
      const log = await logOf(600)
      const damaged = log.tiles.copy()
      flipBit(damaged, path)
      const withheld = log.tiles.copy()
      withheld.files.delete(path)
      const cut = log.tiles.copy()
      cut.files.set(path, Buffer.from('short'))
      for (const source of [damaged, withheld, cut]) {
        const { mirror, evidence } = testMirror()
        const failed = only(await mirror.advance(source), 'failed')
        expect(failed.code).toBe('TILES_REFUSED')
        expect(failed.detail).toContain(path.slice(0, 10))
        expect(await evidence.list()).toEqual([])
        expect(await mirror.head()).toBeUndefined()
        // Another source has what it is asked for.
        expect(await mirror.advance(log.tiles)).toMatchObject({ status: 'advanced' })
      }
    },
  )

  it('can not make a fork of a log by wrong tiles', async () => {
    const log = new MapLog()
    await log.grow(300)
    const first = log.tiles.copy()
    await log.grow(700)
    const paths = [...log.tiles.files.keys()].filter((path) => path !== 'checkpoint')
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.nat(), async (path, at) => {
        const source = log.tiles.copy()
        const file = Uint8Array.from(source.files.get(path) ?? [])
        file[at % file.length] = (file[at % file.length] ?? 0) ^ 1
        source.files.set(path, file)
        const { mirror, evidence } = testMirror()
        await mirror.advance(first)
        const { status } = await mirror.advance(source)
        expect(['advanced', 'failed']).toContain(status)
        expect(await evidence.list()).toEqual([])
      }),
      // Each makes and advances a mirror.
      { numRuns: 25 },
    )
  })
})

describe('a log that forked', () => {
  it.each([
    ['a larger tree', 300, 700, 120],
    ['a smaller tree', 700, 300, 120],
    ['a tree of the same size', 300, 300, 299],
    ['a tree that parts at the first entry', 257, 256, 0],
    ['one entry', 1, 1, 0],
  ] as const)('is proven by %s', async (_, ours, theirs, forkAt) => {
    const { mirror, tiles, evidence } = testMirror()
    await mirror.advance((await logOf(ours)).tiles)
    const before = tiles.content()
    const fork = await logOf(theirs, { forkAt, branch: 1 })
    const forked = only(await mirror.advance(fork.tiles), 'forked')
    expect(forked).toMatchObject({ isQuarantined: true, head: { size: BigInt(ours) } })
    expect(tiles.content()).toEqual(before)

    const [kept] = await evidence.list(origin)
    expect(kept).toMatchObject({ id: forked.proof, fork: { divergence: { size: BigInt(forkAt) } } })
    const bytes = (await evidence.read(forked.proof)) ?? new Uint8Array()
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(forked.proof)
    expect(await verifyForkProof(bytes, () => plainPolicy)).toMatchObject({ ok: true })
    const parsed = parseForkProof(bytes)
    const heads = parsed.ok ? parsed.proof.heads.map(({ checkpoint }) => checkpoint) : []
    expect(heads.join()).toContain(decodeUtf8(tiles.files.get('checkpoint') ?? new Uint8Array()))

    // It takes nothing more, from whomever.
    const more = await logOf(900)
    expect(await mirror.advance(more.tiles)).toMatchObject({ status: 'quarantined' })
    expect(await mirror.isQuarantined()).toBe(true)
    expect((await mirror.trusted()).size).toBe(BigInt(forkAt))
    expect(tiles.content()).toEqual(before)
  })

  it('is proven also where the other tree is withheld, as far as it can be', async () => {
    const { mirror, evidence } = testMirror()
    await mirror.advance((await logOf(300)).tiles)
    const fork = await logOf(300, { forkAt: 7, branch: 1 })
    const bare = new MapTiles()
    bare.files.set('checkpoint', fork.tiles.files.get('checkpoint') ?? new Uint8Array())
    only(await mirror.advance(bare), 'forked')
    const [kept] = await evidence.list()
    expect(kept?.fork.divergence).toBeUndefined()
    // A larger tree that nobody shows proves nothing.
    const larger = new MapTiles()
    const { checkpoints } = await logOf(700, { forkAt: 7, branch: 1 })
    larger.files.set('checkpoint', Buffer.from(checkpoints[0] ?? ''))
    const other = testMirror()
    await other.mirror.advance((await logOf(300)).tiles)
    expect(await other.mirror.advance(larger)).toMatchObject({ code: 'TILES_REFUSED' })
  })

  it('is known by a mirror that has nothing yet', async () => {
    const first = testMirror()
    await first.mirror.advance((await logOf(300)).tiles)
    await first.mirror.advance((await logOf(300, { forkAt: 7, branch: 1 })).tiles)
    const [kept] = await first.evidence.list()
    const second = testMirror()
    await second.evidence.add((await first.evidence.read(kept?.id ?? '')) ?? new Uint8Array())
    const source = await logOf(500)
    expect(await second.mirror.advance(source.tiles)).toEqual({
      status: 'quarantined',
      head: undefined,
    })
  })
})

describe('a policy with a quorum', () => {
  const w1 = witnessKey('w1.example/w', 21)
  const w2 = witnessKey('w2.example/w', 22)
  const policy = policyFrom(
    `log ${logKey.vkey}\nwitness w1 ${w1.vkey}\nwitness w2 ${w2.vkey}\ngroup all 2 w1 w2\nquorum all\n`,
  )

  it('lets only cosigned heads in, and a thief of the log key stops nothing', async () => {
    const { mirror, evidence } = testMirror(new MapTiles(), policy)
    const log = new MapLog()
    await log.grow(300, [w1])
    expect(await mirror.advance(log.tiles)).toMatchObject({ status: 'failed', code: 'NO_QUORUM' })
    await log.grow(301, [w1, w2])
    expect(await mirror.advance(log.tiles)).toMatchObject({ status: 'advanced' })
    // The thief signs another history; no quorum cosigns it.
    const stolen = await logOf(400, { forkAt: 7, branch: 1, cosigners: [w1] })
    expect(await mirror.advance(stolen.tiles)).toMatchObject({
      status: 'forked',
      isQuarantined: false,
    })
    expect(await evidence.list()).toHaveLength(1)
    await log.grow(500, [w1, w2])
    expect(await mirror.advance(log.tiles)).toMatchObject({ status: 'advanced' })
    expect(await mirror.trusted()).toMatchObject({ size: 500n, basis: 'cosigned' })
    // Where the quorum itself took part, nothing more is taken.
    const deceived = await logOf(600, { forkAt: 20, branch: 2, cosigners: [w1, w2] })
    expect(await mirror.advance(deceived.tiles)).toMatchObject({ isQuarantined: true })
    expect(await mirror.trusted()).toMatchObject({ size: 20n, basis: 'divided' })
  })

  describe('and a fork proof of heads that it never had', () => {
    const quorum = [w1, w2]

    /** A proof of two heads, of histories that part at some entry. */
    async function forkOf(...logs: readonly MapLog[]): Promise<Uint8Array> {
      const seen: Seen[] = []
      for (const { tiles } of logs) {
        const checkpoint = tiles.files.get('checkpoint') ?? ''
        const opened = await openHead(checkpoint, origin, policy)
        if (!opened.ok) throw new Error(opened.detail)
        seen.push({ head: opened.head, source: async (path) => tiles.files.get(path) })
      }
      const [a, b] = seen
      const proven = a !== undefined && b !== undefined ? await proveFork(a, b) : undefined
      if (proven?.ok !== true) throw new Error('two heads that contradict each other')
      return proven.bytes
    }

    /** A mirror of 11 entries that the quorum cosigned. */
    async function mirrorOf11(shape: LogShape): Promise<TestMirror> {
      const made = testMirror(new MapTiles(), policy)
      const { tiles } = await logOf(11, { ...shape, cosigners: quorum })
      expect(await made.mirror.advance(tiles)).toMatchObject({ status: 'advanced' })
      return made
    }

    const a = { forkAt: 3, branch: 1 }
    const b = { forkAt: 3, branch: 2 }

    it.each([
      ['one of them', 5, b, 3],
      ['a longer one', 15, b, 3],
      ['neither, from the same place on', 5, { forkAt: 3, branch: 3 }, 3],
      ['neither, from an earlier place on', 5, { forkAt: 2, branch: 3 }, 0],
    ])('holds it against its own tree, which is that of %s', async (_, size, shape, left) => {
      const { mirror, evidence } = await mirrorOf11(shape)
      const proof = await forkOf(await logOf(5, { ...a, cosigners: quorum }), await logOf(size, b))
      expect(await evidence.add(proof)).toMatchObject({ status: 'kept' })
      expect(await mirror.trusted()).toMatchObject({ basis: 'divided', size: BigInt(left) })
      expect(await mirror.advance(emptyReader)).toMatchObject({ status: 'quarantined' })
    })

    it('takes nothing back where its tree is that of the cosigned head', async () => {
      const { mirror, evidence } = await mirrorOf11(a)
      const proof = await forkOf(await logOf(5, { ...a, cosigners: quorum }), await logOf(15, b))
      await evidence.add(proof)
      expect(await mirror.trusted()).toMatchObject({ basis: 'cosigned', size: 11n })
    })

    it('reads its tiles for that once, and says where they are damaged', async () => {
      const { mirror, tiles, evidence } = await mirrorOf11(a)
      const first = await logOf(5, { ...a, cosigners: quorum })
      await evidence.add(await forkOf(first, await logOf(15, b)))
      await mirror.trusted()
      tiles.reads.length = 0
      expect(await mirror.trusted()).toMatchObject({ size: 11n })
      expect(tiles.reads).toEqual(['checkpoint'])
      flipBit(tiles, 'tile/0/000.p/11')
      expect(await mirror.isQuarantined()).toBe(false)
      await evidence.add(await forkOf(first, await logOf(9, b)))
      await expect(mirror.trusted()).rejects.toMatchObject({ code: 'MIRROR_DAMAGED' })
    })
  })

  it('gathers cosignatures of one tree, known ones only, each once', async () => {
    const other = witnessKey('w3.example/w', 23)
    const stranger = witnessKey('w4.example/w', 24)
    const tiles = new MapTiles()
    const evidence = evidenceIn(join(temporaryDirectory(), 'evidence'))
    const { lock } = memoryStorage()
    const witnesses = [w1.vkey, w2.vkey, other.vkey]
    const mirror = openMirror({
      origin,
      policy: plainPolicy,
      witnesses,
      evidence,
      directory: { tiles, lock },
    })
    for (const cosigners of [[w1], [other, stranger], [w1, w2], []]) {
      const log = new MapLog()
      await log.grow(300, cosigners)
      await mirror.advance(log.tiles)
    }
    const lines = (await mirror.head())?.checkpoint.split('\n').filter((it) => it.startsWith('— '))
    expect(lines?.map((line) => line.split(' ')[1]).sort()).toEqual([
      origin,
      'w1.example/w',
      'w2.example/w',
      'w3.example/w',
    ])
    const log = new MapLog()
    expect(await mirror.addCosignatures(await log.grow(300, [w1]))).toBe(false)
    expect(await mirror.addCosignatures(await log.grow(301, [w1]))).toBe(false)
    expect(await mirror.addCosignatures('nothing')).toBe(false)
  })
})

describe('trouble on this machine', () => {
  it('is no fault of the source', async () => {
    const log = await logOf(300)
    const full = testMirror()
    full.tiles.intercept = (operation) => {
      if (operation === 'put') throw Object.assign(new Error('full'), { code: 'ENOSPC' })
    }
    await expect(full.mirror.advance(log.tiles)).rejects.toMatchObject({
      code: 'FEDERATION_NO_SPACE',
    })
    const broken = testMirror()
    broken.tiles.intercept = (operation) => {
      if (operation === 'read') throw new Error('EIO')
    }
    await expect(broken.mirror.advance(log.tiles)).rejects.toMatchObject({ code: 'FEDERATION_IO' })
  })

  it('is told where the mirror itself is damaged', async () => {
    const { older, mirror, tiles } = await mirrorOf700()
    flipBit(tiles, 'tile/0/001')
    await expect(mirror.advance(older)).rejects.toMatchObject({ code: 'MIRROR_DAMAGED' })
    tiles.files.set('checkpoint', Buffer.from('gone'))
    await expect(mirror.head()).rejects.toMatchObject({ code: 'MIRROR_DAMAGED' })
    await expect(mirror.advance(older)).rejects.toMatchObject({ code: 'MIRROR_DAMAGED' })
  })

  it('waits for another process that advances it, and not for ever', async () => {
    const folder = temporaryDirectory()
    const evidence = evidenceIn(join(folder, 'evidence'))
    const directory = join(folder, 'one')
    const options = { origin, policy: plainPolicy, evidence, directory, lockTimeoutMs: 0 }
    const [first, second] = [openMirror(options), openMirror(options)]
    const log = await logOf(300)
    const [entered, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    log.tiles.intercept = (_, path) => {
      if (path !== 'tile/0/000') return
      entered.resolve()
      return go.promise
    }
    const advancing = first.advance(log.tiles)
    await entered.promise
    await expect(second.advance(log.tiles)).rejects.toMatchObject({ code: 'MIRROR_LOCKED' })
    go.resolve()
    expect(await advancing).toMatchObject({ status: 'advanced' })
    // In one process they come one after the other.
    const both = await Promise.all([first.advance(log.tiles), first.advance(log.tiles)])
    expect(both.map(({ status }) => status)).toEqual(['in-sync', 'in-sync'])
  })
})
