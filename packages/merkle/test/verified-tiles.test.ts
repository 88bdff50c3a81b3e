import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../src/bytes.ts'
import { nodeHasher } from '../src/node.ts'
import { buildRoot, verifyConsistency, verifyInclusion } from '../src/proof.ts'
import { emptyRoot, hashLeaf } from '../src/rfc6962.ts'
import {
  consistencyTiles,
  edgeRange,
  entryBundlePath,
  inclusionTiles,
  parseTilePath,
  partialTiles,
  partialWidth,
  type TileFailure,
  type TileSource,
  tilePath,
  VerifiedTiles,
} from '../src/tiles.ts'
import { type Files, sourceOf, staticLog } from './static-log.ts'
import { codeOf, entriesOf, flipBit, rejectionOf, treeHash } from './support.ts'
import { hugeSizes, oddLeaf, oddReader } from './trees.ts'

const largest = 3000
const entries = entriesOf(largest)
const log = await staticLog(entries)
const hasher = nodeHasher

async function open(
  head: { size: bigint; root: Uint8Array },
  source: TileSource,
  maxTiles = 64,
): Promise<VerifiedTiles> {
  const opened = await VerifiedTiles.open(head, source, { hasher, maxTiles })
  if (!opened.ok) throw new Error(opened.detail)
  return opened.tiles
}

function codeOrOk(result: { ok: true } | TileFailure): string {
  return result.ok ? 'ok' : result.code
}

describe('the tiles that a proof is made of', () => {
  test('are those that a reader asks for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: largest }), fc.nat(), async (count, at) => {
        const size = BigInt(count)
        const index = BigInt(at % count)
        const edge = partialTiles(size).map(({ level, index: last, width }) =>
          tilePath(level, last, width),
        )
        const asked = new Set<string>()
        const { root, files } = await staticLog(entries.slice(0, count))
        const tiles = await open({ size, root }, (path) => {
          asked.add(path)
          return sourceOf(files)(path)
        })
        await tiles.inclusion(index)
        const needed = inclusionTiles(index, size)
        expect([...asked]).toEqual(expect.arrayContaining(needed))
        // All that is read besides is what authenticates it.
        const above = [...asked].filter((path) => !needed.includes(path) && !edge.includes(path))
        for (const path of above) expect(parseTilePath(path)?.level).toBeGreaterThan(0)
      }),
      { numRuns: 20 },
    )
  })

  test('are known without reading any', () => {
    expect(inclusionTiles(0n, 1n)).toEqual([])
    expect(inclusionTiles(5n, 70_000n)).toEqual([
      'tile/0/000',
      'tile/1/000',
      'tile/1/001.p/17',
      'tile/0/273.p/112',
    ])
    expect(inclusionTiles(69_999n, 70_000n)).toEqual([
      'tile/0/273.p/112',
      'tile/1/001.p/17',
      'tile/2/000.p/1',
    ])
    expect(consistencyTiles(0n, 300n)).toEqual([])
    expect(consistencyTiles(300n, 300n)).toEqual([])
    expect(consistencyTiles(256n, 300n)).toEqual(['tile/0/001.p/44'])
    expect(consistencyTiles(257n, 70_000n)).toContain('tile/0/001')
    for (const run of [
      () => inclusionTiles(1n, 1n),
      () => inclusionTiles(-1n, 1n),
      () => inclusionTiles(0n, 2n ** 64n),
      () => consistencyTiles(2n, 1n),
      () => consistencyTiles(-1n, 1n),
      () => consistencyTiles(0n, 2n ** 64n),
    ]) {
      expect(codeOf(run)).toBe('INVALID_ARGUMENT')
    }
  })
})

