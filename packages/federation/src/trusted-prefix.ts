/** How much of a log is to be trusted: a pure function of what is known of it. */
import { noQuorum, type TlogPolicy } from '@vaultmesh/merkle/policy'
import { emptyRoot } from '@vaultmesh/merkle/rfc6962'
import type { TreeHead } from '@vaultmesh/merkle/tiles'
import { type Prefixes, prefixForest, relate } from './evidence/prefixes.ts'
import type { Evidence } from './evidence/types.ts'
import { type SignedHead, standingOf } from './head.ts'

/** Why a prefix is the one that is trusted. */
export type PrefixBasis =
  /** It is the longest head that the quorum cosigned. */
  | 'cosigned'
  /** It is the longest head that the log signed: the policy asks for no quorum. */
  | 'signed'
  /** Heads that count contradict each other: it is what is left of them. */
  | 'divided'
  /** No head counts: nothing is trusted. */
  | 'nothing'

/** The part of a log that is trusted: its first `size` entries, with their root. */
export interface TrustedPrefix extends TreeHead {
  readonly origin: string
  readonly basis: PrefixBasis
  /** The head whose whole tree it is. Only where the basis is `cosigned` or `signed`. */
  readonly head?: SignedHead
  /** The two heads that leave least in common. Only where the basis is `divided`. */
  readonly divided?: readonly [SignedHead, SignedHead]
}

const noTree: TreeHead = { size: 0n, root: emptyRoot() }

/** A head that counts, with what is proven of it. */
interface Counted {
  readonly head: SignedHead
  readonly prefixes: Prefixes
}

function countsUnder(policy: TlogPolicy, head: SignedHead): boolean {
  const { isSigned, witnessed } = standingOf(head, policy)
  return isSigned && witnessed !== false
}

/** The smallest size at which two of the trees are proven to have different roots, if there is one. */
function firstDifference(counted: readonly Counted[]): bigint | undefined {
  const roots = new Map<bigint, TreeHead>()
  let least: bigint | undefined
  for (const { prefixes } of counted) {
    const { differAt } = relate(prefixes, roots)
    if (differAt !== undefined && (least === undefined || differAt < least)) least = differAt
    for (const [size, prefix] of prefixes) if (!roots.has(size)) roots.set(size, prefix)
  }
  return least
}

/** Two heads that contradict each other. */
interface Division {
  readonly heads: readonly [SignedHead, SignedHead]
  /** What they are proven to have in common. */
  readonly common: TreeHead
}

/** All pairs of heads that contradict each other, those that leave least in common first. */
function divisionsOf(counted: readonly Counted[]): Division[] {
  const found: Division[] = []
  for (const [i, a] of counted.entries()) {
    for (const b of counted.slice(i + 1)) {
      const { common, differAt } = relate(a.prefixes, b.prefixes)
      if (differAt !== undefined) found.push({ heads: [a.head, b.head], common })
    }
  }
  // Stable, so that of several the first one stays first.
  return found.toSorted((a, b) => Number(a.common.size - b.common.size))
}

/**
 * What is left where heads that a quorum cosigned contradict each other: the longest of those heads,
 * and of what two of them have in common, that ends before `end`, where two have different roots.
 * Whatever is longer contradicts one of the two, and nothing that is shorter is proven to.
 */
function leftByQuorum(
  counted: readonly Counted[],
  divisions: readonly Division[],
  end: bigint,
): TreeHead {
  return [...divisions.map(({ common }) => common), ...counted.map(({ head }) => head)]
    .filter(({ size }) => size < end)
    .reduce((longest, tree) => (tree.size > longest.size ? tree : longest), noTree)
}

/**
 * The longest prefix of a log that is to be trusted, by all that is known of the log and by what its
 * reader asks for.
 *
 * With a quorum in the policy only heads that the quorum cosigned count, so that whoever has no more
 * than the log's key can neither add to the prefix nor take from it; without one, every head counts
 * that the log signed. It is the longest head that counts.
 *
 * Where heads that count contradict each other, it is the smallest of their proven common parts. With
 * a quorum, it is what a quorum cosigned, or two such heads have in common, up to the smallest size at
 * which two of them are proven to differ.
 */
export function trustedPrefix(evidence: Evidence, policy: TlogPolicy): TrustedPrefix {
  const { origin, heads } = evidence
  const forest = prefixForest(evidence)
  const counted = heads
    .filter((head) => countsUnder(policy, head))
    .map((head) => ({ head, prefixes: forest.prefixesOf(head) }))
  const hasQuorum = policy.quorum !== noQuorum
  const end = firstDifference(counted)
  const divisions = end === undefined ? [] : divisionsOf(counted)
  const [least] = divisions
  if (end !== undefined && least !== undefined) {
    const { size, root } = hasQuorum ? leftByQuorum(counted, divisions, end) : least.common
    return { origin, size, root, basis: 'divided', divided: least.heads }
  }
  const head = counted.at(-1)?.head
  if (head === undefined || head.size === 0n) return { origin, ...noTree, basis: 'nothing' }
  const { size, root } = head
  return { origin, size, root, basis: hasQuorum ? 'cosigned' : 'signed', head }
}
