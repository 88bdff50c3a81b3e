import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes } from '../src/bytes.ts'
import { CompactRange } from '../src/compact.ts'
import { nodeHasher } from '../src/node.ts'
import {
  buildConsistency,
  buildInclusion,
  buildRangeInclusion,
  buildRoot,
  type Consistency,
  type Inclusion,
  verifyConsistency,
  verifyInclusion,
  verifyRangeInclusion,
} from '../src/proof.ts'
import { nodeReader, parseTilePath } from '../src/tiles.ts'
import { entriesOf, flipBit, treeHash } from './support.ts'
import { hugeSizes, oddLeaf, oddReader, treeReader } from './trees.ts'

const count = 2 ** 16
const entries = entriesOf(count)
const leaves = entries.map(nodeHasher.hashLeaf)
const read = treeReader(leaves)

const size = fc.oneof(
  fc.integer({ min: 1, max: count }),
  fc
    .tuple(fc.nat(16), fc.integer({ min: -1, max: 1 }))
    .map(([level, by]) => Math.min(Math.max(2 ** level + by, 1), count)),
)

async function inclusionOf(index: bigint, treeSize: bigint): Promise<Inclusion> {
  return {
    index,
    size: treeSize,
    leafHash: leaves[Number(index)] ?? new Uint8Array(),
    hashes: await buildInclusion(index, treeSize, read, nodeHasher),
    root: await buildRoot(treeSize, read, nodeHasher),
  }
}

async function consistencyOf(size1: bigint, size2: bigint): Promise<Consistency> {
  return {
    size1,
    size2,
    root1: await buildRoot(size1, read, nodeHasher),
    root2: await buildRoot(size2, read, nodeHasher),
    hashes: await buildConsistency(size1, size2, read, nodeHasher),
  }
}

/** Every way to turn over one bit of one hash of a list. */
function* flippedLists(hashes: readonly Uint8Array[]): Generator<Uint8Array[]> {
  for (const [i, hash] of hashes.entries()) {
    for (let bit = 0; bit < 256; bit += 1) yield hashes.with(i, flipBit(hash, bit))
  }
}

function* flippedHashes(hash: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < 256; bit += 1) yield flipBit(hash, bit)
}

