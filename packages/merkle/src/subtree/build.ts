/** Makes the hashes of subtrees, and proofs of what they hold and what holds them. */
import { MerkleError } from '../errors.ts'
import { type NodeReader, rangeHash, rangeHashes, requireSizes } from '../proof/build.ts'
import { consistencyRanges, inclusionRanges } from '../proof/shape.ts'
import { type Hasher, sha256Hasher } from '../rfc6962.ts'
import { isSubtree, type Subtree } from './interval.ts'

function requireSubtree({ begin, end }: Subtree): void {
  if (isSubtree({ begin, end })) return
  throw new MerkleError(
    'INVALID_ARGUMENT',
    `leaves ${begin} to ${end} are no subtree; coveringSubtrees gives two that hold them`,
  )
}

/**
 * The hash of a subtree: the RFC 6962 root over its leaves alone, 32 bytes.
 *
 * Throws INVALID_ARGUMENT for what is no subtree or a reader that gives a wrong hash length, and
 * whatever `read` throws.
 */
export async function buildSubtreeHash(
  subtree: Subtree,
  read: NodeReader,
  hasher: Hasher = sha256Hasher,
): Promise<Uint8Array> {
  requireSubtree(subtree)
  return rangeHash(subtree, read, hasher)
}

/**
 * The proof that the leaf `index`, counted from the log's first, is in a subtree: hashes of 32
 * bytes, the leaf's sibling first.
 *
 * Throws INVALID_ARGUMENT where `index` is outside, and as {@link buildSubtreeHash} does.
 */
export async function buildSubtreeInclusion(
  index: bigint,
  subtree: Subtree,
  read: NodeReader,
  hasher: Hasher = sha256Hasher,
): Promise<Uint8Array[]> {
  requireSubtree(subtree)
  if (index < subtree.begin || index >= subtree.end) {
    throw new MerkleError(
      'INVALID_ARGUMENT',
      `leaf ${index} is not in the subtree of leaves ${subtree.begin} to ${subtree.end}`,
    )
  }
  return rangeHashes(inclusionRanges(index, subtree), read, hasher)
}

/**
 * The proof that a subtree is part of the tree of `size` leaves; empty for one without leaves.
 *
 * Throws INVALID_ARGUMENT where it ends after `size`, and as {@link buildSubtreeHash} does.
 */
export async function buildSubtreeConsistency(
  subtree: Subtree,
  size: bigint,
  read: NodeReader,
  hasher: Hasher = sha256Hasher,
): Promise<Uint8Array[]> {
  requireSubtree(subtree)
  requireSizes(size)
  if (subtree.end > size) {
    throw new MerkleError(
      'INVALID_ARGUMENT',
      `leaves ${subtree.begin} to ${subtree.end} are not in a tree of ${size}`,
    )
  }
  if (subtree.begin === subtree.end) return []
  return rangeHashes(consistencyRanges(subtree, size), read, hasher)
}
