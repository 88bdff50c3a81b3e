/** How many tiles a tree has, and how wide they are. */
import { isUint64 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'

/** How many hashes a full tile holds, and how many entries a full bundle. */
export const tileWidth = 256

/** How many levels of the tree one tile spans. */
export const tileHeight = 8

const wide = BigInt(tileWidth)

function hashesAtLevel(size: bigint, level: number): bigint {
  if (!isUint64(size) || !Number.isInteger(level) || level < 0 || level > 63) {
    throw new MerkleError(
      'INVALID_ARGUMENT',
      `a tile needs a tree size of 0 to 2^64 - 1 and a level of 0 to 63, not ${size} and ${level}`,
    )
  }
  return size >> BigInt(tileHeight * level)
}

/**
 * How many hashes the partial tile at `level` holds in a tree of `size` leaves: 1 to 255, or 0
 * where there is no partial tile. At level 0 also the width of the partial entry bundle.
 *
 * Throws INVALID_ARGUMENT for a size that does not fit 64 bits, or a level outside 0 to 63.
 */
export function partialWidth(size: bigint, level: number): number {
  return Number(hashesAtLevel(size, level) % wide)
}

/**
 * How many tiles `level` has in a tree of `size` leaves, the partial one included. Throws as
 * {@link partialWidth} does.
 */
export function tileCount(size: bigint, level: number): bigint {
  return (hashesAtLevel(size, level) + wide - 1n) / wide
}

/**
 * The width of tile `index` at `level` in a tree of `size` leaves: 1 to 256, or 0 if it has none.
 * Throws as {@link partialWidth} does.
 */
export function widthOfTile(size: bigint, level: number, index: bigint): number {
  const rest = hashesAtLevel(size, level) - index * wide
  if (index < 0n || rest <= 0n) return 0
  return rest >= wide ? tileWidth : Number(rest)
}
