/** The first trees that differ, out of the proof of where two logs part. */
import { CompactRange } from '@vaultmesh/merkle/compact'
import type { TreeHead } from '@vaultmesh/merkle/tiles'
import type { Branch } from './types.ts'

/** The hashes of an inclusion proof that stand to the left of the leaf, the largest subtree first. */
function leftOf(index: bigint, size: bigint, hashes: readonly Uint8Array[]): Uint8Array[] {
  const left: Uint8Array[] = []
  let at = index
  let last = size - 1n
  // RFC 9162 section 2.1.3.2: a right child, or the last node of its level, has its sibling there.
  for (const hash of hashes) {
    if ((at & 1n) === 1n || at === last) {
      left.push(hash)
      while (at !== 0n && (at & 1n) === 0n) {
        at >>= 1n
        last >>= 1n
      }
    }
    at >>= 1n
    last >>= 1n
  }
  return left.reverse()
}

/**
 * The tree that is the common part with one more leaf, the one that a head has there. The branch must
 * be verified: what stands left of a leaf in a verified inclusion proof are all the leaves before it.
 */
export function treeAfter(
  common: TreeHead,
  { inclusion, leafHash }: Branch,
  head: TreeHead,
): TreeHead {
  const tree = CompactRange.from(common.size, leftOf(common.size, head.size, inclusion))
  tree.append(leafHash)
  return { size: tree.size, root: tree.root() }
}
