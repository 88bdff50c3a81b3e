import { readFileSync } from 'node:fs'
import { readmeExamples, runReadmeExample } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Tile, TreeBuilder } from '../src/build.ts'
import { concatBytes, encodeHex, maxUint64 } from '../src/bytes.ts'
import { CompactRange } from '../src/compact.ts'
import { nodeHasher } from '../src/node.ts'
import { type BatchHasher, batchHasherFrom, emptyRoot } from '../src/rfc6962.ts'
import { loadSimdHasher } from '../src/simd.ts'
import { partialTiles, partialWidth } from '../src/tiles.ts'
import { codeOf, entriesOf, treeHash } from './support.ts'

const oneByOne = batchHasherFrom(nodeHasher)
const hasher: BatchHasher = (await loadSimdHasher()) ?? oneByOne

const entries = entriesOf(2000)
const leafHashes = oneByOne.hashLeaves(entriesOf(70_000))

function leaves(begin: number, end: number): Uint8Array {
  return leafHashes.subarray(32 * begin, 32 * end)
}

/** The tree that grows leaf by leaf, and the tiles that it completes. */
function grown(size: number): { range: CompactRange; tiles: Map<string, Uint8Array[]> } {
  const range = CompactRange.empty(nodeHasher)
  const tiles = new Map<string, Uint8Array[]>()
  for (let i = 0; i < size; i += 1) {
    range.append(leaves(i, i + 1), (level, index, hash) => {
      if (level % 8 !== 0) return
      const key = `${level / 8}/${index / 256n}`
      const tile = tiles.get(key)
      if (tile === undefined) tiles.set(key, [hash])
      else tile.push(hash)
    })
  }
  return { range, tiles }
}

/** The roots of the trees of 0 to 2000 entries. */
const roots = [emptyRoot()]
const growing = CompactRange.empty(nodeHasher)
for (let i = 0; i < entries.length; i += 1) {
  growing.append(leaves(i, i + 1))
  roots.push(growing.root())
}

function nameOf({ level, index }: Tile): string {
  return `${level}/${index}`
}

describe('a tree built in batches', () => {
  test('has the root of RFC 6962 at every size', () => {
    const builder = TreeBuilder.empty(hasher)
    for (const [size, root] of roots.slice(0, 600).entries()) {
      expect(builder.size).toBe(BigInt(size))
      expect(builder.root()).toEqual(root)
      builder.append(entries.slice(size, size + 1))
    }
    for (const size of [1, 2, 3, 255, 256, 257, 2000]) {
      expect(roots[size]).toEqual(treeHash(entries.slice(0, size)))
    }
  })

  test('is the same however its entries come', () => {
    const cut = fc.oneof(fc.nat(10), fc.nat(700), fc.constantFrom(255, 256, 257, 512))
    fc.assert(
      fc.property(fc.array(cut, { maxLength: 8 }), fc.boolean(), (cuts, hashed) => {
        const builder = TreeBuilder.empty(hasher)
        const tiles: Tile[] = []
        let size = 0
        for (const count of cuts) {
          const end = Math.min(size + count, entries.length)
          const full = hashed
            ? builder.appendHashes(leaves(size, end))
            : builder.append(entries.slice(size, end))
          tiles.push(...full)
          size = end
        }
        expect(builder.size).toBe(BigInt(size))
        expect(builder.root()).toEqual(roots[size])
        const hashes = [...tiles, ...builder.partialTiles()].filter(({ level }) => level === 0)
        expect(concatBytes(...hashes.map((tile) => tile.hashes))).toEqual(leaves(0, size))
      }),
    )
  })

  test('gives each full tile once, before the one above it, and the partial ones at any time', () => {
    const size = 66_000
    const { range, tiles } = grown(size)
    for (const by of [oneByOne, hasher]) {
      const builder = TreeBuilder.empty(by)
      const given: Tile[] = []
      for (let at = 0; at < size; at += 1001) {
        given.push(...builder.appendHashes(leaves(at, Math.min(at + 1001, size))))
        expect(builder.partialTiles().map(({ level, width }) => [level, width])).toEqual(
          [0, 1, 2].map((level) => [level, partialWidth(builder.size, level)]).filter(([, w]) => w),
        )
      }
      expect(given.every(({ width, hashes }) => width === 256 && hashes.length === 8192)).toBe(true)
      expect(given.slice(254, 258).map(nameOf)).toEqual(['0/254', '0/255', '1/0', '0/256'])
      const all = [...given, ...builder.partialTiles()]
      expect(new Map(all.map((tile) => [nameOf(tile), encodeHex(tile.hashes)]))).toEqual(
        new Map([...tiles].map(([name, hashes]) => [name, encodeHex(concatBytes(...hashes))])),
      )
      expect(all).toHaveLength(tiles.size)
      expect(builder.root()).toEqual(range.root())
      expect(builder.range().hashes).toEqual(range.hashes)
    }
  })

  test('keeps nothing of what it was given, nor of what it gives', () => {
    const given = leaves(0, 300).slice()
    const builder = TreeBuilder.empty(hasher)
    const tiles = builder.appendHashes(given)
    const root = builder.root()
    given.fill(0)
    for (const { hashes } of [...tiles, ...builder.partialTiles()]) hashes.fill(0)
    expect(builder.root()).toEqual(root)
    builder.appendHashes(leaves(300, 900))
    expect(builder.root()).toEqual(roots[900])
  })
})

