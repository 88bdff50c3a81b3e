import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxUint64 } from '../src/bytes.ts'
import { CompactRange, compactNodes } from '../src/compact.ts'
import { nodeHasher } from '../src/node.ts'
import { emptyRoot, hashLeaf } from '../src/rfc6962.ts'
import { codeOf, entriesOf, treeHash } from './support.ts'

const entries = entriesOf(300)

function rangeOf(size: number): CompactRange {
  const range = CompactRange.empty(nodeHasher)
  for (const entry of entries.slice(0, size)) range.append(hashLeaf(entry))
  return range
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
