import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxUint64 } from '../src/bytes.ts'
import { nodeHasher } from '../src/node.ts'
import {
  buildInclusion,
  buildRangeInclusion,
  buildRoot,
  type RangeInclusion,
  verifyRangeInclusion,
} from '../src/proof.ts'
import { flipBit, rejectionOf, replaceAt } from './support.ts'
import { hugeSizes, numberedLeaves, oddLeaf, oddReader, treeReader } from './trees.ts'

const leaves = numberedLeaves(200)
const read = treeReader(leaves)

async function rangeOf(begin: number, end: number, size: number): Promise<RangeInclusion> {
  const [first, last, all] = [BigInt(begin), BigInt(end), BigInt(size)]
  return {
    begin: first,
    size: all,
    leafHashes: leaves.slice(begin, end),
    hashes: await buildRangeInclusion(first, last, all, read, nodeHasher),
    root: await buildRoot(all, read, nodeHasher),
  }
}

/** A run of leaves, at least one, in a tree. */
const run = fc
  .array(fc.integer({ min: 0, max: leaves.length }), { minLength: 3, maxLength: 3 })
  .map((places) => places.sort((a, b) => a - b))
  .filter(([begin = 0, end = 0]) => begin < end)
  .map(([begin = 0, end = 0, size = 0]) => ({ begin, end, size }))

