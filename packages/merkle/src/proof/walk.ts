/** Walks from a part of a tree up to its root, bit by bit (RFC 9162 sections 2.1.3.2, 2.1.4.2). */
import type { Hasher } from '../rfc6962.ts'
import type { Range } from './shape.ts'
import { lengthFailure, type ProofFailure } from './verdict.ts'

/** Where a walk is: the part's first and last node on this level, and the tree's last. */
interface Place {
  readonly first: bigint
  readonly index: bigint
  readonly last: bigint
}

function up({ first, index, last }: Place): Place {
  return { first: first >> 1n, index: index >> 1n, last: last >> 1n }
}

function isRightChild({ index, last }: Place): boolean {
  return (index & 1n) === 1n || index === last
}

/** The next place with a sibling: levels at which the node is the last one and alone are skipped. */
function parent(place: Place): Place {
  let at = place
  if (isRightChild(at)) {
    while (at.index !== 0n && (at.index & 1n) === 0n) at = up(at)
  }
  return up(at)
}

/** What the hashes of a proof lead to: the part's hash by this proof, and the root. */
export interface Walk {
  readonly ok: true
  readonly part: Uint8Array
  readonly root: Uint8Array
}

function walk(
  start: Place,
  known: Uint8Array,
  siblings: readonly Uint8Array[],
  hashes: readonly Uint8Array[],
  hasher: Hasher,
): Walk | ProofFailure {
  let place = start
  let part = known
  let root = known
  for (const sibling of siblings) {
    if (place.last === 0n) return lengthFailure(hashes, 'many')
    if (isRightChild(place)) {
      // While the part is wider than this node, what stands to the left belongs to it too.
      if (place.first < place.index) part = hasher.hashNode(sibling, part)
      root = hasher.hashNode(sibling, root)
    } else {
      root = hasher.hashNode(root, sibling)
    }
    place = parent(place)
  }
  return place.last === 0n ? { ok: true, part, root } : lengthFailure(hashes, 'few')
}

/** Walks from a leaf, whose hash is `leafHash`, to the root of `size` leaves. `index` is below it. */
export function walkFromLeaf(
  index: bigint,
  size: bigint,
  leafHash: Uint8Array,
  hashes: readonly Uint8Array[],
  hasher: Hasher,
): Walk | ProofFailure {
  return walk({ first: index, index, last: size - 1n }, leafHash, hashes, hashes, hasher)
}

/**
 * Walks from a subtree, not empty, whose hash is `hash`, to the root of `size` leaves
 * (draft-ietf-plants-merkle-tree-certs section 4.4.3; from leaf 0, RFC 9162 section 2.1.4.2).
 */
export function walkFromSubtree(
  subtree: Range,
  size: bigint,
  hash: Uint8Array,
  hashes: readonly Uint8Array[],
  hasher: Hasher,
): Walk | ProofFailure {
  let place: Place = { first: subtree.begin, index: subtree.end - 1n, last: size - 1n }
  const isAtEdge = place.index === place.last
  // Up to the subtree's own root, or to its last node that is complete in the larger tree too.
  while (place.first !== place.index && (isAtEdge || (place.index & 1n) === 1n)) place = up(place)
  if (place.first === place.index) return walk(place, hash, hashes, hashes, hasher)
  const [known, ...siblings] = hashes
  if (known === undefined) return lengthFailure(hashes, 'few')
  return walk(place, known, siblings, hashes, hasher)
}
