import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxUint64 } from '../src/bytes.ts'
import {
  CompactRange,
  compactNodes,
  decodeCompactRange,
  encodeCompactRange,
} from '../src/compact.ts'
import { nodeHasher } from '../src/node.ts'
import { emptyRoot, hashLeaf } from '../src/rfc6962.ts'
import { codeOf, entriesOf, flipBit, treeHash } from './support.ts'
import { hugeSizes, oddReader } from './trees.ts'

const entries = entriesOf(300)

const leafHashes = entries.map(hashLeaf)

function rangeBetween(begin: number, end: number): CompactRange {
  const range = CompactRange.empty(nodeHasher, BigInt(begin))
  for (const hash of leafHashes.slice(begin, end)) range.append(hash)
  return range
}

function rangeOf(size: number): CompactRange {
  return rangeBetween(0, size)
}

/** Places in the entries, in order. */
function cuts<const Count extends number>(count: Count): fc.Arbitrary<number[]> {
  return fc
    .array(fc.integer({ min: 0, max: entries.length }), { minLength: count, maxLength: count })
    .map((places) => places.sort((a, b) => a - b))
}

describe('a compact range', () => {
  test('has the root of RFC 6962 at every size', () => {
    const range = CompactRange.empty()
    expect(range.root()).toEqual(emptyRoot())
    for (const [i, entry] of entries.slice(0, 130).entries()) {
      range.append(hashLeaf(entry))
      expect(range.size).toBe(BigInt(i + 1))
      expect(range.root()).toEqual(treeHash(entries.slice(0, i + 1)))
    }
  })

  test('goes on from its hashes', () => {
    fc.assert(
      fc.property(fc.nat(entries.length), fc.nat(50), (first, more) => {
        const size = Math.min(first, entries.length)
        const before = rangeOf(size)
        const range = CompactRange.from(before.size, before.hashes, nodeHasher)
        const end = Math.min(size + more, entries.length)
        for (const entry of entries.slice(size, end)) range.append(hashLeaf(entry))
        expect(range.root()).toEqual(rangeOf(end).root())
      }),
    )
  })

  test('shows every node that a leaf completes, with its hash', () => {
    const range = CompactRange.empty(nodeHasher)
    const seen = new Set<string>()
    for (const entry of entries) {
      range.append(hashLeaf(entry), (level, index, hash) => {
        const width = 2 ** level
        const begin = Number(index) * width
        expect(hash).toEqual(treeHash(entries.slice(begin, begin + width)))
        seen.add(`${level}/${index}`)
      })
    }
    const complete = Array.from({ length: 9 }, (_, level) => Math.floor(300 / 2 ** level))
    expect(seen.size).toBe(complete.reduce((sum, count) => sum + count))
  })

  test('gives its hashes away as a copy', () => {
    const range = rangeOf(3)
    const given = range.hashes
    range.append(hashLeaf(Uint8Array.of(1)))
    expect(given).toHaveLength(2)
  })

  test('does not change with the buffers that it was given, or gave', () => {
    const roots = (size: number): Uint8Array => rangeOf(size).root()
    const leaf = hashLeaf(Uint8Array.of(7))
    const range = CompactRange.empty()
    range.append(leaf)
    const root = range.root()
    leaf.fill(0)
    expect(range.root()).toEqual(root)
    range.root().fill(0)
    for (const hash of range.hashes) hash.fill(0)
    expect(range.root()).toEqual(root)
    const hashes = rangeOf(7).hashes
    const from = CompactRange.from(7n, hashes)
    for (const hash of hashes) hash.fill(0)
    expect(from.root()).toEqual(roots(7))
    // A buffer of Node's, whose `slice` gives no copy.
    const bytes = Buffer.from(encodeCompactRange(rangeOf(7)))
    const decoded = decodeCompactRange(bytes)
    bytes.fill(0)
    expect(decoded?.root()).toEqual(roots(7))
  })

  test('names the nodes that it is made of', () => {
    expect(compactNodes(0n)).toEqual([])
    expect(compactNodes(7n)).toEqual([
      { level: 2, index: 0n },
      { level: 1, index: 2n },
      { level: 0, index: 6n },
    ])
    expect(compactNodes(maxUint64)).toHaveLength(64)
  })

  test('refuses what can not be a tree', () => {
    const hash = new Uint8Array(32)
    expect(codeOf(() => CompactRange.from(3n, [hash]))).toBe('INVALID_ARGUMENT')
    expect(codeOf(() => CompactRange.from(1n, [new Uint8Array(31)]))).toBe('INVALID_ARGUMENT')
    expect(codeOf(() => CompactRange.from(-1n, []))).toBe('INVALID_ARGUMENT')
    expect(codeOf(() => CompactRange.from(maxUint64 + 1n, [hash]))).toBe('INVALID_ARGUMENT')
    expect(codeOf(() => CompactRange.empty().append(new Uint8Array(33)))).toBe('INVALID_ARGUMENT')
    const full = CompactRange.from(maxUint64, Array(64).fill(hash))
    expect(codeOf(() => full.append(hash))).toBe('INVALID_ARGUMENT')
    expect(full.size).toBe(maxUint64)
  })
})

