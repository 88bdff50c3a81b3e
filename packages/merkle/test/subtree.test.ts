import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeHex, maxUint64 } from '../src/bytes.ts'
import { nodeHasher } from '../src/node.ts'
import { buildConsistency, buildInclusion, buildRoot } from '../src/proof.ts'
import { emptyRoot } from '../src/rfc6962.ts'
import {
  buildSubtreeConsistency,
  buildSubtreeHash,
  buildSubtreeInclusion,
  coveringSubtrees,
  isSubtree,
  type Subtree,
  type SubtreeConsistency,
  type SubtreeInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from '../src/subtree.ts'
import { flipBit, rejectionOf, replaceAt } from './support.ts'
import { hugeSizes, numberedLeaves, oddLeaf, oddReader, treeReader } from './trees.ts'

const leaves = numberedLeaves(130)
const read = treeReader(leaves)

/** Every subtree of at most 130 leaves, as the test vectors go through them. */
const subtrees = Array.from({ length: 131 }, (_, end) =>
  Array.from({ length: end + 1 }, (__, begin) => ({ begin: BigInt(begin), end: BigInt(end) })),
)
  .flat()
  .filter(isSubtree)

describe('the accumulated vectors of draft-ietf-plants-merkle-tree-certs', () => {
  /** A tree whose leaf i is the byte i. */
  const bytes = treeReader(
    Array.from({ length: 130 }, (_, i) => nodeHasher.hashLeaf(Uint8Array.of(i))),
  )
  const name = ({ begin, end }: Subtree): string => `[${begin}, ${end})`

  test('for hashes', async () => {
    const accumulated = createHash('sha256')
    for (const subtree of subtrees) {
      const hash = await buildSubtreeHash(subtree, bytes, nodeHasher)
      accumulated.update(`${name(subtree)} ${encodeHex(hash)}\n`)
    }
    expect(accumulated.digest('hex')).toBe(
      'b82806ad4265bb151c1119c0f4db437bb4d1a1f887b3a7fba1cd4ebf552e3e81',
    )
  })

  test('for inclusion proofs', async () => {
    const accumulated = createHash('sha256')
    for (const subtree of subtrees) {
      for (let index = subtree.begin; index < subtree.end; index += 1n) {
        const hashes = await buildSubtreeInclusion(index, subtree, bytes, nodeHasher)
        const line = [`${index} ${name(subtree)}`, ...hashes.map(encodeHex)].join(' ')
        accumulated.update(`${line}\n`)
      }
    }
    expect(accumulated.digest('hex')).toBe(
      'ac2a8f989e44d99e399db448050ff5f19757df53cfb716aa81015d3955d8163f',
    )
  })

  test('for consistency proofs', async () => {
    const accumulated = createHash('sha256')
    for (let size = 0n; size <= 130n; size += 1n) {
      for (const subtree of subtrees) {
        if (subtree.end > size) break
        const hashes = await buildSubtreeConsistency(subtree, size, bytes, nodeHasher)
        accumulated.update(`${[`${name(subtree)} ${size}`, ...hashes.map(encodeHex)].join(' ')}\n`)
      }
    }
    expect(accumulated.digest('hex')).toBe(
      '10fa99b37bf9bf9ffa26b412fbd98bd75363256d0b75d61bc4538b9c9c5a0a74',
    )
  })

  test('for covering subtrees', () => {
    const accumulated = createHash('sha256')
    for (let end = 0n; end <= 130n; end += 1n) {
      for (let begin = 0n; begin <= end; begin += 1n) {
        accumulated.update(`${coveringSubtrees({ begin, end }).map(name).join(' ')}\n`)
      }
    }
    expect(accumulated.digest('hex')).toBe(
      '7fd9c8b926e9d2b5cf831560e8ce295a5ef97ad5c5ede4ea0dea28a8c8fc8bb0',
    )
  })
})

describe('a subtree', () => {
  test.each<[bigint, bigint, boolean]>([
    [0n, 0n, true],
    [7n, 7n, true],
    [7n, 8n, true],
    [0n, 13n, true],
    [4n, 8n, true],
    [8n, 13n, true],
    [1n, 3n, false],
    [2n, 6n, false],
    [4n, 9n, false],
    [3n, 2n, false],
    [-1n, 0n, false],
    [0n, maxUint64, true],
    [1n, maxUint64, false],
    [2n ** 63n, maxUint64, true],
    [2n ** 62n, 2n ** 63n + 1n, false],
    [0n, maxUint64 + 1n, false],
  ])('from %d to %d: %s', (begin, end, expected) => {
    expect(isSubtree({ begin, end })).toBe(expected)
  })

  test('covers any run of leaves together with a second one, with less than half too many', () => {
    const number = fc.oneof(
      fc.bigInt({ min: 0n, max: 200n }),
      fc.bigInt({ min: 0n, max: maxUint64 }),
    )
    fc.assert(
      fc.property(number, number, (one, other) => {
        const [begin, end] = one < other ? [one, other] : [other, one]
        const [left, right] = coveringSubtrees({ begin, end })
        expect([isSubtree(left), isSubtree(right)]).toEqual([true, true])
        expect([left.end, right.end]).toEqual([right.begin, end])
        expect(left.begin <= begin).toBe(true)
        if (begin < end) expect(begin - left.begin < left.end - begin).toBe(true)
      }),
    )
  })
})

interface Sample {
  readonly subtree: Subtree
  readonly size: bigint
}

const sample: fc.Arbitrary<Sample> = fc
  .record({
    subtree: fc.constantFrom(...subtrees.filter(({ begin, end }) => begin < end)),
    more: fc.nat(130),
  })
  .map(({ subtree, more }) => {
    const size = subtree.end + BigInt(more)
    return { subtree, size: size > 130n ? 130n : size }
  })

async function consistencyOf({ subtree, size }: Sample): Promise<SubtreeConsistency> {
  return {
    subtree,
    size,
    hash: await buildSubtreeHash(subtree, read, nodeHasher),
    root: await buildRoot(size, read, nodeHasher),
    hashes: await buildSubtreeConsistency(subtree, size, read, nodeHasher),
  }
}

async function inclusionOf(index: bigint, subtree: Subtree): Promise<SubtreeInclusion> {
  return {
    index,
    subtree,
    leafHash: leaves[Number(index)] ?? new Uint8Array(),
    hash: await buildSubtreeHash(subtree, read, nodeHasher),
    hashes: await buildSubtreeInclusion(index, subtree, read, nodeHasher),
  }
}

describe('a subtree consistency proof', () => {
  test('verifies for every subtree of every small tree', async () => {
    for (let size = 0n; size <= 20n; size += 1n) {
      for (const subtree of subtrees) {
        if (subtree.end > size) break
        const proof = await consistencyOf({ subtree, size })
        expect(verifySubtreeConsistency(proof, nodeHasher)).toEqual({ ok: true })
      }
    }
  })

  test('verifies, and is refused for every change of a hash or root', async () => {
    await fc.assert(
      fc.asyncProperty(sample, fc.nat(255), fc.nat(), async (chosen, bit, at) => {
        const proof = await consistencyOf(chosen)
        expect(verifySubtreeConsistency(proof)).toEqual({ ok: true })
        const flip = (bytes: Uint8Array): Uint8Array => flipBit(bytes, bit)
        const forged: SubtreeConsistency[] = [
          { ...proof, hash: flip(proof.hash) },
          { ...proof, root: flip(proof.root) },
          ...(proof.hashes.length > 0
            ? [{ ...proof, hashes: replaceAt(proof.hashes, at, flip) }]
            : []),
        ]
        for (const forgery of forged) {
          expect(verifySubtreeConsistency(forgery)).toMatchObject({ code: 'ROOT_MISMATCH' })
        }
        const longer = { ...proof, hashes: [...proof.hashes, proof.root] }
        expect(verifySubtreeConsistency(longer)).toMatchObject({ code: 'PROOF_LENGTH' })
        if (proof.hashes.length === 0) return
        const shorter = { ...proof, hashes: proof.hashes.slice(0, -1) }
        expect(verifySubtreeConsistency(shorter)).toMatchObject({ code: 'PROOF_LENGTH' })
      }),
    )
  })

  test('binds where the subtree is', async () => {
    await fc.assert(
      fc.asyncProperty(sample, fc.nat(63), async (chosen, bit) => {
        const proof = await consistencyOf(chosen)
        const by = 1n << BigInt(bit)
        const { begin, end } = proof.subtree
        const moved = { begin: begin ^ by, end: (begin ^ by) + (end - begin) }
        expect(verifySubtreeConsistency({ ...proof, subtree: moved }).ok).toBe(false)
      }),
    )
  })

  test('from leaf 0 is a consistency proof, and of one leaf an inclusion proof', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(129), fc.nat(129), async (one, other) => {
        const [low, size] = [BigInt(Math.min(one, other)), BigInt(Math.max(one, other)) + 1n]
        const prefix = { begin: 0n, end: low + 1n }
        expect(await buildSubtreeConsistency(prefix, size, read)).toEqual(
          await buildConsistency(low + 1n, size, read),
        )
        const leaf = { begin: low, end: low + 1n }
        expect(await buildSubtreeConsistency(leaf, size, read)).toEqual(
          await buildInclusion(low, size, read),
        )
      }),
    )
  })

  test('of no leaves holds for the hash of no leaves, whatever the root', async () => {
    const proof: SubtreeConsistency = {
      subtree: { begin: 3n, end: 3n },
      size: 5n,
      hash: emptyRoot(),
      root: oddLeaf,
      hashes: [],
    }
    expect(await buildSubtreeConsistency(proof.subtree, 5n, read)).toEqual([])
    expect(verifySubtreeConsistency(proof)).toEqual({ ok: true })
    expect(verifySubtreeConsistency({ ...proof, hash: oddLeaf }).ok).toBe(false)
    expect(verifySubtreeConsistency({ ...proof, hashes: [oddLeaf] }).ok).toBe(false)
  })

  test('holds in trees of sizes that no number holds', async () => {
    for (const size of hugeSizes) {
      const half = 1n << BigInt(size.toString(2).length - 1)
      const at = half === size ? half / 2n : half
      for (const subtree of [
        { begin: 0n, end: size - 1n },
        { begin: 0n, end: 2n ** 53n - 3n },
        { begin: at, end: size },
        { begin: at - 2n, end: at },
        { begin: at - 1n, end: at },
      ]) {
        const reader = oddReader(subtree.end - 1n)
        const proof: SubtreeConsistency = {
          subtree,
          size,
          hash: await buildSubtreeHash(subtree, reader, nodeHasher),
          root: await buildRoot(size, reader, nodeHasher),
          hashes: await buildSubtreeConsistency(subtree, size, reader, nodeHasher),
        }
        expect(verifySubtreeConsistency(proof, nodeHasher)).toEqual({ ok: true })
        const shifted = { begin: subtree.begin ^ 4n, end: subtree.end ^ 4n }
        expect(verifySubtreeConsistency({ ...proof, subtree: shifted }, nodeHasher).ok).toBe(false)
      }
    }
  })
})

