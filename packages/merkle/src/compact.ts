/** A tree's right edge: all that is needed to append leaves and to give the root. */
import { isUint64, maxUint64 } from './bytes.ts'
import { MerkleError } from './errors.ts'
import { foldHashes, rangeNodes, requireHashes, type SubtreeNode } from './range.ts'
import { emptyRoot, type Hasher, sha256Hasher } from './rfc6962.ts'

export type { SubtreeNode } from './range.ts'

/** Called for each subtree that a new leaf completes, leaf first: level, index and hash. */
export type NodeVisitor = (level: number, index: bigint, hash: Uint8Array) => void

/** The nodes whose hashes a {@link CompactRange} of `size` leaves holds, in its order. */
export function compactNodes(size: bigint): SubtreeNode[] {
  if (!isUint64(size)) throw sizeError(size)
  return rangeNodes(0n, size)
}

function sizeError(size: bigint): MerkleError {
  return new MerkleError('INVALID_ARGUMENT', `a tree's size is 0 to 2^64 - 1, not ${size}`)
}

function trailingOnes(size: bigint): number {
  let count = 0
  for (let rest = size; (rest & 1n) === 1n; rest >>= 1n) count += 1
  return count
}

/** The hashes of the complete subtrees that make up a tree, largest first. */
export class CompactRange {
  #size: bigint
  readonly #hashes: Uint8Array[]
  readonly #hasher: Hasher

  private constructor(size: bigint, hashes: readonly Uint8Array[], hasher: Hasher) {
    this.#size = size
    this.#hashes = [...hashes]
    this.#hasher = hasher
  }

  /** A tree without leaves. */
  static empty(hasher: Hasher = sha256Hasher): CompactRange {
    return new CompactRange(0n, [], hasher)
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
    const expected = compactNodes(size).length
    if (hashes.length !== expected) {
      throw new MerkleError(
        'INVALID_ARGUMENT',
        `a tree of ${size} leaves is made of ${expected} complete subtrees, not ${hashes.length}`,
      )
    }
    requireHashes(hashes, 'a compact range')
    return new CompactRange(size, hashes, hasher)
  }

  /** The number of leaves. */
  get size(): bigint {
    return this.#size
  }

  /** The hashes of {@link compactNodes}`(size)`, largest subtree first. A copy. */
  get hashes(): readonly Uint8Array[] {
    return [...this.#hashes]
  }

  /**
   * Adds a leaf by its hash. `visit` sees each node that this completes.
   *
   * Throws INVALID_ARGUMENT where the hash is not 32 bytes or the tree is full.
   */
  append(leafHash: Uint8Array, visit?: NodeVisitor): void {
    requireHashes([leafHash], 'a leaf')
    if (this.#size === maxUint64) throw sizeError(this.#size + 1n)
    visit?.(0, this.#size, leafHash)
    // Every 1 at the end of the size is a complete left sibling that waits for its right one.
    const waiting = this.#hashes.length - trailingOnes(this.#size)
    let hash = leafHash
    let level = 0
    for (const left of this.#hashes.splice(waiting).reverse()) {
      hash = this.#hasher.hashNode(left, hash)
      level += 1
      visit?.(level, this.#size >> BigInt(level), hash)
    }
    this.#hashes.push(hash)
    this.#size += 1n
  }

  /** The RFC 6962 root: 32 bytes. */
  root(): Uint8Array {
    return foldHashes(this.#hashes, this.#hasher) ?? emptyRoot()
  }
}