describe('the right edge', () => {
  test('leads to the root', async () => {
    for (const count of [0, 1, 255, 256, 257, 2999]) {
      const size = BigInt(count)
      const { files } = await staticLog(entries.slice(0, count))
      const tiles = partialTiles(size).map(
        ({ level, index, width }) => files.get(tilePath(level, index, width)) ?? new Uint8Array(),
      )
      expect(edgeRange(size, tiles).root()).toEqual(treeHash(entries.slice(0, count)))
    }
  })

  test('needs the tiles of this size, as wide as they are', () => {
    const tile = (width: number): Uint8Array => new Uint8Array(width * 32)
    const cases: [bigint, Uint8Array[]][] = [
      // The same number of complete subtrees, at other places.
      [257n, [tile(3)]],
      [0x0302n, [tile(2), tile(3)]],
      [257n, [tile(1), tile(1), tile(0)]],
      [257n, [tile(1)]],
      [1n, [new Uint8Array(33)]],
      [0n, [tile(1)]],
    ]
    for (const [size, tiles] of cases) {
      expect(codeOf(() => edgeRange(size, tiles))).toBe('INVALID_ARGUMENT')
    }
  })

  test('is named as a whole where it does not', async () => {
    const files = new Map(log.files)
    const path = tilePath(1, 0n, partialWidth(log.size, 1))
    files.set(path, flipBit(files.get(path) ?? new Uint8Array(), 9))
    expect(await VerifiedTiles.open(log, sourceOf(files))).toEqual({
      ok: false,
      code: 'ROOT_MISMATCH',
      paths: ['tile/1/000.p/11', 'tile/0/011.p/184'],
      detail: 'tile/1/000.p/11 or tile/0/011.p/184 does not lead to the root of 3000 leaves',
    })
  })

  test('of the tree without leaves has no tile', async () => {
    const none: TileSource = async () => undefined
    const tiles = await open({ size: 0n, root: emptyRoot() }, none)
    expect([tiles.size, tiles.root, tiles.edge]).toEqual([0n, emptyRoot(), []])
    const wrong = await VerifiedTiles.open({ size: 0n, root: new Uint8Array(32) }, none)
    expect(wrong).toMatchObject({
      code: 'ROOT_MISMATCH',
      detail: 'no tile at all does not lead to the root of 0 leaves',
    })
  })
})

