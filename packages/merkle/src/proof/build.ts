/** Makes proofs, following the recursive definitions of RFC 6962 section 2.1. */
import { isUint64 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'
import { foldHashes, rangeNodes, requireHashes } from '../range.ts'
import { emptyRoot, type Hasher, sha256Hasher } from '../rfc6962.ts'
import { consistencyRanges, inclusionRanges, type Range, runRanges } from './shape.ts'

/**
 * Gives the hash of a complete subtree: the one of leaves `index << level` to
 * `(index + 1) << level`, exclusive. 32 bytes.
 */
export type NodeReader = (level: number, index: bigint) => Uint8Array | Promise<Uint8Array>

/** The hash of a range that is a subtree, perhaps ragged at the right. */
export async function rangeHash(
  range: Range,
  read: NodeReader,
  hasher: Hasher,
): Promise<Uint8Array> {
  const nodes = rangeNodes(range.begin, range.end)
  const hashes = await Promise.all(nodes.map(({ level, index }) => read(level, index)))
  requireHashes(hashes, 'the node reader')
  return foldHashes(hashes, hasher) ?? emptyRoot()
}

/** Throws INVALID_ARGUMENT unless every value fits 64 bits. */
export function requireSizes(...values: readonly bigint[]): void {
  const wrong = values.find((value) => !isUint64(value))
  if (wrong !== undefined) {
    throw new MerkleError(
      'INVALID_ARGUMENT',
      `sizes and indexes are 0 to 2^64 - 1; ${wrong} is not`,
    )
  }
}

/** The hashes of ranges, in their order. */
export function rangeHashes(
  ranges: readonly Range[],
  read: NodeReader,
  hasher: Hasher,
): Promise<Uint8Array[]> {
  return Promise.all(ranges.map((range) => rangeHash(range, read, hasher)))
}

/**
 * The root of the tree of `size` leaves, 32 bytes.
 *
 * Throws INVALID_ARGUMENT for a size out of range or a reader that gives a wrong hash length, and
 * whatever `read` throws.
 */
export async function buildRoot(
  size: bigint,
  read: NodeReader,
  hasher: Hasher = sha256Hasher,
): Promise<Uint8Array> {
  requireSizes(size)
  return rangeHash({ begin: 0n, end: size }, read, hasher)
}

/**
 * The inclusion proof of leaf `index` in the tree of `size` leaves: hashes of 32 bytes, the leaf's
 * sibling first.
 *
 * Throws INVALID_ARGUMENT where `index` is not below `size`, and as {@link buildRoot} does.
 */
export async function buildInclusion(
  index: bigint,
  size: bigint,
  read: NodeReader,
  hasher: Hasher = sha256Hasher,
): Promise<Uint8Array[]> {
  requireSizes(index, size)
  if (index >= size) {
    throw new MerkleError(
      'INVALID_ARGUMENT',
      `leaf ${index} is not in a tree of ${size} leaves; ask for an index below the size`,
    )
  }
  return rangeHashes(inclusionRanges(index, { begin: 0n, end: size }), read, hasher)
}

/**
 * The proof that the tree of `size1` leaves is a prefix of the tree of `size2` leaves; empty where
 * the sizes are equal or `size1` is 0.
 *
 * Throws INVALID_ARGUMENT where `size1` is above `size2`, and as {@link buildRoot} does.
 */
export async function buildConsistency(
  size1: bigint,
  size2: bigint,
  read: NodeReader,
  hasher: Hasher = sha256Hasher,
): Promise<Uint8Array[]> {
  requireSizes(size1, size2)
  if (size1 > size2) {
    throw new MerkleError(
      'INVALID_ARGUMENT',
      `a tree of ${size1} leaves can't be a prefix of ${size2} leaves; swap the sizes`,
    )
  }
  if (size1 === 0n) return []
  return rangeHashes(consistencyRanges({ begin: 0n, end: size1 }, size2), read, hasher)
}

/**
 * The proof that the leaves `begin` to `end` (exclusive, at least one) are in the tree of `size`
 * leaves: at most 126 hashes of 32 bytes, in the order of the leaves that they stand for.
 *
 * Throws INVALID_ARGUMENT where there are no such leaves, and as {@link buildRoot} does.
 */
export async function buildRangeInclusion(
  begin: bigint,
  end: bigint,
  size: bigint,
  read: NodeReader,
  hasher: Hasher = sha256Hasher,
): Promise<Uint8Array[]> {
  requireSizes(begin, end, size)
  if (begin >= end || end > size) {
    throw new MerkleError(
      'INVALID_ARGUMENT',
      `leaves ${begin} to ${end} are no run of leaves in a tree of ${size}`,
    )
  }
  return rangeHashes(runRanges({ begin, end }, { begin: 0n, end: size }), read, hasher)
}
