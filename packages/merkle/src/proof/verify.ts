/** Checks proofs by walking the path bit by bit (RFC 9162 sections 2.1.3.2 and 2.1.4.2). */
import { equalBytes, isUint64 } from '../bytes.ts'
import { type Hasher, hashLength, sha256Hasher } from '../rfc6962.ts'

/** Why a proof does not hold. */
export type ProofFailureCode =
  | 'SIZE_RANGE'
  | 'INDEX_BEYOND_SIZE'
  | 'SIZE_ORDER'
  | 'EMPTY_TREE'
  | 'HASH_LENGTH'
  | 'PROOF_LENGTH'
  | 'ROOT_MISMATCH'

/** A proof that does not hold, with the reason for programs (`code`) and for people (`detail`). */
export interface ProofFailure {
  readonly ok: false
  readonly code: ProofFailureCode
  readonly detail: string
}

/** What checking a proof gives. */
export type ProofResult = { readonly ok: true } | ProofFailure

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

function failure(code: ProofFailureCode, detail: string): ProofFailure {
  return { ok: false, code, detail }
}

function rangeFailure(numbers: readonly bigint[]): ProofFailure | undefined {
  if (numbers.every(isUint64)) return undefined
  return failure('SIZE_RANGE', 'sizes and indexes are 0 to 2^64 - 1')
}

function hashFailure(hashes: readonly Uint8Array[]): ProofFailure | undefined {
  const wrong = hashes.find((hash) => hash.length !== hashLength)
  if (wrong === undefined) return undefined
  return failure('HASH_LENGTH', `a hash has ${wrong.length} bytes instead of ${hashLength}`)
}

/** A place on the way from a leaf to the root: the node's index, and that of the last node. */
interface Place {
  readonly index: bigint
  readonly last: bigint
}

/** Skips the levels at which the node is the last one and has no sibling. */
function climb(place: Place): Place {
  let { index, last } = place
  while (index !== 0n && (index & 1n) === 0n) {
    index >>= 1n
    last >>= 1n
  }
  return { index, last }
}

function isRightChild({ index, last }: Place): boolean {
  return (index & 1n) === 1n || index === last
}

function parent(place: Place): Place {
  const { index, last } = isRightChild(place) ? climb(place) : place
  return { index: index >> 1n, last: last >> 1n }
}

function lengthFailure(hashes: readonly Uint8Array[], problem: string): ProofFailure {
  return failure('PROOF_LENGTH', `the proof's ${hashes.length} hashes are too ${problem}`)
}

/**
 * Checks that a leaf is in a tree (RFC 6962 section 2.1.1).
 *
 * Never throws on what it is given: what does not hold comes back as a failure.
 */
export function verifyInclusion(proof: Inclusion, hasher: Hasher = sha256Hasher): ProofResult {
  const { index, size, leafHash, hashes, root } = proof
  const wrong = rangeFailure([index, size]) ?? hashFailure([leafHash, root, ...hashes])
  if (wrong !== undefined) return wrong
  if (index >= size) {
    return failure('INDEX_BEYOND_SIZE', `leaf ${index} is not in a tree of ${size} leaves`)
  }
  let place: Place = { index, last: size - 1n }
  let hash = leafHash
  for (const sibling of hashes) {
    if (place.last === 0n) return lengthFailure(hashes, 'many')
    hash = isRightChild(place) ? hasher.hashNode(sibling, hash) : hasher.hashNode(hash, sibling)
    place = parent(place)
  }
  if (place.last !== 0n) return lengthFailure(hashes, 'few')
  if (equalBytes(hash, root)) return { ok: true }
  return failure('ROOT_MISMATCH', `the proof of leaf ${index} does not lead to the root`)
}

/** The place of the last complete subtree of the smaller tree, whose hash a proof starts from. */
function consistencyStart(size1: bigint, size2: bigint): Place {
  let index = size1 - 1n
  let last = size2 - 1n
  while ((index & 1n) === 1n) {
    index >>= 1n
    last >>= 1n
  }
  return { index, last }
}

/**
 * Checks that one tree is a prefix of another (RFC 6962 section 2.1.2).
 *
 * A proof from the tree without leaves says nothing and is refused; a caller for which size 0 has
 * a meaning (a witness that sees a log for the first time) handles it before.
 * Never throws on what it is given: what does not hold comes back as a failure.
 */
export function verifyConsistency(proof: Consistency, hasher: Hasher = sha256Hasher): ProofResult {
  const { size1, size2, root1, root2, hashes } = proof
  const outside = rangeFailure([size1, size2])
  if (outside !== undefined) return outside
  if (size1 > size2) {
    return failure('SIZE_ORDER', `a tree of ${size1} leaves can't be a prefix of ${size2} leaves`)
  }
  if (size1 === 0n) return failure('EMPTY_TREE', 'a tree without leaves is a prefix of any tree')
  if (size1 === size2) {
    if (hashes.length > 0) return lengthFailure(hashes, 'many')
    if (equalBytes(root1, root2)) return { ok: true }
    return failure('ROOT_MISMATCH', `two roots for one size, ${size1}`)
  }
  const wrong = hashFailure([root1, root2, ...hashes])
  if (wrong !== undefined) return wrong
  let place = consistencyStart(size1, size2)
  // A smaller tree that is itself a complete subtree is where the path starts.
  const path = place.index === 0n ? [root1, ...hashes] : hashes
  const [start, ...siblings] = path
  if (start === undefined) return lengthFailure(hashes, 'few')
  let hash1 = start
  let hash2 = start
  for (const sibling of siblings) {
    if (place.last === 0n) return lengthFailure(hashes, 'many')
    if (isRightChild(place)) {
      hash1 = hasher.hashNode(sibling, hash1)
      hash2 = hasher.hashNode(sibling, hash2)
    } else {
      hash2 = hasher.hashNode(hash2, sibling)
    }
    place = parent(place)
  }
  if (place.last !== 0n) return lengthFailure(hashes, 'few')
  if (!equalBytes(hash1, root1)) {
    return failure('ROOT_MISMATCH', `the proof does not lead to the root of ${size1} leaves`)
  }
  if (!equalBytes(hash2, root2)) {
    return failure('ROOT_MISMATCH', `the proof does not lead to the root of ${size2} leaves`)
  }
  return { ok: true }
}