describe('of an honest source', () => {
  test('everything is given out, and every proof of it verifies', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.integer({ min: 1, max: largest }), fc.constantFrom(255, 256, 257, 512, 2560)),
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: 4 }),
        async (count, at, before, maxTiles) => {
          const { size, root, files } = await staticLog(entries.slice(0, count))
          const tiles = await open({ size, root }, sourceOf(files), maxTiles)
          const index = BigInt(at % count)
          const entry = entries[at % count] ?? new Uint8Array()
          const bundle = await tiles.bundle(index / 256n)
          expect(bundle.ok && bundle.entries[Number(index % 256n)]).toEqual(entry)
          const leaf = await tiles.leafHash(index)
          expect(leaf).toEqual({ ok: true, hash: hashLeaf(entry) })
          const inclusion = await tiles.inclusion(index)
          if (!inclusion.ok || !leaf.ok) throw new Error('refused')
          const { hashes } = inclusion
          expect(verifyInclusion({ index, size, leafHash: leaf.hash, hashes, root })).toEqual({
            ok: true,
          })
          const size1 = BigInt((before % count) + 1)
          const root1 = await tiles.rootAt(size1)
          const consistency = await tiles.consistency(size1)
          if (!root1.ok || !consistency.ok) throw new Error('refused')
          expect(root1.root).toEqual(treeHash(entries.slice(0, Number(size1))))
          expect(
            verifyConsistency({
              size1,
              size2: size,
              root1: root1.root,
              root2: root,
              hashes: consistency.hashes,
            }),
          ).toEqual({ ok: true })
        },
      ),
      { numRuns: 20 },
    )
  })

  test('a partial file that was deleted is read out of the full one', async () => {
    const { size, root } = await staticLog(entries.slice(0, 200))
    // The log has grown since, and its partial files of that size are gone.
    const tiles = await open({ size, root }, sourceOf(log.files))
    const bundle = await tiles.bundle(0n)
    expect(bundle.ok && bundle.entries).toEqual(entries.slice(0, 200))
    expect(await tiles.tile(0, 0n)).toMatchObject({ hashes: { length: 200 * 32 } })
  })

  test('a tile is read once, at most `maxTiles` of them are kept, and failures are not', async () => {
    const asked: string[] = []
    let isBroken = false
    const tiles = await open(
      log,
      async (path) => {
        asked.push(path)
        if (isBroken) throw new Error('cable cut')
        return log.files.get(path)
      },
      2,
    )
    asked.length = 0
    await Promise.all([tiles.tile(0, 0n), tiles.tile(0, 0n), tiles.tile(0, 1n)])
    await tiles.tile(0, 0n)
    expect(asked).toEqual(['tile/0/000', 'tile/0/001'])
    await tiles.tile(0, 2n)
    await tiles.tile(0, 0n)
    // Tile 1 was used less recently than tile 0.
    expect(asked).toEqual(['tile/0/000', 'tile/0/001', 'tile/0/002'])
    isBroken = true
    expect(await tiles.tile(0, 1n)).toMatchObject({ ok: false, code: 'SOURCE_FAILED' })
    isBroken = false
    expect(await tiles.tile(0, 1n)).toMatchObject({ ok: true })
  })

  test('a buffer that it uses again changes nothing that was checked', async () => {
    const given: Uint8Array[] = []
    const tiles = await open(log, async (path) => {
      const bytes = Buffer.from(log.files.get(path) ?? [])
      given.push(bytes)
      return bytes
    })
    const bundle = await tiles.bundle(3n)
    for (const bytes of given) bytes.fill(0)
    const first = entries[768] ?? new Uint8Array()
    expect(bundle.ok && bundle.entries).toEqual(entries.slice(768, 1024))
    expect(await tiles.leafHash(768n)).toEqual({ ok: true, hash: hashLeaf(first) })
  })

  test('what the tree does not have is refused at once', async () => {
    const tiles = await open(log, sourceOf(log.files))
    expect(codeOf(() => tiles.tile(0, 12n))).toBe('NODE_OUTSIDE_TREE')
    expect(codeOf(() => tiles.tile(0, -1n))).toBe('NODE_OUTSIDE_TREE')
    expect(codeOf(() => tiles.tile(2, 0n))).toBe('NODE_OUTSIDE_TREE')
    expect(await rejectionOf(tiles.bundle(12n))).toBe('NODE_OUTSIDE_TREE')
    expect(await rejectionOf(tiles.inclusion(3000n))).toBe('INVALID_ARGUMENT')
    expect(await rejectionOf(tiles.consistency(3001n))).toBe('INVALID_ARGUMENT')
    // Inside the last tile's 256 places, but beyond the tree.
    for (const index of [3000n, 3071n, 3072n, -1n]) {
      expect(await rejectionOf(tiles.leafHash(index))).toBe('NODE_OUTSIDE_TREE')
    }
    // Four hashes in a tile would also make up a root over eight leaves.
    const four = await staticLog(entries.slice(0, 4))
    const small = await open(four, sourceOf(four.files))
    for (const size of [5n, 8n, 1024n, -1n]) {
      expect(await rejectionOf(small.rootAt(size))).toBe('INVALID_ARGUMENT')
    }
  })
})

/** What a hostile or broken source may give in place of a file. */
const tampering = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), bit: fc.nat() }),
  fc.record({ kind: fc.constant('cut' as const), by: fc.integer({ min: 1, max: 9000 }) }),
  fc.record({ kind: fc.constant('extend' as const), by: fc.integer({ min: 1, max: 100_000 }) }),
  fc.record({ kind: fc.constant('random' as const), bytes: fc.uint8Array({ maxLength: 64 }) }),
  fc.record({ kind: fc.constant('swap' as const), with: fc.nat() }),
  fc.constant({ kind: 'remove' as const }),
  fc.constant({ kind: 'throw' as const }),
)

type Tampering = typeof tampering extends fc.Arbitrary<infer T> ? T : never

function tampered(files: Files, path: string, how: Tampering): Uint8Array | undefined {
  const bytes = files.get(path) ?? new Uint8Array()
  switch (how.kind) {
    case 'flip':
      return flipBit(bytes, how.bit)
    case 'cut':
      return bytes.subarray(0, Math.max(0, bytes.length - how.by))
    case 'extend':
      return Uint8Array.from({ length: bytes.length + how.by }, (_, i) => bytes[i] ?? 0)
    case 'random':
      return how.bytes
    case 'swap':
      return [...files.values()][how.with % files.size]
    case 'remove':
      return undefined
    case 'throw':
      throw new Error('broken')
  }
}

