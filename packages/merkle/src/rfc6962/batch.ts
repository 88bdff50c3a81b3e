/** Hashing by the batch. */
import { MerkleError } from '../errors.ts'
import { type Hasher, hashLength } from './hasher.ts'

/**
 * How many leaves or nodes are hashed in one call, for building and checking whole logs.
 *
 * On purpose no {@link Hasher}: proofs, and with them single verdicts, can't be checked by one.
 */
export interface BatchHasher {
  /** SHA-256(0x00 || entry) of each entry, in order: 32 bytes per entry, one after the other. */
  hashLeaves(entries: readonly Uint8Array[]): Uint8Array
  /**
   * SHA-256(0x01 || left || right) of each pair, in order: 32 bytes per pair. `children` holds
   * left, right, left, right, and so on, 64 bytes per pair.
   *
   * Throws INVALID_ARGUMENT where `children` is no whole number of pairs.
   */
  hashNodes(children: Uint8Array): Uint8Array
  /**
   * The root of a complete subtree: 32 bytes, from a power of two of hashes, one after the other.
   * Of a full tile it is the hash that the tile above holds.
   *
   * Throws INVALID_ARGUMENT for any other number of hashes.
   */
  hashSubtree(hashes: Uint8Array): Uint8Array
}

/** How many pairs of hashes `children` holds. Throws INVALID_ARGUMENT for a broken one. */
export function countPairs(children: Uint8Array): number {
  const count = children.length / (2 * hashLength)
  if (Number.isInteger(count)) return count
  throw new MerkleError(
    'INVALID_ARGUMENT',
    `pairs of hashes have ${2 * hashLength} bytes each, which ${children.length} is no multiple of`,
  )
}

/** Throws INVALID_ARGUMENT unless `hashes` holds 1, 2, 4, 8 hashes, and so on. */
export function requirePowerOfTwo(hashes: Uint8Array): void {
  const level = Math.log2(hashes.length / hashLength)
  if (Number.isInteger(level) && level >= 0) return
  throw new MerkleError(
    'INVALID_ARGUMENT',
    `a complete subtree has a power of two of hashes of ${hashLength} bytes, not ${hashes.length} bytes`,
  )
}

/** Makes a {@link BatchHasher} of any {@link Hasher}, which it calls for one after the other. */
export function batchHasherFrom(hasher: Hasher): BatchHasher {
  function hashLeaves(entries: readonly Uint8Array[]): Uint8Array {
    const hashes = new Uint8Array(entries.length * hashLength)
    for (const [i, entry] of entries.entries()) hashes.set(hasher.hashLeaf(entry), i * hashLength)
    return hashes
  }

  function hashNodes(children: Uint8Array): Uint8Array {
    const hashes = new Uint8Array(countPairs(children) * hashLength)
    for (let at = 0; at < hashes.length; at += hashLength) {
      const middle = 2 * at + hashLength
      const left = children.subarray(2 * at, middle)
      hashes.set(hasher.hashNode(left, children.subarray(middle, middle + hashLength)), at)
    }
    return hashes
  }

  function hashSubtree(hashes: Uint8Array): Uint8Array {
    requirePowerOfTwo(hashes)
    let level: Uint8Array = Uint8Array.from(hashes)
    while (level.length > hashLength) level = hashNodes(level)
    return level
  }

  return { hashLeaves, hashNodes, hashSubtree }
}
