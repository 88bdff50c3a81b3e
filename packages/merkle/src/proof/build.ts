/** Makes proofs, following the recursive definitions of RFC 6962 section 2.1. */
import { isUint64 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'
import { foldHashes, rangeNodes, requireHashes, splitPoint } from '../range.ts'
import { emptyRoot, type Hasher, sha256Hasher } from '../rfc6962.ts'

/**
 * Gives the hash of a complete subtree: the one of leaves `index << level` to
 * `(index + 1) << level`, exclusive. 32 bytes.
 */
export type NodeReader = (level: number, index: bigint) => Uint8Array | Promise<Uint8Array>

/** Leaves `begin` to `end`, exclusive: a subtree, perhaps ragged at the right. */
interface Range {
  readonly begin: bigint
  readonly end: bigint
}

async function rangeHash(range: Range, read: NodeReader, hasher: Hasher): Promise<Uint8Array> {
  const nodes = rangeNodes(range.begin, range.end)
  const hashes = await Promise.all(nodes.map(({ level, index }) => read(level, index)))
  requireHashes(hashes, 'the node reader')
  return foldHashes(hashes, hasher) ?? emptyRoot()
}

function requireSizes(...values: readonly bigint[]): void {
  const wrong = values.find((value) => !isUint64(value))
  if (wrong !== undefined) {
    throw new MerkleError(
      'INVALID_ARGUMENT',
      `sizes and indexes are 0 to 2^64 - 1; ${wrong} is not`,
    )
  }
}

/** The ranges that PATH of RFC 6962 section 2.1.1 names, leaf's sibling first. */
function inclusionRanges(index: bigint, size: bigint): Range[] {
  const ranges: Range[] = []
  let begin = 0n
  let end = size
  while (end - begin > 1n) {
    const middle = begin + splitPoint(end - begin)
    if (index < middle) {
      ranges.push({ begin: middle, end })
      end = middle
    } else {
      ranges.push({ begin, end: middle })
      begin = middle
    }
  }
  return ranges.reverse()
}

/** The ranges that PROOF of RFC 6962 section 2.1.2 names, in its order. */
function consistencyRanges(size1: bigint, size2: bigint): Range[] {
  const ranges: Range[] = []
  let begin = 0n
  let end = size2
  while (end > size1) {
    const middle = begin + splitPoint(end - begin)
    if (size1 <= middle) {
      ranges.push({ begin: middle, end })
      end = middle
    } else {
      ranges.push({ begin, end: middle })
      begin = middle
    }
  }
  // Where the smaller tree is a complete subtree at the left, the verifier has its hash: the root.
  if (begin > 0n) ranges.push({ begin, end })
  return ranges.reverse()
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
  const ranges = inclusionRanges(index, size)
  return Promise.all(ranges.map((range) => rangeHash(range, read, hasher)))
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
  const ranges = consistencyRanges(size1, size2)
  return Promise.all(ranges.map((range) => rangeHash(range, read, hasher)))
}
