/** Which ranges of leaves the hashes of a proof stand for, by RFC 6962's recursive definitions. */
import { splitPoint } from '../range.ts'

/** Leaves `begin` to `end`, exclusive: a subtree, perhaps ragged at the right. */
export interface Range {
  readonly begin: bigint
  readonly end: bigint
}

/** The ranges that PATH of RFC 6962 section 2.1.1 names in `tree`, the leaf's sibling first. */
export function inclusionRanges(index: bigint, tree: Range): Range[] {
  const ranges: Range[] = []
  let { begin, end } = tree
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

/**
 * The ranges that SUBTREE_PROOF of draft-ietf-plants-merkle-tree-certs section 4.4.1 names, in its
 * order. From a part that begins at 0 that is PROOF of RFC 6962 section 2.1.2.
 *
 * `part` must be a subtree by that draft's section 4.1, and not empty.
 */
export function consistencyRanges(part: Range, size: bigint): Range[] {
  const ranges: Range[] = []
  let rest = part.begin
  let begin = 0n
  let end = size
  while (begin < rest || end > part.end) {
    const middle = begin + splitPoint(end - begin)
    if (part.end <= middle) {
      ranges.push({ begin: middle, end })
      end = middle
    } else {
      ranges.push({ begin, end: middle })
      begin = middle
      // The part's left half is proven by that hash; what remains of it begins here.
      if (rest < middle) rest = middle
    }
  }
  // Where the part is a node of the tree, the verifier has its hash already.
  if (rest > part.begin) ranges.push({ begin, end })
  return ranges.reverse()
}

/** The ranges outside of `run` whose hashes lead from its leaves to the root, left to right. */
export function runRanges(run: Range, tree: Range): Range[] {
  if (tree.end <= run.begin || run.end <= tree.begin) return [tree]
  if (run.begin <= tree.begin && tree.end <= run.end) return []
  const middle = tree.begin + splitPoint(tree.end - tree.begin)
  return [
    ...runRanges(run, { begin: tree.begin, end: middle }),
    ...runRanges(run, { begin: middle, end: tree.end }),
  ]
}
