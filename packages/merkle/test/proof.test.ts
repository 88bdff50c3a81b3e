import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxUint64 } from '../src/bytes.ts'
import { nodeHasher } from '../src/node.ts'
import {
  buildConsistency,
  buildInclusion,
  buildRoot,
  type Consistency,
  type Inclusion,
  verifyConsistency,
  verifyInclusion,
} from '../src/proof.ts'
import { emptyRoot, hashLeaf, hashNode } from '../src/rfc6962.ts'
import { entriesOf, entryReader, flipBit, rejectionOf, replaceAt, treeHash } from './support.ts'

const entries = entriesOf(80)
const read = entryReader(entries)
const roots = Array.from({ length: entries.length + 1 }, (_, size) =>
  treeHash(entries.slice(0, size)),
)
const leafHashes = entries.map(hashLeaf)

function rootAt(size: bigint): Uint8Array {
  return roots[Number(size)] ?? new Uint8Array()
}

async function inclusionOf(index: bigint, size: bigint): Promise<Inclusion> {
  const hashes = await buildInclusion(index, size, read, nodeHasher)
  const leafHash = leafHashes[Number(index)] ?? new Uint8Array()
  return { index, size, leafHash, hashes, root: rootAt(size) }
}

async function consistencyOf(size1: bigint, size2: bigint): Promise<Consistency> {
  const hashes = await buildConsistency(size1, size2, read, nodeHasher)
  return { size1, size2, root1: rootAt(size1), root2: rootAt(size2), hashes }
}

/** An index below a size, within the entries. */
const place = fc
  .integer({ min: 1, max: entries.length })
  .chain((size) => fc.record({ size: fc.constant(BigInt(size)), index: fc.nat(size - 1) }))
  .map(({ size, index }) => ({ size, index: BigInt(index) }))

const sizes = fc
  .tuple(fc.integer({ min: 1, max: entries.length }), fc.integer({ min: 1, max: entries.length }))
  .map((pair) => [BigInt(Math.min(...pair)), BigInt(Math.max(...pair))] as const)

const bit = fc.nat(255)

describe('inclusion', () => {
  test('every honest proof verifies, for every leaf of every tree', async () => {
    for (let size = 1n; size <= 40n; size += 1n) {
      for (let index = 0n; index < size; index += 1n) {
        expect(verifyInclusion(await inclusionOf(index, size), nodeHasher)).toEqual({ ok: true })
      }
    }
  })

  test('a changed leaf, root or hash is refused', async () => {
    await fc.assert(
      fc.asyncProperty(place, bit, fc.nat(), async ({ index, size }, flipped, at) => {
        const proof = await inclusionOf(index, size)
        const flip = (bytes: Uint8Array): Uint8Array => flipBit(bytes, flipped)
        const forged: Inclusion[] = [
          { ...proof, leafHash: flip(proof.leafHash) },
          { ...proof, root: flip(proof.root) },
          ...(proof.hashes.length > 0
            ? [{ ...proof, hashes: replaceAt(proof.hashes, at, flip) }]
            : []),
        ]
        for (const forgery of forged) {
          expect(verifyInclusion(forgery)).toMatchObject({ ok: false, code: 'ROOT_MISMATCH' })
        }
      }),
    )
  })

  test('a changed index is refused', async () => {
    await fc.assert(
      fc.asyncProperty(place, fc.nat(63), async ({ index, size }, flipped) => {
        const proof = await inclusionOf(index, size)
        const forged = { ...proof, index: index ^ (1n << BigInt(flipped)) }
        expect(verifyInclusion(forged)).toMatchObject({ ok: false })
      }),
    )
  })

  test('a hash too many or too few is refused', async () => {
    await fc.assert(
      fc.asyncProperty(place, async ({ index, size }) => {
        const proof = await inclusionOf(index, size)
        const longer = { ...proof, hashes: [...proof.hashes, proof.root] }
        const shorter = { ...proof, hashes: proof.hashes.slice(0, -1) }
        const code = 'PROOF_LENGTH'
        expect(verifyInclusion(longer)).toMatchObject({ ok: false, code })
        if (size > 1n) expect(verifyInclusion(shorter)).toMatchObject({ ok: false, code })
      }),
    )
  })

  test('the last leaf of the largest tree', () => {
    const leafHash = hashLeaf(Uint8Array.of(1))
    const sibling = hashLeaf(Uint8Array.of(2))
    const size = maxUint64
    // The last leaf of 2^64 - 1 is alone: its path goes left through 63 complete subtrees.
    const hashes = Array<Uint8Array>(63).fill(sibling)
    const root = hashes.reduce((hash, left) => hashNode(left, hash), leafHash)
    expect(verifyInclusion({ index: size - 1n, size, leafHash, hashes, root })).toEqual({
      ok: true,
    })
  })

  test('numbers out of range and hashes of another length are refused', async () => {
    const proof = await inclusionOf(3n, 7n)
    const short = new Uint8Array(31)
    const cases: [Inclusion, string][] = [
      [{ ...proof, index: 7n }, 'INDEX_BEYOND_SIZE'],
      [{ ...proof, index: 0n, size: 0n }, 'INDEX_BEYOND_SIZE'],
      [{ ...proof, index: -1n }, 'SIZE_RANGE'],
      [{ ...proof, size: maxUint64 + 1n }, 'SIZE_RANGE'],
      [{ ...proof, leafHash: short }, 'HASH_LENGTH'],
      [{ ...proof, root: short }, 'HASH_LENGTH'],
      [{ ...proof, hashes: [short] }, 'HASH_LENGTH'],
    ]
    for (const [forged, code] of cases) {
      expect(verifyInclusion(forged)).toMatchObject({ ok: false, code })
    }
  })
})

