/** Checks that a run of leaves is in a tree. */
import { splitPoint } from '../range.ts'
import { type Hasher, sha256Hasher } from '../rfc6962.ts'
import { type Range, runRanges } from './shape.ts'
import { compareHash, failure, lengthFailure, malformation, type ProofResult } from './verdict.ts'

/** The claim that a run of leaves begins at `begin` in the tree of `size` leaves with this `root`. */
export interface RangeInclusion {
  readonly begin: bigint
  readonly size: bigint
  /** The hash of every leaf of the run, in order. At least one. */
  readonly leafHashes: readonly Uint8Array[]
  /** As `buildRangeInclusion` gives them. */
  readonly hashes: readonly Uint8Array[]
  readonly root: Uint8Array
}

/**
 * MTH of RFC 6962 section 2.1 over `tree`, with the next of `outside` for every part beside the run.
 * There must be as many of them as `runRanges` names.
 */
function treeHash(
  tree: Range,
  run: Range,
  leafHashes: readonly Uint8Array[],
  outside: Iterator<Uint8Array>,
  hasher: Hasher,
): Uint8Array {
  const isOutside = tree.end <= run.begin || run.end <= tree.begin
  if (isOutside) return outside.next().value ?? new Uint8Array()
  if (tree.end - tree.begin === 1n) {
    return leafHashes[Number(tree.begin - run.begin)] ?? new Uint8Array()
  }
  const middle = tree.begin + splitPoint(tree.end - tree.begin)
  const left = treeHash({ begin: tree.begin, end: middle }, run, leafHashes, outside, hasher)
  const right = treeHash({ begin: middle, end: tree.end }, run, leafHashes, outside, hasher)
  return hasher.hashNode(left, right)
}

/**
 * Checks that a run of leaves is in a tree, one after the other, without a gap.
 *
 * Never throws on what it is given: what does not hold comes back as a failure.
 */
export function verifyRangeInclusion(
  proof: RangeInclusion,
  hasher: Hasher = sha256Hasher,
): ProofResult {
  const { begin, size, leafHashes, hashes, root } = proof
  const wrong = malformation([begin, size], [root, ...hashes, ...leafHashes])
  if (wrong !== undefined) return wrong
  const run = { begin, end: begin + BigInt(leafHashes.length) }
  if (run.begin === run.end) return failure('EMPTY_RANGE', 'a run without leaves is in any tree')
  if (run.end > size) {
    const detail = `leaves ${run.begin} to ${run.end} are not in a tree of ${size} leaves`
    return failure('INDEX_BEYOND_SIZE', detail)
  }
  const tree = { begin: 0n, end: size }
  const expected = runRanges(run, tree).length
  if (hashes.length !== expected) {
    return lengthFailure(hashes, hashes.length > expected ? 'many' : 'few')
  }
  return compareHash(treeHash(tree, run, leafHashes, hashes.values(), hasher), root, 'the root')
}
