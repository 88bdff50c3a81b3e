/** Holds a head that somebody has against the one that is here. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { nodeHasher } from '@vaultmesh/merkle/node'
import { type TileFailure, type TileSource, VerifiedTiles } from '@vaultmesh/merkle/tiles'
import type { SignedHead } from '../head.ts'

/** A head, and where its tiles may be had. */
export interface Seen {
  readonly head: SignedHead
  readonly source: TileSource
}

/** How another head stands to ours. */
export type Relation =
  | { readonly relation: 'same' }
  /** Its tree is a prefix of ours. */
  | { readonly relation: 'behind' }
  /** Ours is a prefix of its tree. */
  | { readonly relation: 'ahead'; readonly tiles: VerifiedTiles }
  | { readonly relation: 'forked' }
  /** Tiles that are needed to tell are missing or wrong. */
  | {
      readonly relation: 'unknown'
      readonly failure: TileFailure
      readonly whose: 'ours' | 'theirs'
    }

/** The tiles of a tree that was signed. */
export function openTiles({ head, source }: Seen): ReturnType<typeof VerifiedTiles.open> {
  return VerifiedTiles.open(head, source, { hasher: nodeHasher })
}

/**
 * Compares two heads of one log, both signed by it. Only hashes that lead to a signed root count:
 * whoever serves wrong tiles gets `unknown`, and not the log a fork.
 */
export async function compare(ours: Seen, theirs: Seen): Promise<Relation> {
  const { size, root } = ours.head
  if (theirs.head.size === size) {
    return { relation: equalBytes(theirs.head.root, root) ? 'same' : 'forked' }
  }
  const isAhead = theirs.head.size > size
  const [earlier, later] = isAhead ? [ours, theirs] : [theirs, ours]
  const whose = isAhead ? 'theirs' : 'ours'
  const opened = await openTiles(later)
  if (!opened.ok) return { relation: 'unknown', failure: opened, whose }
  const at = await opened.tiles.rootAt(earlier.head.size)
  if (!at.ok) return { relation: 'unknown', failure: at, whose }
  if (!equalBytes(at.root, earlier.head.root)) return { relation: 'forked' }
  return isAhead ? { relation: 'ahead', tiles: opened.tiles } : { relation: 'behind' }
}