describe('a tree of up to 2^16 leaves', () => {
  test('has the root of the naive recursion, from nodes, appended and from tiles', async () => {
    const leafCount = 54_321
    const treeSize = BigInt(leafCount)
    const root = treeHash(entries.slice(0, leafCount))
    expect(await buildRoot(treeSize, read, nodeHasher)).toEqual(root)
    const range = CompactRange.empty(nodeHasher)
    for (const leaf of leaves.slice(0, leafCount)) range.append(leaf)
    expect(range.root()).toEqual(root)
    const fetchTile = async (path: string): Promise<Uint8Array> => {
      const tile = parseTilePath(path)
      if (tile === undefined) throw new Error(`${path} is no tile`)
      const first = tile.index * 256n
      const hashes = Array.from({ length: tile.width }, (_, i) =>
        read(8 * tile.level, first + BigInt(i)),
      )
      return concatBytes(...(await Promise.all(hashes)))
    }
    const fromTiles = nodeReader(treeSize, fetchTile, nodeHasher)
    expect(await buildRoot(treeSize, fromTiles, nodeHasher)).toEqual(root)
  })

  test('has inclusion proofs that verify, and not after a change', async () => {
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(255), async (leafCount, place, bit) => {
        const proof = await inclusionOf(BigInt(place % leafCount), BigInt(leafCount))
        expect(verifyInclusion(proof, nodeHasher)).toEqual({ ok: true })
        const at = place % Math.max(proof.hashes.length, 1)
        const forged: Inclusion[] = [
          { ...proof, leafHash: flipBit(proof.leafHash, bit) },
          { ...proof, root: flipBit(proof.root, bit) },
          { ...proof, index: proof.index ^ (1n << BigInt(bit % 64)) },
          ...proof.hashes
            .slice(at, at + 1)
            .map((hash) => ({ ...proof, hashes: proof.hashes.with(at, flipBit(hash, bit)) })),
        ]
        for (const forgery of forged) expect(verifyInclusion(forgery, nodeHasher).ok).toBe(false)
      }),
    )
  })

  test('has range proofs that verify, and not after a change', async () => {
    await fc.assert(
      fc.asyncProperty(
        size,
        fc.nat(),
        fc.nat(40),
        fc.nat(255),
        async (leafCount, place, more, bit) => {
          const begin = place % leafCount
          const end = Math.min(begin + 1 + more, leafCount)
          const [first, last, all] = [BigInt(begin), BigInt(end), BigInt(leafCount)]
          const proof = {
            begin: first,
            size: all,
            leafHashes: leaves.slice(begin, end),
            hashes: await buildRangeInclusion(first, last, all, read, nodeHasher),
            root: await buildRoot(all, read, nodeHasher),
          }
          expect(verifyRangeInclusion(proof, nodeHasher)).toEqual({ ok: true })
          const at = place % proof.leafHashes.length
          const leaf = flipBit(proof.leafHashes[at] ?? new Uint8Array(32), bit)
          const changed = { ...proof, leafHashes: proof.leafHashes.with(at, leaf) }
          expect(verifyRangeInclusion(changed, nodeHasher).ok).toBe(false)
        },
      ),
    )
  })

  test('has consistency proofs that compose, and do not verify after a change', async () => {
    await fc.assert(
      fc.asyncProperty(size, size, size, fc.nat(255), async (one, two, three, bit) => {
        const [a = 0n, b = 0n, c = 0n] = [one, two, three].sort((x, y) => x - y).map(BigInt)
        const [first, second, both] = [
          await consistencyOf(a, b),
          await consistencyOf(b, c),
          await consistencyOf(a, c),
        ]
        for (const proof of [first, second, { ...both, root1: first.root1, root2: second.root2 }]) {
          expect(verifyConsistency(proof, nodeHasher)).toEqual({ ok: true })
        }
        const at = bit % Math.max(both.hashes.length, 1)
        const forged: Consistency[] = [
          { ...both, root1: flipBit(both.root1, bit) },
          { ...both, root2: flipBit(both.root2, bit) },
          ...both.hashes
            .slice(at, at + 1)
            .map((hash) => ({ ...both, hashes: both.hashes.with(at, flipBit(hash, bit)) })),
        ]
        for (const forgery of forged) expect(verifyConsistency(forgery, nodeHasher).ok).toBe(false)
      }),
    )
  })

  test('binds every single bit of a proof', async () => {
    const proof = await inclusionOf(314n, 543n)
    for (const hashes of flippedLists(proof.hashes)) {
      expect(verifyInclusion({ ...proof, hashes }, nodeHasher).ok).toBe(false)
    }
    for (const leafHash of flippedHashes(proof.leafHash)) {
      expect(verifyInclusion({ ...proof, leafHash }, nodeHasher).ok).toBe(false)
    }
    for (const root of flippedHashes(proof.root)) {
      expect(verifyInclusion({ ...proof, root }, nodeHasher).ok).toBe(false)
    }
    for (let bit = 0n; bit < 70n; bit += 1n) {
      const index = proof.index ^ (1n << bit)
      expect(verifyInclusion({ ...proof, index }, nodeHasher).ok).toBe(false)
    }
    const between = await consistencyOf(314n, 543n)
    for (const hashes of flippedLists(between.hashes)) {
      expect(verifyConsistency({ ...between, hashes }, nodeHasher).ok).toBe(false)
    }
    for (const root1 of flippedHashes(between.root1)) {
      expect(verifyConsistency({ ...between, root1 }, nodeHasher).ok).toBe(false)
    }
    for (const root2 of flippedHashes(between.root2)) {
      expect(verifyConsistency({ ...between, root2 }, nodeHasher).ok).toBe(false)
    }
  })
})

describe('a tree whose size no number holds', () => {
  test('has inclusion proofs that verify for one leaf and no other', async () => {
    for (const huge of hugeSizes) {
      for (const index of [0n, huge / 3n, 2n ** 53n - 3n, huge - 2n, huge - 1n]) {
        const reader = oddReader(index)
        const proof: Inclusion = {
          index,
          size: huge,
          leafHash: oddLeaf,
          hashes: await buildInclusion(index, huge, reader, nodeHasher),
          root: await buildRoot(huge, reader, nodeHasher),
        }
        expect(verifyInclusion(proof, nodeHasher)).toEqual({ ok: true })
        for (const bit of [0n, 1n, 2n, 31n, 32n, 51n, 52n, 53n, 54n, 62n, 63n, 64n]) {
          const forged = { ...proof, index: index ^ (1n << bit) }
          expect(verifyInclusion(forged, nodeHasher).ok).toBe(false)
        }
      }
    }
  })

  test('has consistency proofs that verify and compose', async () => {
    const sizes = [...hugeSizes].sort((a, b) => (a < b ? -1 : 1))
    const reader = oddReader(2n ** 53n - 4n)
    const between = async (size1: bigint, size2: bigint): Promise<Consistency> => ({
      size1,
      size2,
      root1: await buildRoot(size1, reader, nodeHasher),
      root2: await buildRoot(size2, reader, nodeHasher),
      hashes: await buildConsistency(size1, size2, reader, nodeHasher),
    })
    for (const size1 of [1n, 3n, ...sizes]) {
      for (const size2 of sizes) {
        if (size2 < size1) continue
        const proof = await between(size1, size2)
        expect(verifyConsistency(proof, nodeHasher)).toEqual({ ok: true })
        const swapped = { ...proof, root1: proof.root2, root2: proof.root1 }
        expect(verifyConsistency(swapped, nodeHasher).ok).toBe(size1 === size2)
      }
    }
  })
})