test('of a hostile source nothing is given out but what is in the tree', async () => {
  const paths = [...log.files.keys()]
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(paths.length - 1), tampering), { minLength: 1, maxLength: 6 }),
      fc.nat(largest - 1),
      async (changes, at) => {
        const changed = new Map(changes.map(([number, how]) => [paths[number] ?? '', how]))
        const source: TileSource = async (path) => {
          const how = changed.get(path)
          return how === undefined ? log.files.get(path) : tampered(log.files, path, how)
        }
        const opened = await VerifiedTiles.open(log, source, { hasher })
        if (!opened.ok) {
          expect(opened.paths.some((path) => changed.has(path))).toBe(true)
          return
        }
        const { tiles } = opened
        const bundle = await tiles.bundle(BigInt(at) / 256n)
        const begin = at - (at % 256)
        if (bundle.ok) expect(bundle.entries).toEqual(entries.slice(begin, begin + 256))
        else expect(bundle.paths.some((path) => changed.has(path))).toBe(true)
        const honest = await open(log, sourceOf(log.files))
        for (const [given, right] of [
          [await tiles.inclusion(BigInt(at)), await honest.inclusion(BigInt(at))],
          [await tiles.consistency(BigInt(at)), await honest.consistency(BigInt(at))],
          [await tiles.rootAt(BigInt(at)), await honest.rootAt(BigInt(at))],
          [await tiles.leafHash(BigInt(at)), await honest.leafHash(BigInt(at))],
        ]) {
          if (given?.ok === true) expect(given).toEqual(right)
        }
      },
    ),
  )
})

describe('the reason names the file', () => {
  const reasonFor = async (
    path: string,
    change: (bytes: Uint8Array) => Uint8Array | undefined,
  ): Promise<unknown> => {
    const tiles = await open(log, async (asked) => {
      const bytes = log.files.get(asked)
      return asked === path && bytes !== undefined ? change(bytes) : bytes
    })
    return tiles.bundle(1n)
  }
  const bundle = entryBundlePath(1n)

  test.each([
    [tilePath(0, 1n), 'TILE_MISMATCH', (bytes: Uint8Array) => flipBit(bytes, 0)],
    [tilePath(0, 1n), 'TILE_LENGTH', (bytes: Uint8Array) => bytes.subarray(32)],
    [tilePath(0, 1n), 'TILE_LENGTH', (bytes: Uint8Array) => concatBytes(bytes, bytes)],
    [tilePath(0, 1n), 'TILE_MISSING', () => undefined],
    [bundle, 'ENTRY_MISMATCH', (bytes: Uint8Array) => flipBit(bytes, 8 * 1000)],
    [bundle, 'BUNDLE_MALFORMED', (bytes: Uint8Array) => bytes.subarray(1)],
    [bundle, 'TILE_MISSING', () => undefined],
  ])('%s: %s', async (path, code, change) => {
    expect(await reasonFor(path, change)).toMatchObject({ ok: false, code, paths: [path] })
  })
})

test('what stands below a wrong tile is not given out', async () => {
  const { size, root, files } = await staticLog(entriesOf(65_800))
  const source: TileSource = async (path) => {
    const bytes = files.get(path) ?? new Uint8Array()
    return path === tilePath(1, 0n) ? flipBit(bytes, 1) : bytes
  }
  const tiles = await open({ size, root }, source)
  const wrong = { ok: false, code: 'TILE_MISMATCH', paths: ['tile/1/000'] }
  // Of these tiles one has its right hash in the wrong tile, the other has not.
  for (const index of [0n, 1n]) expect(await tiles.tile(0, index)).toMatchObject(wrong)
  expect(await tiles.bundle(255n)).toMatchObject(wrong)
  expect(await tiles.inclusion(0n)).toMatchObject(wrong)
  expect(await tiles.bundle(256n)).toMatchObject({ ok: true })
})

