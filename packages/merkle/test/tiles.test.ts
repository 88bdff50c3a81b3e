import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, maxUint64 } from '../src/bytes.ts'
import { CompactRange } from '../src/compact.ts'
import { nodeHasher } from '../src/node.ts'
import {
  buildConsistency,
  buildInclusion,
  buildRoot,
  verifyConsistency,
  verifyInclusion,
} from '../src/proof.ts'
import { hashLeaf } from '../src/rfc6962.ts'
import {
  decodeEntryBundle,
  encodeEntryBundle,
  entryBundlePath,
  maxEntryLength,
  nodeReader,
  parseTilePath,
  partialWidth,
  tileCount,
  tilePath,
  widthOfTile,
} from '../src/tiles.ts'
import { codeOf, entriesOf, rejectionOf, treeHash } from './support.ts'

describe('paths', () => {
  test('are those of the specification', () => {
    expect(tilePath(0, 1234067n)).toBe('tile/0/x001/x234/067')
    expect(tilePath(63, 0n, 255)).toBe('tile/63/000.p/255')
    expect(entryBundlePath(1000n, 5)).toBe('tile/entries/x001/000.p/5')
    expect(entryBundlePath(999n)).toBe('tile/entries/999')
  })

  test('come back', () => {
    fc.assert(
      fc.property(
        fc.nat(63),
        fc.bigInt({ min: 0n, max: maxUint64 }),
        fc.option(fc.integer({ min: 1, max: 255 }), { nil: undefined }),
        (level, index, width) => {
          expect(parseTilePath(tilePath(level, index, width))).toEqual({
            kind: 'tile',
            level,
            index,
            width: width ?? 256,
          })
          expect(parseTilePath(entryBundlePath(index, width))).toEqual({
            kind: 'entries',
            level: 0,
            index,
            width: width ?? 256,
          })
        },
      ),
    )
  })

  test.each([
    '',
    'tile/0/x000/001',
    'tile/0/01',
    'tile/0/1',
    'tile/00/001',
    'tile/64/001',
    'tile/0/x001',
    'tile/0/001/002',
    'tile/0/001.p/0',
    'tile/0/001.p/01',
    'tile/0/001.p/256',
    'tile/0/001.p/',
    'tile/0/../001',
    'tile/entries/001\n',
    '/tile/0/001',
    'tile/0/x018/x446/x744/x073/x709/x551/616',
    `tile/0/${'x001/'.repeat(9)}001`,
  ])('%j is none', (path) => {
    expect(parseTilePath(path)).toBeUndefined()
  })

  test('any other text is none, or a path', () => {
    const piece = fc.constantFrom('tile', 'entries', '/', '0', '7', '63', '000', 'x001', '.p', '5')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
        const path = pieces.join('')
        const found = parseTilePath(path)
        if (found === undefined) return
        const width = found.width === 256 ? undefined : found.width
        const again =
          found.kind === 'tile'
            ? tilePath(found.level, found.index, width)
            : entryBundlePath(found.index, width)
        expect(again).toBe(path)
      }),
    )
  })

  test('need a level, index and width in range', () => {
    for (const run of [
      () => tilePath(64, 0n),
      () => tilePath(-1, 0n),
      () => tilePath(0.5, 0n),
      () => tilePath(0, -1n),
      () => tilePath(0, maxUint64 + 1n),
      () => tilePath(0, 0n, 0),
      () => tilePath(0, 0n, 256),
      () => entryBundlePath(0n, 1.5),
      () => partialWidth(-1n, 0),
      () => tileCount(1n, 64),
    ]) {
      expect(codeOf(run)).toBe('INVALID_ARGUMENT')
    }
  })
})

test('widths are those of the specification', () => {
  const count = (level: number): bigint => tileCount(70_000n, level)
  expect([count(0), count(1), count(2), count(3)]).toEqual([274n, 2n, 1n, 0n])
  const width = (level: number): number => partialWidth(70_000n, level)
  expect([width(0), width(1), width(2), width(3)]).toEqual([112, 17, 1, 0])
  expect([partialWidth(256n, 0), partialWidth(256n, 1)]).toEqual([0, 1])
  expect(widthOfTile(70_000n, 0, 272n)).toBe(256)
  expect(widthOfTile(70_000n, 0, 273n)).toBe(112)
  expect(widthOfTile(70_000n, 0, 274n)).toBe(0)
  expect(widthOfTile(70_000n, 0, -1n)).toBe(0)
  expect(tileCount(maxUint64, 7)).toBe(1n)
})

describe('entry bundles', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 })

  test('come back', () => {
    fc.assert(
      fc.property(entries, (list) => {
        expect(decodeEntryBundle(encodeEntryBundle(list), list.length)).toEqual(list)
      }),
    )
    const largest = [new Uint8Array(maxEntryLength).fill(7)]
    expect(decodeEntryBundle(encodeEntryBundle(largest), 1)).toEqual(largest)
  })

  test('are refused when they hold more, fewer, or a part', () => {
    fc.assert(
      fc.property(entries, fc.uint8Array({ minLength: 1, maxLength: 3 }), (list, tail) => {
        const bundle = encodeEntryBundle(list)
        expect(decodeEntryBundle(bundle, list.length + 1)).toBeUndefined()
        expect(decodeEntryBundle(concatBytes(bundle, tail), list.length)).toBeUndefined()
        const cut = bundle.subarray(0, -1)
        if (list.length > 0) expect(decodeEntryBundle(cut, list.length)).toBeUndefined()
      }),
    )
  })

  test('any bytes are refused or come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.nat(4), (bytes, count) => {
        const list = decodeEntryBundle(bytes, count)
        if (list !== undefined) expect(encodeEntryBundle(list)).toEqual(bytes)
      }),
    )
  })

  test('take no entry above 65,535 bytes', () => {
    expect(codeOf(() => encodeEntryBundle([new Uint8Array(maxEntryLength + 1)]))).toBe(
      'ENTRY_TOO_LARGE',
    )
  })
})