describe('compact ranges that begin anywhere', () => {
  test('are made of the fewest complete subtrees', () => {
    fc.assert(
      fc.property(cuts(2), ([begin = 0, end = 0]) => {
        const range = rangeBetween(begin, end)
        const nodes = compactNodes(BigInt(end), BigInt(begin))
        expect([range.begin, range.end, range.size]).toEqual([begin, end, end - begin].map(BigInt))
        const hashes = nodes.map(({ level, index }) => {
          const first = Number(index) * 2 ** level
          return treeHash(entries.slice(first, first + 2 ** level))
        })
        expect(range.hashes).toEqual(hashes)
        const isSibling = nodes.some(
          ({ level, index }, i) => nodes[i + 1]?.level === level && (index & 1n) === 0n,
        )
        expect(isSibling).toBe(false)
      }),
    )
  })

  test('merge to the same whole in either order', () => {
    fc.assert(
      fc.property(cuts(4), ([a = 0, b = 0, c = 0, d = 0]) => {
        const [first, second, third] = [rangeBetween(a, b), rangeBetween(b, c), rangeBetween(c, d)]
        const whole = encodeCompactRange(rangeBetween(a, d))
        expect(encodeCompactRange(first.merge(second).merge(third))).toEqual(whole)
        expect(encodeCompactRange(first.merge(second.merge(third)))).toEqual(whole)
        expect([first.end, second.begin, second.end]).toEqual([b, b, c].map(BigInt))
      }),
    )
  })

  test('give the root of RFC 6962 once they are merged from leaf 0', () => {
    fc.assert(
      fc.property(cuts(2), ([middle = 0, end = 0]) => {
        const merged = rangeBetween(0, middle).merge(rangeBetween(middle, end))
        expect(merged.root()).toEqual(treeHash(entries.slice(0, end)))
      }),
    )
  })

  test('show each node of the whole once: while they grow, or when they are merged', () => {
    fc.assert(
      fc.property(cuts(2), ([middle = 0, end = 0]) => {
        const seen: string[] = []
        const note = (level: number, index: bigint): void => {
          seen.push(`${level}/${index}`)
        }
        const [left, right] = [[0, middle] as const, [middle, end] as const].map(([from, to]) => {
          const range = CompactRange.empty(nodeHasher, BigInt(from))
          for (const hash of leafHashes.slice(from, to)) range.append(hash, note)
          return range
        })
        if (left !== undefined && right !== undefined) left.merge(right, note)
        const expected: string[] = []
        const whole = CompactRange.empty(nodeHasher)
        for (const hash of leafHashes.slice(0, end)) {
          whole.append(hash, (level, index) => expected.push(`${level}/${index}`))
        }
        expect(seen.sort()).toEqual(expected.sort())
      }),
    )
  })

  test('merge at sizes that no number holds', async () => {
    for (const end of hugeSizes) {
      for (const begin of [0n, 1n, 2n ** 53n - 3n]) {
        const middle = begin + (end - begin) / 3n
        const read = oddReader(middle)
        const between = async (from: bigint, to: bigint): Promise<CompactRange> => {
          const nodes = compactNodes(to, from)
          const hashes = await Promise.all(nodes.map(({ level, index }) => read(level, index)))
          return CompactRange.between(from, to, hashes, nodeHasher)
        }
        const merged = (await between(begin, middle)).merge(await between(middle, end))
        expect(encodeCompactRange(merged)).toEqual(encodeCompactRange(await between(begin, end)))
      }
    }
    expect(compactNodes(maxUint64, 1n)).toHaveLength(126)
  })

  test('refuse what does not fit together', () => {
    const code = 'INVALID_ARGUMENT'
    expect(codeOf(() => rangeBetween(0, 3).merge(rangeBetween(4, 5)))).toBe(code)
    expect(codeOf(() => rangeBetween(0, 3).merge(rangeBetween(2, 5)))).toBe(code)
    expect(codeOf(() => rangeBetween(1, 3).root())).toBe(code)
    expect(codeOf(() => CompactRange.between(3n, 2n, []))).toBe(code)
    expect(codeOf(() => CompactRange.empty(nodeHasher, -1n))).toBe(code)
    const last = CompactRange.empty(nodeHasher, maxUint64)
    expect(codeOf(() => last.append(new Uint8Array(32)))).toBe(code)
  })
})

