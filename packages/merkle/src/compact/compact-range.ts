/** A run of leaves as the hashes of the complete subtrees that it is made of. */
import { isUint64, maxUint64 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'
import { foldHashes, rangeNodes, requireHashes, type SubtreeNode } from '../range.ts'
import { emptyRoot, type Hasher, sha256Hasher } from '../rfc6962.ts'

/**
 * Called for each subtree that is completed, smallest first: level, index and hash. The hash is to
 * be kept or copied, not written to.
 */
export type NodeVisitor = (level: number, index: bigint, hash: Uint8Array) => void

/**
 * The nodes whose hashes a {@link CompactRange} of leaves `begin` to `end` (exclusive) holds, in
 * its order: at most 126.
 *
 * Throws INVALID_ARGUMENT where this is no range below 2^64.
 */
export function compactNodes(end: bigint, begin = 0n): SubtreeNode[] {
  if (isUint64(begin) && isUint64(end) && begin <= end) return rangeNodes(begin, end)
  throw new MerkleError(
    'INVALID_ARGUMENT',
    `leaves ${begin} to ${end} are no range: both are 0 to 2^64 - 1, the first not above the second`,
  )
}

/** A complete subtree's place above the leaves, and its hash. */
interface HashedNode {
  readonly level: number
  readonly hash: Uint8Array
}

/**
 * Leaves `begin` to `end` (exclusive) of a tree, in O(log n) memory: the hashes of their complete
 * subtrees, left to right. One that begins at 0 is a whole tree.
 */
export class CompactRange {
  readonly #begin: bigint
  #end: bigint
  readonly #nodes: HashedNode[]
  readonly #hasher: Hasher

  private constructor(begin: bigint, end: bigint, nodes: readonly HashedNode[], hasher: Hasher) {
    this.#begin = begin
    this.#end = end
    this.#nodes = [...nodes]
    this.#hasher = hasher
  }

  /**
   * A range without leaves that will grow from leaf `begin`; by default a tree.
   *
   * Throws INVALID_ARGUMENT where `begin` does not fit 64 bits.
   */
  static empty(hasher: Hasher = sha256Hasher, begin = 0n): CompactRange {
    return CompactRange.between(begin, begin, [], hasher)
  }

  /**
   * A tree of `size` leaves from the hashes of {@link compactNodes}`(size)`.
   *
   * Throws INVALID_ARGUMENT where their number or length is wrong.
   */
  static from(
    size: bigint,
    hashes: readonly Uint8Array[],
    hasher: Hasher = sha256Hasher,
  ): CompactRange {
    return CompactRange.between(0n, size, hashes, hasher)
  }

  /**
   * Leaves `begin` to `end` (exclusive) from the hashes of {@link compactNodes}`(end, begin)`.
   *
   * Throws INVALID_ARGUMENT where this is no range, or the number or length of the hashes is wrong.
   */
  static between(
    begin: bigint,
    end: bigint,
    hashes: readonly Uint8Array[],
    hasher: Hasher = sha256Hasher,
  ): CompactRange {
    const places = compactNodes(end, begin)
    if (hashes.length !== places.length) {
      throw new MerkleError(
        'INVALID_ARGUMENT',
        `leaves ${begin} to ${end} are made of ${places.length} complete subtrees, not ${hashes.length}`,
      )
    }
    requireHashes(hashes, 'a compact range')
    const nodes = hashes.map((hash, i) => ({
      level: places[i]?.level ?? 0,
      hash: new Uint8Array(hash),
    }))
    return new CompactRange(begin, end, nodes, hasher)
  }

  /** The index of the first leaf. */
  get begin(): bigint {
    return this.#begin
  }

  /** The index after that of the last leaf. */
  get end(): bigint {
    return this.#end
  }

  /** The number of leaves. */
  get size(): bigint {
    return this.#end - this.#begin
  }

  /** The hashes of {@link compactNodes}`(end, begin)`, left to right. Copies. */
  get hashes(): readonly Uint8Array[] {
    return this.#nodes.map(({ hash }) => new Uint8Array(hash))
  }

  /**
   * Adds a leaf by its hash. `visit` sees the leaf and each node that it completes.
   *
   * Throws INVALID_ARGUMENT where the hash is not 32 bytes or the tree is full.
   */
  append(leafHash: Uint8Array, visit?: NodeVisitor): void {
    requireHashes([leafHash], 'a leaf')
    if (this.#end === maxUint64) {
      throw new MerkleError('INVALID_ARGUMENT', 'a tree has at most 2^64 - 1 leaves')
    }
    // A copy: the hash stays here for as long as its sibling is missing, and callers reuse buffers.
    const hash = new Uint8Array(leafHash)
    visit?.(0, this.#end, hash)
    this.#push(0, hash, visit)
  }

  /**
   * The leaves of this range and of the one that begins where it ends, as a new range. Associative.
   * `visit` sees each node that is complete in the new range and in neither of the two.
   *
   * Throws INVALID_ARGUMENT where `next` begins elsewhere.
   */
  merge(next: CompactRange, visit?: NodeVisitor): CompactRange {
    if (next.#begin !== this.#end) {
      throw new MerkleError(
        'INVALID_ARGUMENT',
        `a range that ends before leaf ${this.#end} does not go on with one from leaf ${next.#begin}`,
      )
    }
    const merged = new CompactRange(this.#begin, this.#end, this.#nodes, this.#hasher)
    for (const { level, hash } of next.#nodes) merged.#push(level, hash, visit)
    return merged
  }

  /**
   * The RFC 6962 root: 32 bytes.
   *
   * Throws INVALID_ARGUMENT where the range does not begin at leaf 0.
   */
  root(): Uint8Array {
    if (this.#begin !== 0n) {
      throw new MerkleError(
        'INVALID_ARGUMENT',
        `leaves from ${this.#begin} have no root; merge them to the leaves before`,
      )
    }
    const hashes = this.#nodes.map(({ hash }) => hash)
    // A copy: over one complete subtree the root is the hash that is held here.
    return new Uint8Array(foldHashes(hashes, this.#hasher) ?? emptyRoot())
  }

  /** Adds a complete subtree at the right and joins it with every left sibling that waits for it. */
  #push(level: number, hash: Uint8Array, visit: NodeVisitor | undefined): void {
    let index = this.#end >> BigInt(level)
    this.#end += 1n << BigInt(level)
    let node: HashedNode = { level, hash }
    for (;;) {
      const left = this.#nodes.at(-1)
      if ((index & 1n) === 0n || left?.level !== node.level) break
      this.#nodes.pop()
      node = { level: node.level + 1, hash: this.#hasher.hashNode(left.hash, node.hash) }
      index >>= 1n
      visit?.(node.level, index, node.hash)
    }
    this.#nodes.push(node)
  }
}
