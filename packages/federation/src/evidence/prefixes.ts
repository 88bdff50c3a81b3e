/** What is proven of a tree's beginnings, and which trees contradict each other. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { emptyRoot } from '@vaultmesh/merkle/rfc6962'
import type { TreeHead } from '@vaultmesh/merkle/tiles'
import { treeAfter } from '../fork-proof/after.ts'
import type { ProvenFork } from '../fork-proof/types.ts'
import { treeKey } from './join.ts'
import type { Evidence } from './types.ts'

/** A tree, and the longest of its proper prefixes that is known. */
interface Known extends TreeHead {
  prefix: Known | undefined
}

/** A tree's proven prefixes, itself included, by size. */
export type Prefixes = ReadonlyMap<bigint, TreeHead>

const nothing: TreeHead = { size: 0n, root: emptyRoot() }

/**
 * All trees that something is proven of. What follows from the proofs is known too: the prefixes of
 * a tree are prefixes of each other, and their prefixes are its own.
 */
export class PrefixForest {
  readonly #known = new Map<string, Known>()

  #find({ size, root }: TreeHead): Known {
    const key = treeKey({ size, root })
    const known = this.#known.get(key) ?? { size, root, prefix: undefined }
    this.#known.set(key, known)
    return known
  }

  /** Takes note that one tree is a proper prefix of another, which must be proven. */
  add(part: TreeHead, whole: TreeHead): void {
    let lower = this.#find(part)
    let upper = this.#find(whole)
    // A tree has one root at each size, so what has the size of a known prefix is that prefix.
    while (upper.prefix?.size !== lower.size) {
      const between = upper.prefix
      if (between !== undefined && between.size > lower.size) {
        upper = between
        continue
      }
      upper.prefix = lower
      if (between === undefined) return
      upper = lower
      lower = between
    }
  }

  /** Every known prefix of a tree. */
  prefixesOf(tree: TreeHead): Prefixes {
    // Any tree begins with the one without leaves; a head of size 0 with another root is no tree.
    const found = new Map([[0n, nothing]])
    for (let at: Known | undefined = this.#find(tree); at !== undefined; at = at.prefix) {
      found.set(at.size, at)
    }
    return found
  }
}

function addDivergence(forest: PrefixForest, { heads, divergence }: ProvenFork): void {
  if (divergence === undefined) return
  for (const [i, head] of heads.entries()) {
    const after = treeAfter(divergence, divergence.branches[i === 0 ? 0 : 1], head)
    // Both heads have their own tree there, so whatever contains one contradicts the other.
    if (divergence.size > 0n) forest.add(divergence, after)
    if (after.size < head.size) forest.add(after, head)
  }
}

/** All that links and forks prove. */
export function prefixForest({ links, forks }: Pick<Evidence, 'links' | 'forks'>): PrefixForest {
  const forest = new PrefixForest()
  for (const { earlier, later } of links) forest.add(earlier, later)
  for (const fork of forks) {
    const [first, second] = fork.heads
    const root = fork.contradiction?.root
    if (root !== undefined) forest.add({ size: first.size, root }, second)
    addDivergence(forest, fork)
  }
  return forest
}

/** What is proven of how two trees stand to each other. */
export interface Relation {
  /** The longest prefix that is proven of both. */
  readonly common: TreeHead
  /** The smallest size at which they have different roots; absent where no contradiction is proven. */
  readonly differAt?: bigint
}

/** Compares what is proven of two trees. */
export function relate(a: Prefixes, b: Prefixes): Relation {
  let common = nothing
  let differAt: bigint | undefined
  for (const [size, prefix] of a) {
    const other = b.get(size)
    if (other === undefined) continue
    if (equalBytes(other.root, prefix.root)) {
      if (size > common.size) common = prefix
    } else if (differAt === undefined || size < differAt) {
      differAt = size
    }
  }
  return { common, ...(differAt === undefined ? {} : { differAt }) }
}
