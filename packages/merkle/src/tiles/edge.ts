/** The right edge of a tree, as tiles hold it, and the hashes that tiles stand for. */
import { CompactRange } from '../compact.ts'
import { MerkleError } from '../errors.ts'
import { rangeNodes } from '../range.ts'
import { batchHasherFrom, type Hasher, hashLength, sha256Hasher } from '../rfc6962.ts'
import { partialWidth, tileCount } from './width.ts'

/** Where a tile is in a tree. */
export interface TilePlace {
  /** The tile's level: 0 holds the hashes of leaves. */
  readonly level: number
  readonly index: bigint
  /** How many hashes it holds: 1 to 256. */
  readonly width: number
}

/**
 * The partial tiles of a tree of `size` leaves, highest level first; at most 8. Throws
 * INVALID_ARGUMENT for a size that does not fit 64 bits.
 */
export function partialTiles(size: bigint): TilePlace[] {
  return [7, 6, 5, 4, 3, 2, 1, 0]
    .map((level) => ({ level, width: partialWidth(size, level) }))
    .filter(({ width }) => width > 0)
    .map(({ level, width }) => ({ level, index: tileCount(size, level) - 1n, width }))
}

/**
 * The root over `count` (a power of two) of a tile's hashes, the first of which is number `begin`.
 * Over all 256 it is the hash that the tile above holds.
 */
export function tileNode(
  tile: Uint8Array,
  begin: number,
  count: number,
  hasher: Hasher,
): Uint8Array {
  const hashes = tile.subarray(begin * hashLength, (begin + count) * hashLength)
  return batchHasherFrom(hasher).hashSubtree(hashes)
}

/**
 * The right edge of a tree of `size` leaves out of the hashes of its {@link partialTiles}, in their
 * order. Each of those hashes counts towards its root.
 *
 * Throws INVALID_ARGUMENT where a tile is missing or has another width.
 */
export function edgeRange(
  size: bigint,
  tiles: readonly Uint8Array[],
  hasher: Hasher = sha256Hasher,
): CompactRange {
  const places = partialTiles(size)
  const isEdge =
    tiles.length === places.length &&
    places.every(({ width }, i) => tiles[i]?.length === width * hashLength)
  if (!isEdge) {
    const widths = places.map(({ width }) => width).join(', ')
    throw new MerkleError(
      'INVALID_ARGUMENT',
      `the partial tiles of a tree of ${size} leaves have these numbers of hashes: ${widths}`,
    )
  }
  const hashes = tiles.flatMap((tile) =>
    rangeNodes(0n, BigInt(tile.length / hashLength)).map(({ level, index }) =>
      tileNode(tile, Number(index) * 2 ** level, 2 ** level, hasher),
    ),
  )
  return CompactRange.from(size, hashes, hasher)
}