describe('reading nodes', () => {
  const largest = 66_000
  const leafHashes = entriesOf(largest).map((entry) => nodeHasher.hashLeaf(entry))
  const nodes = new Map<string, Uint8Array>()
  const range = CompactRange.empty(nodeHasher)
  for (const hash of leafHashes) {
    range.append(hash, (level, index, node) => nodes.set(`${level}/${index}`, node))
  }

  /** The tile of a path, cut out of the nodes that were seen while the tree grew. */
  function tileOf(path: string): Uint8Array {
    const { level, index, width } = parseTilePath(path) ?? { level: 0, index: 0n, width: 0 }
    const hashes = Array.from({ length: width }, (_, i) => {
      const hash = nodes.get(`${8 * level}/${index * 256n + BigInt(i)}`)
      if (hash === undefined) throw new Error(`no ${path}`)
      return hash
    })
    return concatBytes(...hashes)
  }

  const fetchTile = (path: string): Promise<Uint8Array> =>
    Promise.resolve(path).then((known) => tileOf(known))

  const size = fc.oneof(
    fc.integer({ min: 1, max: 700 }),
    fc.constantFrom(255, 256, 257, 65_535, 65_536, 65_537, largest),
  )

  test('gives the roots of RFC 6962', async () => {
    const entries = entriesOf(600)
    await fc.assert(
      fc.asyncProperty(fc.nat(entries.length), async (count) => {
        const root = await buildRoot(BigInt(count), nodeReader(BigInt(count), fetchTile))
        expect(root).toEqual(treeHash(entries.slice(0, count)))
      }),
    )
    expect(await buildRoot(BigInt(largest), nodeReader(BigInt(largest), fetchTile))).toEqual(
      range.root(),
    )
  })

  test('gives proofs that verify', async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), async (count, at, before) => {
        const size2 = BigInt(count)
        const read = nodeReader(size2, fetchTile, nodeHasher)
        const root2 = await buildRoot(size2, read, nodeHasher)
        const index = BigInt(at % count)
        const size1 = BigInt((before % count) + 1)
        const root1 = await buildRoot(size1, read, nodeHasher)
        const leafHash = leafHashes[at % count] ?? new Uint8Array()
        const inclusion = await buildInclusion(index, size2, read, nodeHasher)
        const consistency = await buildConsistency(size1, size2, read, nodeHasher)
        expect(
          verifyInclusion({ index, size: size2, leafHash, hashes: inclusion, root: root2 }),
        ).toEqual({ ok: true })
        expect(verifyConsistency({ size1, size2, root1, root2, hashes: consistency })).toEqual({
          ok: true,
        })
      }),
    )
  })

  test('a deleted partial tile is read out of the full one', async () => {
    const asked: string[] = []
    const read = nodeReader(300n, async (path) => {
      asked.push(path)
      if (path.includes('.p/')) throw new Error('gone')
      return tileOf(path)
    })
    expect(await read(0, 299n)).toEqual(hashLeaf(entriesOf(300)[299] ?? new Uint8Array()))
    expect(asked).toEqual(['tile/0/001.p/44', 'tile/0/001'])
  })

  test('where both are gone the partial one is what is missing', async () => {
    const read = nodeReader(300n, (path) => Promise.reject(new Error(`no ${path}`)))
    await expect(Promise.resolve(read(0, 299n))).rejects.toThrow('no tile/0/001.p/44')
  })

  test('a tile is read once, and again after a failure', async () => {
    let reads = 0
    const read = nodeReader(300n, async (path) => {
      reads += 1
      if (reads === 1) throw new Error('busy')
      return tileOf(path)
    })
    await expect(Promise.resolve(read(0, 0n))).rejects.toThrow('busy')
    await read(0, 0n)
    await read(7, 1n)
    expect(reads).toBe(2)
  })

  test('only the last tiles are kept', async () => {
    let reads = 0
    const read = nodeReader(65_536n, (path) => {
      reads += 1
      return fetchTile(path)
    })
    for (let tile = 0n; tile < 70n; tile += 1n) await read(0, tile * 256n)
    await read(0, 69n * 256n)
    expect(reads).toBe(70)
    await read(0, 0n)
    expect(reads).toBe(71)
  })

  test('a tile of another length is refused', async () => {
    const short = nodeReader(300n, async (path) => tileOf(path).subarray(1))
    expect(await rejectionOf(Promise.resolve(short(0, 0n)))).toBe('TILE_LENGTH')
    expect(await rejectionOf(Promise.resolve(short(0, 299n)))).toBe('TILE_LENGTH')
  })

  test('a subtree that is not complete in this tree is refused', async () => {
    const read = nodeReader(300n, fetchTile)
    for (const [level, index] of [
      [0, 300n],
      [8, 1n],
      [9, 0n],
      [64, 0n],
      [-1, 0n],
      [0, -1n],
      [Number.NaN, 0n],
      [0.5, 0n],
    ] as const) {
      expect(await rejectionOf(Promise.resolve(read(level, index)))).toBe('NODE_OUTSIDE_TREE')
    }
  })
})
