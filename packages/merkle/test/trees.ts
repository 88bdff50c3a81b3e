/** Trees that are read by node: large ones, and ones of any size up to 2^64 - 1. */
import { maxUint64 } from '../src/bytes.ts'
import { nodeHasher } from '../src/node.ts'
import type { NodeReader } from '../src/proof.ts'

const { hashLeaf, hashNode } = nodeHasher

/** The hashes of leaves that hold their own number. */
export function numberedLeaves(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => hashLeaf(new TextEncoder().encode(`${i}`)))
}

/** Reads the complete subtrees over leaves, all of them hashed once. */
export function treeReader(leaves: readonly Uint8Array[]): NodeReader {
  const levels = [leaves]
  for (let below = leaves; below.length > 1; ) {
    const level: Uint8Array[] = []
    for (let i = 0; 2 * i + 1 < below.length; i += 1) {
      const [left, right] = below.slice(2 * i, 2 * i + 2)
      if (left !== undefined && right !== undefined) level.push(hashNode(left, right))
    }
    levels.push(level)
    below = level
  }
  return (level, index) => {
    const hash = levels[level]?.[Number(index)]
    if (hash === undefined) throw new Error(`no node ${index} on level ${level}`)
    return hash
  }
}

/** The complete subtrees of leaves that are all the same, by level. */
const evenNodes = [hashLeaf(new Uint8Array())]
for (let level = 0; level < 64; level += 1) {
  const below = evenNodes[level] ?? new Uint8Array()
  evenNodes.push(hashNode(below, below))
}

/** The hash of the leaf that {@link oddReader} has at its odd place. */
export const oddLeaf: Uint8Array = hashLeaf(Uint8Array.of(1))

/** Reads a tree of any size whose leaves are all the same, but for the one at `odd`. */
export function oddReader(odd: bigint): NodeReader {
  const hashOf = (level: number, index: bigint): Uint8Array => {
    const isOdd = odd >> BigInt(level) === index
    if (!isOdd) return evenNodes[level] ?? new Uint8Array()
    if (level === 0) return oddLeaf
    return hashNode(hashOf(level - 1, 2n * index), hashOf(level - 1, 2n * index + 1n))
  }
  return hashOf
}

/** Sizes at which arithmetic with numbers goes wrong: about 2^53, 2^63, 2^64. */
export const hugeSizes: readonly bigint[] = [
  ...[-2n, -1n, 0n, 1n, 2n].flatMap((by) => [2n ** 53n + by, 2n ** 63n + by]),
  maxUint64 - 1n,
  maxUint64,
]
