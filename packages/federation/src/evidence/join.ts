/** Puts evidence together: commutative, associative and idempotent. */
import { encodeHex } from '@vaultmesh/merkle/bytes'
import type { TreeHead } from '@vaultmesh/merkle/tiles'
import { FederationError } from '../errors.ts'
import type { ProvenFork } from '../fork-proof/types.ts'
import { compareHeadOrder, compareText, joinHeads, type SignedHead } from '../head.ts'
import type { Evidence, EvidenceParts, Link } from './types.ts'

/** What two trees have in common exactly where they are the same: size and root. */
export function treeKey({ size, root }: TreeHead): string {
  return `${size} ${encodeHex(root)}`
}

function linkKey({ earlier, later }: Link): string {
  return `${treeKey(earlier)} ${treeKey(later)}`
}

/** The items by their keys; of two with one key, what `join` makes of them. */
function keyed<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
  join: (a: T, b: T) => T,
): Map<string, T> {
  const found = new Map<string, T>()
  for (const item of items) {
    const key = keyOf(item)
    const other = found.get(key)
    found.set(key, other === undefined ? item : join(other, item))
  }
  return found
}

function sortedByKey<T>(items: ReadonlyMap<string, T>): T[] {
  return [...items].toSorted(([a], [b]) => compareText(a, b)).map(([, item]) => item)
}

/** The fork with its heads as they are known by now, signatures of other proofs included. */
function withHeads(fork: ProvenFork, heads: ReadonlyMap<string, SignedHead>): ProvenFork {
  const [first, second] = fork.heads
  const known = [heads.get(first.text) ?? first, heads.get(second.text) ?? second] as const
  return { ...fork, heads: known }
}

/** What there is of one fork in two proofs of it: there is but one place where two trees part. */
function joinForks(a: ProvenFork, b: ProvenFork): ProvenFork {
  return a.divergence === undefined ? b : a
}

/**
 * The evidence of a log that is made of these parts. Throws INVALID_ARGUMENT for a head or fork of
 * another log.
 */
export function evidenceOf(
  origin: string,
  { heads = [], links = [], forks = [] }: EvidenceParts,
): Evidence {
  const allForks = [...forks]
  const allHeads = [...heads, ...allForks.flatMap((fork) => fork.heads)]
  const stranger = allHeads.find((head) => head.origin !== origin)
  if (stranger !== undefined) {
    throw new FederationError(
      'INVALID_ARGUMENT',
      `evidence about ${origin} can't hold a head of ${stranger.origin}: keep each log's apart`,
    )
  }
  const byText = keyed(allHeads, ({ text }) => text, joinHeads)
  const byId = keyed(allForks, ({ id }) => id, joinForks)
  return {
    origin,
    heads: [...byText.values()].toSorted(compareHeadOrder),
    links: sortedByKey(keyed(links, linkKey, (a) => a)),
    forks: sortedByKey(byId).map((fork) => withHeads(fork, byText)),
  }
}

/**
 * All that is in either. The order in which evidence arrives, and how often, changes nothing.
 * Throws INVALID_ARGUMENT for evidence about two logs.
 */
export function joinEvidence(a: Evidence, b: Evidence): Evidence {
  return evidenceOf(a.origin, {
    heads: [...a.heads, ...b.heads],
    links: [...a.links, ...b.links],
    forks: [...a.forks, ...b.forks],
  })
}
