/** Checks subtree proofs (draft-ietf-plants-merkle-tree-certs sections 4.3.3 and 4.4.3). */
import {
  compareHash,
  failure,
  lengthFailure,
  malformation,
  type ProofFailure,
  type ProofResult,
} from '../proof/verdict.ts'
import { walkFromLeaf, walkFromSubtree } from '../proof/walk.ts'
import { emptyRoot, type Hasher, sha256Hasher } from '../rfc6962.ts'
import { isSubtree, type Subtree } from './interval.ts'

/** The claim that a leaf is in the subtree with this `hash`. */
export interface SubtreeInclusion {
  /** Counted from the log's first leaf. */
  readonly index: bigint
  readonly subtree: Subtree
  readonly leafHash: Uint8Array
  /** From the leaf's sibling up to the subtree's child. */
  readonly hashes: readonly Uint8Array[]
  readonly hash: Uint8Array
}

/** The claim that the subtree with this `hash` is part of the tree of `size` leaves with this `root`. */
export interface SubtreeConsistency {
  readonly subtree: Subtree
  readonly size: bigint
  readonly hash: Uint8Array
  readonly root: Uint8Array
  /** In the order of draft-ietf-plants-merkle-tree-certs section 4.4.1. */
  readonly hashes: readonly Uint8Array[]
}

function shapeFailure({ begin, end }: Subtree): ProofFailure | undefined {
  if (isSubtree({ begin, end })) return undefined
  return failure('NOT_A_SUBTREE', `leaves ${begin} to ${end} are no subtree`)
}

/**
 * Checks that a leaf is in a subtree.
 *
 * Never throws on what it is given: what does not hold comes back as a failure.
 */
export function verifySubtreeInclusion(
  proof: SubtreeInclusion,
  hasher: Hasher = sha256Hasher,
): ProofResult {
  const { index, subtree, leafHash, hashes, hash } = proof
  const { begin, end } = subtree
  const wrong =
    malformation([index, begin, end], [leafHash, hash, ...hashes]) ?? shapeFailure(subtree)
  if (wrong !== undefined) return wrong
  if (index < begin || index >= end) {
    return failure('INDEX_BEYOND_SIZE', `leaf ${index} is not among leaves ${begin} to ${end}`)
  }
  const walked = walkFromLeaf(index - begin, end - begin, leafHash, hashes, hasher)
  return walked.ok ? compareHash(walked.root, hash, "the subtree's hash") : walked
}

/**
 * Checks that a subtree is part of a tree. One without leaves is part of any: then the hash must be
 * that of the tree without leaves, and the root says nothing.
 *
 * Never throws on what it is given: what does not hold comes back as a failure.
 */
export function verifySubtreeConsistency(
  proof: SubtreeConsistency,
  hasher: Hasher = sha256Hasher,
): ProofResult {
  const { subtree, size, hash, root, hashes } = proof
  const { begin, end } = subtree
  const wrong = malformation([begin, end, size], [hash, root, ...hashes]) ?? shapeFailure(subtree)
  if (wrong !== undefined) return wrong
  if (end > size) {
    return failure('SIZE_ORDER', `leaves ${begin} to ${end} are not in a tree of ${size} leaves`)
  }
  if (begin === end) {
    if (hashes.length > 0) return lengthFailure(hashes, 'many')
    return compareHash(emptyRoot(), hash, 'the hash of no leaves')
  }
  const walked = walkFromSubtree(subtree, size, hash, hashes, hasher)
  if (!walked.ok) return walked
  const part = compareHash(walked.part, hash, "the subtree's hash")
  return part.ok ? compareHash(walked.root, root, 'the root') : part
}