describe('consistency', () => {
  test('every honest proof verifies, for every pair of sizes', async () => {
    for (let size2 = 1n; size2 <= 40n; size2 += 1n) {
      for (let size1 = 1n; size1 <= size2; size1 += 1n) {
        expect(verifyConsistency(await consistencyOf(size1, size2), nodeHasher)).toEqual({
          ok: true,
        })
      }
    }
  })

  test('a changed root or hash is refused', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, bit, fc.nat(), async ([size1, size2], flipped, at) => {
        const proof = await consistencyOf(size1, size2)
        const flip = (bytes: Uint8Array): Uint8Array => flipBit(bytes, flipped)
        const forged: Consistency[] = [
          { ...proof, root1: flip(proof.root1) },
          { ...proof, root2: flip(proof.root2) },
          ...(proof.hashes.length > 0
            ? [{ ...proof, hashes: replaceAt(proof.hashes, at, flip) }]
            : []),
        ]
        for (const forgery of forged) {
          expect(verifyConsistency(forgery)).toMatchObject({ ok: false, code: 'ROOT_MISMATCH' })
        }
      }),
    )
  })

  test('the trees in the wrong order are refused', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ([size1, size2]) => {
        fc.pre(size1 < size2)
        const proof = await consistencyOf(size1, size2)
        const swapped = { ...proof, root1: proof.root2, root2: proof.root1 }
        expect(verifyConsistency(swapped)).toMatchObject({ ok: false, code: 'ROOT_MISMATCH' })
      }),
    )
  })

  test('any sizes and hashes get a verdict', () => {
    const hash = fc.uint8Array({ minLength: 31, maxLength: 33 })
    const size = fc.bigInt({ min: -1n, max: maxUint64 + 1n })
    const hashes = fc.array(hash, { maxLength: 70 })
    fc.assert(
      fc.property(size, size, hash, hash, hashes, (size1, size2, root1, root2, list) => {
        expect(verifyConsistency({ size1, size2, root1, root2, hashes: list }).ok).toBe(
          size1 === size2 &&
            size1 > 0n &&
            size1 <= maxUint64 &&
            list.length === 0 &&
            `${root1}` === `${root2}`,
        )
        const isHash = root1.length === 32
        const inclusion = { index: size1, size: size2, leafHash: root1, root: root2, hashes: list }
        expect(verifyInclusion(inclusion).ok).toBe(
          size1 === 0n && size2 === 1n && list.length === 0 && isHash && `${root1}` === `${root2}`,
        )
      }),
    )
  })

  test('a hash too many or too few is refused', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ([size1, size2]) => {
        const proof = await consistencyOf(size1, size2)
        const longer = { ...proof, hashes: [...proof.hashes, proof.root1] }
        const shorter = { ...proof, hashes: proof.hashes.slice(0, -1) }
        const code = 'PROOF_LENGTH'
        expect(verifyConsistency(longer)).toMatchObject({ ok: false, code })
        if (size1 < size2) expect(verifyConsistency(shorter)).toMatchObject({ ok: false, code })
      }),
    )
  })

  test('no proof at all is refused where one is needed', async () => {
    const proof = await consistencyOf(3n, 7n)
    expect(verifyConsistency({ ...proof, hashes: [] })).toMatchObject({ code: 'PROOF_LENGTH' })
  })

  test('sizes out of range or order are refused', async () => {
    const proof = await consistencyOf(3n, 7n)
    const cases: [Consistency, string][] = [
      [{ ...proof, size1: 8n }, 'SIZE_ORDER'],
      [{ ...proof, size1: 0n, root1: emptyRoot(), hashes: [] }, 'EMPTY_TREE'],
      [{ ...proof, size1: -1n }, 'SIZE_RANGE'],
      [{ ...proof, size2: maxUint64 + 1n }, 'SIZE_RANGE'],
      [{ ...proof, root1: new Uint8Array(33) }, 'HASH_LENGTH'],
      [{ ...proof, size1: 7n, hashes: [] }, 'ROOT_MISMATCH'],
    ]
    for (const [forged, code] of cases) {
      expect(verifyConsistency(forged)).toMatchObject({ ok: false, code })
    }
  })
})

describe('building', () => {
  test('gives the root of RFC 6962', async () => {
    for (const size of [0n, 1n, 2n, 3n, 64n, 65n, 80n]) {
      expect(await buildRoot(size, read)).toEqual(rootAt(size))
    }
  })

  test('nothing is needed from the tree without leaves, or to the same tree', async () => {
    expect(await buildConsistency(0n, 9n, read)).toEqual([])
    expect(await buildConsistency(9n, 9n, read)).toEqual([])
  })

  test('reads at most 64 nodes per hash in the largest tree', async () => {
    const hash = new Uint8Array(32)
    let reads = 0
    const constant = (): Uint8Array => {
      reads += 1
      return hash
    }
    expect(await buildInclusion(0n, maxUint64, constant)).toHaveLength(64)
    expect(await buildConsistency(1n, maxUint64, constant)).toHaveLength(64)
    expect(reads).toBeLessThan(64 * 4)
  })

  test('refuses wrong sizes and a reader that gives no hashes', async () => {
    const code = 'INVALID_ARGUMENT'
    expect(await rejectionOf(buildInclusion(7n, 7n, read))).toBe(code)
    expect(await rejectionOf(buildInclusion(-1n, 7n, read))).toBe(code)
    expect(await rejectionOf(buildConsistency(8n, 7n, read))).toBe(code)
    expect(await rejectionOf(buildConsistency(1n, maxUint64 + 1n, read))).toBe(code)
    expect(await rejectionOf(buildRoot(1n, () => new Uint8Array(31)))).toBe(code)
  })
})
