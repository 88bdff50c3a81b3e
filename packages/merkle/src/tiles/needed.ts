/** Which tiles a proof is made of. */

import { isUint64 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'
import { consistencyRanges, inclusionRanges, type Range } from '../proof/shape.ts'
import { rangeNodes, type SubtreeNode } from '../range.ts'
import { tilePath } from './path.ts'
import { tileHeight, tileWidth, widthOfTile } from './width.ts'

/** Where a node is found: in which tile, and from which of its hashes on. */
export interface NodePlace {
  /** The tile's level. */
  readonly level: number
  /** The tile's index. */
  readonly index: bigint
  /** The number, within the tile, of the first hash below the node. */
  readonly begin: number
  /** How many of the tile's hashes are below the node: a power of two, 1 to 128. */
  readonly count: number
}

/** The tile that holds a complete subtree, or the hashes below it. */
export function placeOfNode({ level, index }: SubtreeNode): NodePlace {
  const inside = level % tileHeight
  const first = index << BigInt(inside)
  const wide = BigInt(tileWidth)
  return {
    level: (level - inside) / tileHeight,
    index: first / wide,
    begin: Number(first % wide),
    count: 2 ** inside,
  }
}

/** The paths of the tiles that hold the nodes of some ranges, each once. */
function pathsOf(ranges: readonly Range[], size: bigint): string[] {
  const paths = ranges
    .flatMap(({ begin, end }) => rangeNodes(begin, end))
    .map((node) => {
      const { level, index } = placeOfNode(node)
      const width = widthOfTile(size, level, index)
      return tilePath(level, index, width === tileWidth ? undefined : width)
    })
  return [...new Set(paths)]
}

/**
 * The paths of the tiles that the inclusion proof of leaf `index` in the tree of `size` leaves is
 * made of, as they are in that tree. Authenticating them takes the partial tiles of the tree and
 * the tiles above them besides: `VerifiedTiles` reads those too.
 *
 * Throws INVALID_ARGUMENT where `index` is not below `size`, or out of range.
 */
export function inclusionTiles(index: bigint, size: bigint): string[] {
  if (isUint64(size) && index >= 0n && index < size) {
    return pathsOf(inclusionRanges(index, { begin: 0n, end: size }), size)
  }
  throw new MerkleError('INVALID_ARGUMENT', `there is no leaf ${index} in a tree of ${size} leaves`)
}

/**
 * The paths of the tiles that the consistency proof between two sizes is made of, as they are in
 * the tree of `size2` leaves; none where the sizes are equal or `size1` is 0.
 *
 * Throws INVALID_ARGUMENT where `size1` is above `size2`, or a size is out of range.
 */
export function consistencyTiles(size1: bigint, size2: bigint): string[] {
  if (isUint64(size2) && size1 >= 0n && size1 <= size2) {
    return size1 === 0n ? [] : pathsOf(consistencyRanges({ begin: 0n, end: size1 }, size2), size2)
  }
  throw new MerkleError(
    'INVALID_ARGUMENT',
    `a tree of ${size1} leaves can't be a prefix of one of ${size2} leaves`,
  )
}