describe('a range proof', () => {
  test('verifies, for every run of leaves of every small tree', async () => {
    for (let size = 1; size <= 17; size += 1) {
      for (let end = 1; end <= size; end += 1) {
        for (let begin = 0; begin < end; begin += 1) {
          const proof = await rangeOf(begin, end, size)
          expect(verifyRangeInclusion(proof, nodeHasher)).toEqual({ ok: true })
        }
      }
    }
  })

  test('verifies, and is refused for every change of a leaf, a hash or the root', async () => {
    await fc.assert(
      fc.asyncProperty(run, fc.nat(255), fc.nat(), async ({ begin, end, size }, bit, at) => {
        const proof = await rangeOf(begin, end, size)
        expect(verifyRangeInclusion(proof)).toEqual({ ok: true })
        const flip = (bytes: Uint8Array): Uint8Array => flipBit(bytes, bit)
        const forged: RangeInclusion[] = [
          { ...proof, root: flip(proof.root) },
          { ...proof, leafHashes: replaceAt(proof.leafHashes, at, flip) },
          ...(proof.hashes.length > 0
            ? [{ ...proof, hashes: replaceAt(proof.hashes, at, flip) }]
            : []),
        ]
        for (const forgery of forged) {
          expect(verifyRangeInclusion(forgery)).toMatchObject({ ok: false, code: 'ROOT_MISMATCH' })
        }
      }),
    )
  })

  test('binds where the run begins, its order and its length', async () => {
    await fc.assert(
      fc.asyncProperty(run, fc.nat(63), async ({ begin, end, size }, bit) => {
        const proof = await rangeOf(begin, end, size)
        const [first, ...rest] = proof.leafHashes
        const forged: RangeInclusion[] = [
          { ...proof, begin: proof.begin ^ (1n << BigInt(bit)) },
          { ...proof, leafHashes: rest },
          { ...proof, leafHashes: [...proof.leafHashes, proof.root] },
          ...(first !== undefined && rest.length > 0
            ? [{ ...proof, leafHashes: [...rest, first] }]
            : []),
        ]
        for (const forgery of forged) expect(verifyRangeInclusion(forgery).ok).toBe(false)
      }),
    )
  })

  test('has no hash too many or too few', async () => {
    await fc.assert(
      fc.asyncProperty(run, async ({ begin, end, size }) => {
        const proof = await rangeOf(begin, end, size)
        const code = 'PROOF_LENGTH'
        const longer = { ...proof, hashes: [...proof.hashes, proof.root] }
        expect(verifyRangeInclusion(longer)).toMatchObject({ ok: false, code })
        if (proof.hashes.length === 0) return
        const shorter = { ...proof, hashes: proof.hashes.slice(0, -1) }
        expect(verifyRangeInclusion(shorter)).toMatchObject({ ok: false, code })
      }),
    )
  })

  test('of one leaf has the hashes of its inclusion proof, left to right', async () => {
    const inclusion = await buildInclusion(77n, 200n, read)
    const range = await buildRangeInclusion(77n, 78n, 200n, read)
    const sorted = (hashes: readonly Uint8Array[]): string[] =>
      hashes.map((hash) => `${hash}`).sort()
    expect(sorted(range)).toEqual(sorted(inclusion))
  })

  test('of all leaves needs no hash', async () => {
    expect((await rangeOf(0, 200, 200)).hashes).toEqual([])
  })

  test('holds in trees of sizes that no number holds', async () => {
    for (const size of hugeSizes) {
      for (const odd of [0n, size / 2n, size - 1n]) {
        const reader = oddReader(odd)
        const begin = odd === 0n ? 0n : odd - 1n
        const end = odd + 2n > size ? size : odd + 2n
        const leafHashes: Uint8Array[] = []
        for (let i = begin; i < end; i += 1n) leafHashes.push(await reader(0, i))
        expect(leafHashes).toContainEqual(oddLeaf)
        const hashes = await buildRangeInclusion(begin, end, size, reader, nodeHasher)
        const root = await buildRoot(size, reader, nodeHasher)
        const proof = { begin, size, leafHashes, hashes, root }
        expect(verifyRangeInclusion(proof, nodeHasher)).toEqual({ ok: true })
        for (const moved of [begin ^ 1n, begin ^ 4n, begin ^ (1n << 52n)]) {
          expect(verifyRangeInclusion({ ...proof, begin: moved }, nodeHasher).ok).toBe(false)
        }
      }
    }
    const longest = await buildRangeInclusion(1n, maxUint64 - 1n, maxUint64, () => oddLeaf)
    expect(longest).toHaveLength(2)
    expect(
      await buildRangeInclusion(2n ** 63n - 1n, 2n ** 63n + 1n, maxUint64, () => oddLeaf),
    ).toHaveLength(126)
  })

  test('about nothing, out of range or of other lengths is refused', async () => {
    const proof = await rangeOf(2, 5, 7)
    const short = new Uint8Array(31)
    const cases: [RangeInclusion, string][] = [
      [{ ...proof, leafHashes: [] }, 'EMPTY_RANGE'],
      [{ ...proof, begin: 5n }, 'INDEX_BEYOND_SIZE'],
      [{ ...proof, begin: maxUint64 }, 'INDEX_BEYOND_SIZE'],
      [{ ...proof, begin: -1n }, 'SIZE_RANGE'],
      [{ ...proof, size: maxUint64 + 1n }, 'SIZE_RANGE'],
      [{ ...proof, root: short }, 'HASH_LENGTH'],
      [{ ...proof, leafHashes: [short] }, 'HASH_LENGTH'],
      [{ ...proof, hashes: [short] }, 'HASH_LENGTH'],
    ]
    for (const [forged, code] of cases) {
      expect(verifyRangeInclusion(forged)).toMatchObject({ ok: false, code })
    }
  })

  test('whatever it is gets a verdict', () => {
    const hash = fc.uint8Array({ minLength: 31, maxLength: 33 })
    const number = fc.bigInt({ min: -1n, max: maxUint64 + 1n })
    const hashes = fc.array(hash, { maxLength: 9 })
    fc.assert(
      fc.property(number, number, hash, hashes, hashes, (begin, size, root, leafHashes, list) => {
        const verdict = verifyRangeInclusion({ begin, size, root, leafHashes, hashes: list })
        const isOnlyLeaf = begin === 0n && size === 1n && list.length === 0
        expect(verdict.ok).toBe(isOnlyLeaf && root.length === 32 && `${leafHashes}` === `${root}`)
      }),
    )
  })

  test('is not made for what is no run', async () => {
    const code = 'INVALID_ARGUMENT'
    expect(await rejectionOf(buildRangeInclusion(3n, 3n, 7n, read))).toBe(code)
    expect(await rejectionOf(buildRangeInclusion(3n, 8n, 7n, read))).toBe(code)
    expect(await rejectionOf(buildRangeInclusion(-1n, 3n, 7n, read))).toBe(code)
    expect(await rejectionOf(buildRangeInclusion(0n, 1n, maxUint64 + 1n, read))).toBe(code)
  })
})
