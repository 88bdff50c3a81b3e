/** Makes fork proofs out of two heads, and the tiles of their trees where those are at hand. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import type { TileFailure, VerifiedTiles } from '@vaultmesh/merkle/tiles'
import { FederationError } from '../errors.ts'
import { compareHeadOrder, type HeadNote } from '../head.ts'
import { checkContradiction } from './claims.ts'
import { findDivergence } from './divergence.ts'
import { encodeForkProof } from './encode.ts'
import { readForkHead } from './head.ts'
import { parseForkProof } from './parse.ts'
import type { ForkHead, ForkProof } from './types.ts'

/** Why two heads give no fork proof. */
export interface NoForkProof {
  readonly ok: false
  /**
   * CONSISTENT: they don't contradict each other. TILES_NEEDED: their sizes differ, and the tiles of
   * the later one are not at hand. TOO_LARGE: the checkpoints are too long; `openHead` leaves out
   * the signatures that say nothing.
   */
  readonly code: 'CONSISTENT' | 'TILES_NEEDED' | 'TOO_LARGE'
  readonly detail: string
}

/** What making a fork proof gives. */
export type BuiltForkProof =
  | { readonly ok: true; readonly proof: ForkProof }
  | NoForkProof
  | TileFailure

/** A head, with the tiles of its tree where there are any. */
interface Side {
  readonly head: ForkHead
  readonly tiles: VerifiedTiles | undefined
}

function sideOf({ origin, checkpoint }: HeadNote, tiles: VerifiedTiles | undefined): Side {
  const head = readForkHead(origin, checkpoint)
  if (head === undefined) {
    throw new FederationError('INVALID_ARGUMENT', `a head is no signed checkpoint of ${origin}`)
  }
  if (tiles !== undefined && (tiles.size !== head.size || !equalBytes(tiles.root, head.root))) {
    throw new FederationError(
      'INVALID_ARGUMENT',
      `the tiles are of a tree of ${tiles.size} leaves, and not of the head of size ${head.size}`,
    )
  }
  return { head, tiles }
}

async function contradictionOf(
  first: Side,
  second: Side,
): Promise<Pick<ForkProof, 'contradiction'> | NoForkProof | TileFailure> {
  const { size } = first.head
  if (size === 0n || size === second.head.size) return {}
  if (second.tiles === undefined) {
    const detail = `the tiles of the tree of size ${second.head.size} are needed`
    return { ok: false, code: 'TILES_NEEDED', detail }
  }
  const other = await second.tiles.rootAt(size)
  if (!other.ok) return other
  const proof = await second.tiles.consistency(size)
  if (!proof.ok) return proof
  return { contradiction: { root: other.root, hashes: proof.hashes } }
}

async function divergenceOf(
  first: Side,
  second: Side,
): Promise<Pick<ForkProof, 'divergence'> | TileFailure> {
  const { size } = first.head
  if (size === 0n || first.tiles === undefined || second.tiles === undefined) return {}
  const found = await findDivergence(first.tiles, second.tiles, size)
  return found.ok ? { divergence: found.divergence } : found
}

/** The proof, if others could read it. */
function withinBounds(proof: ForkProof): BuiltForkProof {
  const read = parseForkProof(encodeForkProof(proof))
  return read.ok ? read : { ok: false, code: 'TOO_LARGE', detail: read.detail }
}

/**
 * The proof that a log forked, from two of its heads, in any order: the same bytes for the same two
 * heads and the same tiles. `tilesA` is of the tree of `a`, `tilesB` of that of `b`. Where the sizes
 * differ, those of the later one are needed; with both, the proof shows where exactly the trees part.
 *
 * The heads are taken to be signed: see `openHead`. Throws INVALID_ARGUMENT for heads of two logs,
 * or tiles of another tree. Where tiles can't be read, gives that failure.
 */
export async function buildForkProof(
  a: HeadNote,
  b: HeadNote,
  tilesA?: VerifiedTiles,
  tilesB?: VerifiedTiles,
): Promise<BuiltForkProof> {
  const { origin } = a
  if (b.origin !== origin) {
    throw new FederationError(
      'INVALID_ARGUMENT',
      `heads of ${origin} and ${b.origin} can't contradict each other: they are of two logs`,
    )
  }
  const [x, y] = [sideOf(a, tilesA), sideOf(b, tilesB)]
  const [first, second] = compareHeadOrder(x.head, y.head) <= 0 ? [x, y] : [y, x]
  const shown = await contradictionOf(first, second)
  if ('ok' in shown) return shown
  const proof: ForkProof = { origin, heads: [first.head, second.head], ...shown }
  const claim = checkContradiction(proof)
  if (!claim.ok) return { ok: false, code: 'CONSISTENT', detail: claim.detail }
  const parted = await divergenceOf(first, second)
  return 'ok' in parted ? parted : withinBounds({ ...proof, ...parted })
}