describe('a tree that goes on from its partial tiles', () => {
  test('is the tree that was never interrupted', () => {
    const size = fc.oneof(fc.nat(1000), fc.constantFrom(0, 256, 65_535, 65_536, 65_792, 66_000))
    fc.assert(
      fc.property(size, fc.nat(600), (first, more) => {
        const before = TreeBuilder.empty(hasher)
        before.appendHashes(leaves(0, first))
        const after = TreeBuilder.from(before.size, before.partialTiles().toReversed(), hasher)
        expect(after.root()).toEqual(before.root())
        const tiles = before.appendHashes(leaves(first, first + more))
        expect(after.appendHashes(leaves(first, first + more))).toEqual(tiles)
        expect(after.partialTiles()).toEqual(before.partialTiles())
        expect(after.range().hashes).toEqual(before.range().hashes)
      }),
    )
  })

  /** Partial tiles of a tree of any size, with hashes that are all the same. */
  function tilesOf(size: bigint): Tile[] {
    return partialTiles(size).map((place) => ({
      ...place,
      hashes: new Uint8Array(32 * place.width).fill(7),
    }))
  }

  test('grows to the largest size, and not beyond', () => {
    const builder = TreeBuilder.from(maxUint64 - 1n, tilesOf(maxUint64 - 1n), hasher)
    expect(codeOf(() => builder.append(entries.slice(0, 2)))).toBe('INVALID_ARGUMENT')
    expect(codeOf(() => builder.appendHashes(leaves(0, 2)))).toBe('INVALID_ARGUMENT')
    expect(builder.append(entries.slice(0, 1))).toEqual([])
    expect(builder.size).toBe(maxUint64)
    expect(builder.range().hashes).toHaveLength(64)
    expect(codeOf(() => builder.append(entries.slice(0, 1)))).toBe('INVALID_ARGUMENT')
    expect(builder.append([])).toEqual([])
  })

  test('numbers its tiles beyond 2^53', () => {
    const size = 2n ** 60n - 1n
    const tiles = TreeBuilder.from(size, tilesOf(size), hasher).appendHashes(leaves(0, 1))
    expect(tiles.map(({ level, index }) => [level, index])).toEqual([
      [0, 2n ** 52n - 1n],
      [1, 2n ** 44n - 1n],
      [2, 2n ** 36n - 1n],
      [3, 2n ** 28n - 1n],
      [4, 2n ** 20n - 1n],
      [5, 2n ** 12n - 1n],
      [6, 2n ** 4n - 1n],
    ])
  })

  test('takes the tiles of its size only', () => {
    const size = 66_000n
    const tiles = tilesOf(size)
    const [first, ...rest] = tiles
    if (first === undefined) throw new Error('no tile')
    const wrong: Tile[][] = [
      [],
      rest,
      [...tiles, first],
      [...rest, { ...first, index: first.index + 1n }],
      [...rest, { ...first, hashes: first.hashes.subarray(1) }],
      [...rest, { ...first, hashes: concatBytes(first.hashes, leaves(0, 1)) }],
    ]
    for (const given of wrong) {
      expect(codeOf(() => TreeBuilder.from(size, given, hasher))).toBe('INVALID_ARGUMENT')
    }
    for (const of of [-1n, 0n, 65_536n, 65_999n, 2n ** 64n]) {
      expect(codeOf(() => TreeBuilder.from(of, tiles, hasher))).toBe('INVALID_ARGUMENT')
    }
    expect(TreeBuilder.from(size, tiles, hasher).size).toBe(size)
  })
})

test('a broken hash is refused', () => {
  const builder = TreeBuilder.empty(hasher)
  expect(codeOf(() => builder.appendHashes(new Uint8Array(33)))).toBe('INVALID_ARGUMENT')
  expect(builder.size).toBe(0n)
})

test('the example of the README names the tiles of its tree', async () => {
  const readme = new URL('../README.md', import.meta.url)
  const examples = readmeExamples(readFileSync(readme, 'utf8'))
  const index = examples.findIndex((example) => example.includes('TreeBuilder.empty'))
  expect(await runReadmeExample(readme, { index })).toBe(
    'tile/0/000\ntile/0/001\ntile/0/002\ntile/0/003.p/232\ntile/1/000.p/3\n',
  )
})
