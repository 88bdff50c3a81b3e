/** What the hashes of a fork proof show. No signature is looked at here. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { verifyConsistency, verifyInclusion } from '@vaultmesh/merkle/proof'
import { emptyRoot } from '@vaultmesh/merkle/rfc6962'
import type { TreeHead } from '@vaultmesh/merkle/tiles'
import type { Branch, ForkProof } from './types.ts'

/** A claim that holds, or does not, in one sentence. */
export interface Claim {
  readonly ok: boolean
  readonly detail: string
}

function holds(detail: string): Claim {
  return { ok: true, detail }
}

function fails(detail: string): Claim {
  return { ok: false, detail }
}

/** Whether the two heads can't be of one tree that only grew. */
export function checkContradiction({ heads, contradiction }: ForkProof): Claim {
  const [first, second] = heads
  if (first.size === second.size) {
    return equalBytes(first.root, second.root)
      ? fails(`both heads have the same root at size ${first.size}`)
      : holds(`the log has two roots for size ${first.size}`)
  }
  if (first.size === 0n) {
    return equalBytes(first.root, emptyRoot())
      ? fails('the tree without leaves is a prefix of any other')
      : holds('the head of size 0 has a root that no tree without leaves has')
  }
  const { root, hashes } = contradiction ?? { root: first.root, hashes: [] }
  if (equalBytes(root, first.root)) {
    return fails(`both trees are said to have the same root at size ${first.size}`)
  }
  const proven = verifyConsistency({
    size1: first.size,
    size2: second.size,
    root1: root,
    root2: second.root,
    hashes,
  })
  return proven.ok
    ? holds(`the tree of size ${second.size} has another root at size ${first.size}`)
    : fails(`the other root at size ${first.size}: ${proven.detail}`)
}

/** Whether `part` is a prefix of the tree of `head`. */
function isPrefix(part: TreeHead, head: TreeHead, hashes: readonly Uint8Array[]): Claim {
  if (part.size === 0n) {
    return hashes.length === 0 && equalBytes(part.root, emptyRoot())
      ? holds('a tree without leaves is a prefix of any other')
      : fails('a tree without leaves has one root, and needs no proof')
  }
  const { size: size1, root: root1 } = part
  const { size: size2, root: root2 } = head
  const proven = verifyConsistency({ size1, size2, root1, root2, hashes })
  return proven.ok ? holds(`${size1} of ${size2} leaves`) : fails(proven.detail)
}

function checkBranch(common: TreeHead, head: TreeHead, branch: Branch): Claim {
  const { consistency, inclusion, leafHash } = branch
  const prefix = isPrefix(common, head, consistency)
  if (!prefix.ok) return prefix
  const { size, root } = head
  const index = common.size
  const included = verifyInclusion({ index, size, leafHash, hashes: inclusion, root })
  return included.ok ? holds(`leaf ${index} of ${size}`) : fails(included.detail)
}

/** Whether the trees part exactly where the proof says; undefined where it does not say. */
export function checkDivergence({ heads, divergence }: ForkProof): Claim | undefined {
  if (divergence === undefined) return undefined
  const [first, second] = divergence.branches
  for (const [i, branch] of divergence.branches.entries()) {
    const claim = checkBranch(divergence, i === 0 ? heads[0] : heads[1], branch)
    if (!claim.ok) return fails(`head ${i + 1}: ${claim.detail}`)
  }
  if (equalBytes(first.leafHash, second.leafHash)) {
    return fails(`both heads have the same leaf at index ${divergence.size}`)
  }
  return holds(`${divergence.size} leaves are common, and the leaf at ${divergence.size} is not`)
}