describe('the bytes of a compact range', () => {
  test('give it back', () => {
    fc.assert(
      fc.property(cuts(3), ([begin = 0, middle = 0, end = 0]) => {
        const range = rangeBetween(begin, middle)
        const bytes = encodeCompactRange(range)
        // A view into a larger buffer, as a caller may hold it.
        const view = Uint8Array.from([9, ...bytes]).subarray(1)
        const read = decodeCompactRange(view, nodeHasher)
        expect(read?.hashes).toEqual(range.hashes)
        for (const hash of leafHashes.slice(middle, end)) read?.append(hash)
        expect([read?.begin, read?.end]).toEqual([begin, end].map(BigInt))
        expect(read?.hashes).toEqual(rangeBetween(begin, end).hashes)
      }),
    )
  })

  test('are two numbers and the hashes', () => {
    const hex = Buffer.from(encodeCompactRange(rangeBetween(6, 9))).toString('hex')
    const [left, right] = [treeHash(entries.slice(6, 8)), treeHash(entries.slice(8, 9))]
    const hashes = Buffer.concat([left, right]).toString('hex')
    expect(hex).toBe(`00000000000000060000000000000009${hashes}`)
  })

  test('after any change are refused or come back', () => {
    fc.assert(
      fc.property(
        cuts(2),
        fc.nat(),
        fc.nat(3),
        fc.uint8Array({ maxLength: 3 }),
        (at2, bit, cut, more) => {
          const [begin = 0, end = 0] = at2
          const bytes = encodeCompactRange(rangeBetween(begin, end))
          const at = bit % (bytes.length + 1)
          const spliced = Uint8Array.from([
            ...bytes.subarray(0, at),
            ...more,
            ...bytes.subarray(at + cut),
          ])
          for (const changed of [spliced, flipBit(bytes, bit % 128), flipBit(bytes, bit)]) {
            const read = decodeCompactRange(changed)
            if (read !== undefined) expect(encodeCompactRange(read)).toEqual(changed)
          }
        },
      ),
    )
  })

  test('of any kind are refused or come back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const read = decodeCompactRange(bytes)
        if (read !== undefined) expect(encodeCompactRange(read)).toEqual(bytes)
      }),
    )
    expect(decodeCompactRange(new Uint8Array(15))).toBeUndefined()
    expect(decodeCompactRange(new Uint8Array(17))).toBeUndefined()
    expect(
      decodeCompactRange(Uint8Array.of(...new Uint8Array(7), 1, ...new Uint8Array(8))),
    ).toBeUndefined()
  })
})
