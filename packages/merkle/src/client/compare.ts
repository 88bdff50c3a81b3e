/** Holds a new head to one that was seen before: a log only ever grows. */
import { equalBytes, isUint64 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'
import { hashLength } from '../rfc6962.ts'
import type { TileFailure } from '../tiles/source.ts'
import type { TreeHead, VerifiedTiles } from '../tiles/verified.ts'
import type { TrustedHead } from './trust.ts'

/** A head that was trusted before, kept since by whoever asks. */
export interface RememberedHead extends TreeHead {
  /** The log's identity, where it is kept too: a head of another log is then refused. */
  readonly origin?: string
  /** The signed checkpoint, verbatim: without it, evidence of a fork convinces nobody else. */
  readonly checkpoint?: string
}

/** What shows that a log told of two trees, one of which is no prefix of the other. */
export interface ForkEvidence {
  readonly remembered: RememberedHead
  readonly served: TrustedHead
  /**
   * That `otherRoot`, and not the remembered root, is the root of the served tree's first
   * `remembered.size` leaves: a consistency proof, as `verifyConsistency` takes it. Only for a
   * served tree that is larger; for one of the same size the two roots say it all, as for size 0
   * the root that no tree without leaves has.
   */
  readonly proof?: { readonly otherRoot: Uint8Array; readonly hashes: readonly Uint8Array[] }
}

/** A head that contradicts the remembered one, or is older. */
export interface HistoryFailure {
  readonly ok: false
  /**
   * FORK: two trees, with evidence of it. ROLLBACK: the served head is smaller than the remembered
   * one; an old copy may be all that is behind it, so it proves nothing against the log.
   */
  readonly code: 'FORK' | 'ROLLBACK'
  readonly detail: string
  readonly evidence: ForkEvidence
}

/**
 * Throws INVALID_ARGUMENT for a head that can't be one of the log `origin`: comparing it would accuse
 * the log of what its reader mixed up.
 */
export function requireRemembered(remembered: RememberedHead, origin: string): void {
  const { size, root, origin: given = origin } = remembered
  if (isUint64(size) && root.length === hashLength && given === origin) return
  throw new MerkleError(
    'INVALID_ARGUMENT',
    `the remembered head is none of ${origin}: it has size ${size}, ${root.length} bytes of root and origin ${given}`,
  )
}

function fork(evidence: ForkEvidence, detail: string): HistoryFailure {
  return { ok: false, code: 'FORK', detail, evidence }
}

/**
 * Checks that the tree of `remembered` is a prefix of the served one. `open` gives the served
 * tree's tiles, and is called only where the sizes differ.
 *
 * FORK is said only on the ground of hashes that lead to the served root: tiles that are damaged,
 * or made up by whoever serves them, give a failure of the tiles.
 */
export async function compareHeads(
  remembered: RememberedHead,
  served: TrustedHead,
  open: () => Promise<{ readonly ok: true; readonly tiles: VerifiedTiles } | TileFailure>,
): Promise<{ readonly ok: true } | HistoryFailure | TileFailure> {
  const { size } = remembered
  if (served.size < size) {
    const detail = `the log served size ${served.size}, and was at ${size} before: an old copy, or history taken back`
    return { ok: false, code: 'ROLLBACK', detail, evidence: { remembered, served } }
  }
  if (served.size === size) {
    if (equalBytes(served.root, remembered.root)) return { ok: true }
    return fork({ remembered, served }, `the log has two roots for size ${size}`)
  }
  const opened = await open()
  if (!opened.ok) return opened
  const other = await opened.tiles.rootAt(size)
  if (!other.ok) return other
  if (equalBytes(other.root, remembered.root)) return { ok: true }
  const proof = await opened.tiles.consistency(size)
  if (!proof.ok) return proof
  const { hashes } = proof
  return fork(
    { remembered, served, proof: { otherRoot: other.root, hashes } },
    `the log's tree of size ${served.size} does not contain its tree of size ${size}`,
  )
}