describe('a subtree inclusion proof', () => {
  test('verifies, and is refused for every change', async () => {
    await fc.assert(
      fc.asyncProperty(sample, fc.nat(), fc.nat(255), async ({ subtree }, place, bit) => {
        const index = subtree.begin + (BigInt(place) % (subtree.end - subtree.begin))
        const proof = await inclusionOf(index, subtree)
        expect(verifySubtreeInclusion(proof)).toEqual({ ok: true })
        const flip = (bytes: Uint8Array): Uint8Array => flipBit(bytes, bit)
        const forged: SubtreeInclusion[] = [
          { ...proof, leafHash: flip(proof.leafHash) },
          { ...proof, hash: flip(proof.hash) },
          { ...proof, index: index ^ (1n << BigInt(bit % 64)) },
          { ...proof, hashes: [...proof.hashes, proof.hash] },
          ...(proof.hashes.length > 0
            ? [
                { ...proof, hashes: replaceAt(proof.hashes, place, flip) },
                { ...proof, hashes: proof.hashes.slice(0, -1) },
              ]
            : []),
        ]
        for (const forgery of forged) expect(verifySubtreeInclusion(forgery).ok).toBe(false)
      }),
    )
  })
})

describe('numbers, hashes and intervals that can not be', () => {
  const short = new Uint8Array(31)

  test('are refused', async () => {
    const consistency = await consistencyOf({ subtree: { begin: 8n, end: 13n }, size: 14n })
    const consistencyCases: [SubtreeConsistency, string][] = [
      [{ ...consistency, subtree: { begin: 7n, end: 13n } }, 'NOT_A_SUBTREE'],
      [{ ...consistency, subtree: { begin: 13n, end: 8n } }, 'NOT_A_SUBTREE'],
      [{ ...consistency, subtree: { begin: -8n, end: 13n } }, 'SIZE_RANGE'],
      [{ ...consistency, size: 12n }, 'SIZE_ORDER'],
      [{ ...consistency, size: maxUint64 + 1n }, 'SIZE_RANGE'],
      [{ ...consistency, hash: short }, 'HASH_LENGTH'],
      [{ ...consistency, root: short }, 'HASH_LENGTH'],
      [{ ...consistency, hashes: [short] }, 'HASH_LENGTH'],
      [{ ...consistency, hashes: [] }, 'PROOF_LENGTH'],
    ]
    for (const [forged, code] of consistencyCases) {
      expect(verifySubtreeConsistency(forged)).toMatchObject({ ok: false, code })
    }
    const inclusion = await inclusionOf(10n, { begin: 8n, end: 13n })
    const inclusionCases: [SubtreeInclusion, string][] = [
      [{ ...inclusion, subtree: { begin: 7n, end: 13n } }, 'NOT_A_SUBTREE'],
      [{ ...inclusion, subtree: { begin: 8n, end: maxUint64 + 1n } }, 'SIZE_RANGE'],
      [{ ...inclusion, index: 7n }, 'INDEX_BEYOND_SIZE'],
      [{ ...inclusion, index: 13n }, 'INDEX_BEYOND_SIZE'],
      [{ ...inclusion, leafHash: short }, 'HASH_LENGTH'],
    ]
    for (const [forged, code] of inclusionCases) {
      expect(verifySubtreeInclusion(forged)).toMatchObject({ ok: false, code })
    }
  })

  test('get a verdict, whatever they are', () => {
    const number = fc.bigInt({ min: -1n, max: maxUint64 + 1n })
    const hash = fc.uint8Array({ minLength: 31, maxLength: 33 })
    const hashes = fc.array(hash, { maxLength: 9 })
    fc.assert(
      fc.property(number, number, number, hash, hash, hashes, (begin, end, size, a, b, list) => {
        const subtree = { begin, end }
        const consistency = { subtree, size, hash: a, root: b, hashes: list }
        const isSame = list.length === 0 && a.length === 32 && `${a}` === `${b}`
        const isTree = begin === 0n && end === size && size > 0n && size <= maxUint64
        expect(verifySubtreeConsistency(consistency).ok).toBe(isSame && isTree)
        const inclusion = { index: size, subtree, leafHash: a, hash: b, hashes: list }
        const isLeaf = begin === size && end === size + 1n && begin >= 0n && end <= maxUint64
        expect(verifySubtreeInclusion(inclusion).ok).toBe(isSame && isLeaf)
      }),
    )
  })

  test('are no arguments', async () => {
    const code = 'INVALID_ARGUMENT'
    const subtree = { begin: 8n, end: 13n }
    const none = { begin: 7n, end: 13n }
    expect(await rejectionOf(buildSubtreeHash(none, read))).toBe(code)
    expect(await rejectionOf(buildSubtreeConsistency(none, 14n, read))).toBe(code)
    expect(await rejectionOf(buildSubtreeConsistency(subtree, 12n, read))).toBe(code)
    expect(await rejectionOf(buildSubtreeConsistency(subtree, maxUint64 + 1n, read))).toBe(code)
    expect(await rejectionOf(buildSubtreeInclusion(7n, subtree, read))).toBe(code)
    expect(await rejectionOf(buildSubtreeInclusion(8n, none, read))).toBe(code)
    expect(() => coveringSubtrees({ begin: 2n, end: 1n })).toThrow('are no range')
  })
})
