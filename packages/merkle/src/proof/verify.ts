/** Checks proofs of RFC 6962. */
import { type Hasher, sha256Hasher } from '../rfc6962.ts'
import { compareHash, failure, lengthFailure, malformation, type ProofResult } from './verdict.ts'
import { walkFromLeaf, walkFromSubtree } from './walk.ts'

/** The claim that a leaf is at `index` in the tree of `size` leaves with this `root`. */
export interface Inclusion {
  readonly index: bigint
  readonly size: bigint
  readonly leafHash: Uint8Array
  /** From the leaf's sibling up to the root's child. */
  readonly hashes: readonly Uint8Array[]
  readonly root: Uint8Array
}

/** The claim that the tree of `size1` leaves is a prefix of the tree of `size2` leaves. */
export interface Consistency {
  readonly size1: bigint
  readonly size2: bigint
  readonly root1: Uint8Array
  readonly root2: Uint8Array
  /** In the order of RFC 6962 section 2.1.2. */
  readonly hashes: readonly Uint8Array[]
}

/**
 * Checks that a leaf is in a tree (RFC 6962 section 2.1.1).
 *
 * Never throws on what it is given: what does not hold comes back as a failure.
 */
export function verifyInclusion(proof: Inclusion, hasher: Hasher = sha256Hasher): ProofResult {
  const { index, size, leafHash, hashes, root } = proof
  const wrong = malformation([index, size], [leafHash, root, ...hashes])
  if (wrong !== undefined) return wrong
  if (index >= size) {
    return failure('INDEX_BEYOND_SIZE', `leaf ${index} is not in a tree of ${size} leaves`)
  }
  const walked = walkFromLeaf(index, size, leafHash, hashes, hasher)
  return walked.ok ? compareHash(walked.root, root, 'the root') : walked
}

/**
 * Checks that one tree is a prefix of another (RFC 6962 section 2.1.2).
 *
 * A proof from the tree without leaves says nothing and is refused; a caller for which size 0 has
 * a meaning (a witness that sees a log for the first time) handles it before. Two roots of one size
 * only have to be equal: their length is not looked at.
 * Never throws on what it is given: what does not hold comes back as a failure.
 */
export function verifyConsistency(proof: Consistency, hasher: Hasher = sha256Hasher): ProofResult {
  const { size1, size2, root1, root2, hashes } = proof
  const outside = malformation([size1, size2], [])
  if (outside !== undefined) return outside
  if (size1 > size2) {
    return failure('SIZE_ORDER', `a tree of ${size1} leaves can't be a prefix of ${size2} leaves`)
  }
  if (size1 === 0n) return failure('EMPTY_TREE', 'a tree without leaves is a prefix of any tree')
  if (size1 === size2) {
    if (hashes.length > 0) return lengthFailure(hashes, 'many')
    return compareHash(root1, root2, 'itself: there are two roots for one size')
  }
  const wrong = malformation([], [root1, root2, ...hashes])
  if (wrong !== undefined) return wrong
  const walked = walkFromSubtree({ begin: 0n, end: size1 }, size2, root1, hashes, hasher)
  if (!walked.ok) return walked
  const first = compareHash(walked.part, root1, `the root of ${size1} leaves`)
  return first.ok ? compareHash(walked.root, root2, `the root of ${size2} leaves`) : first
}