test('the largest trees are read like any other', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...hugeSizes),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
      async (size, at, before) => {
        const index = at % size
        const read = oddReader(index)
        const source: TileSource = async (path) => {
          const { level = 0, index: tile = 0n, width = 0 } = parseTilePath(path) ?? {}
          const hashes = Array.from({ length: width }, (_, i) =>
            read(8 * level, 256n * tile + BigInt(i)),
          )
          return concatBytes(...(await Promise.all(hashes)))
        }
        const root = await buildRoot(size, read, hasher)
        const tiles = await open({ size, root }, source)
        const inclusion = await tiles.inclusion(index)
        expect(await tiles.leafHash(index)).toEqual({ ok: true, hash: oddLeaf })
        const size1 = (before % size) + 1n
        const consistency = await tiles.consistency(size1)
        const first = await tiles.rootAt(size1)
        if (!inclusion.ok || !consistency.ok || !first.ok) throw new Error('refused')
        const { hashes } = inclusion
        expect(verifyInclusion({ index, size, leafHash: oddLeaf, hashes, root })).toEqual({
          ok: true,
        })
        const { root: root1 } = first
        expect(root1).toEqual(await buildRoot(size1, read, hasher))
        const between = { size1, size2: size, root1, root2: root, hashes: consistency.hashes }
        expect(verifyConsistency(between)).toEqual({ ok: true })
      },
    ),
    { numRuns: 20 },
  )
})

describe('what a source says', () => {
  test('is passed on, with the path', async () => {
    const opened = await VerifiedTiles.open(log, async () => ({
      ok: false,
      code: 'TIMEOUT',
      detail: 'too slow',
    }))
    expect(opened).toEqual({
      ok: false,
      code: 'TIMEOUT',
      paths: ['tile/1/000.p/11'],
      detail: 'tile/1/000.p/11: too slow',
    })
  })

  test('when it throws is passed on as well', async () => {
    const cause = 'not even an error'
    const opened = await VerifiedTiles.open(log, () => Promise.reject(cause))
    expect(opened).toMatchObject({
      code: 'SOURCE_FAILED',
      detail: 'tile/1/000.p/11 could not be read: not even an error',
      cause,
    })
  })

  test('is a failure whatever is thrown', async () => {
    for (const cause of [undefined, null, Object.create(null), Symbol('no')]) {
      const opened = await VerifiedTiles.open(log, () => Promise.reject(cause))
      expect(codeOrOk(opened)).toBe('SOURCE_FAILED')
    }
  })

  test('is a failure where it is no bytes', async () => {
    for (const given of ['text', 5, true, {}, [], new ArrayBuffer(32), { ok: true }]) {
      const opened = await VerifiedTiles.open(log, async () => given as never)
      expect(codeOrOk(opened)).toBe('SOURCE_FAILED')
    }
  })

  test('is no bundle where no bundle has that length', async () => {
    const transferred = new Uint8Array(8)
    structuredClone(transferred, { transfer: [transferred.buffer] })
    const huge = new Uint8Array(257 * 65_537)
    for (const given of [transferred, huge]) {
      const tiles = await open(log, async (path) =>
        path.startsWith('tile/entries/') ? given : log.files.get(path),
      )
      expect(codeOrOk(await tiles.bundle(0n))).toBe('BUNDLE_MALFORMED')
    }
  })

  test('is not waited for where it never comes', async () => {
    const stop = new AbortController()
    const opening = VerifiedTiles.open(log, () => new Promise(() => {}), {}, stop.signal)
    stop.abort()
    expect(codeOrOk(await opening)).toBe('ABORTED')
  })

  test('is not waited for, and not heard, once nobody wants it', async () => {
    const stop = new AbortController()
    const source: TileSource = async () => {
      stop.abort()
      throw new Error('aborted')
    }
    const opened = await VerifiedTiles.open(log, source, {}, stop.signal)
    expect(codeOrOk(opened)).toBe('ABORTED')
    expect(codeOrOk(await VerifiedTiles.open(log, source, {}, stop.signal))).toBe('ABORTED')
  })
})
