/** Which runs of leaves are subtrees (draft-ietf-plants-merkle-tree-certs sections 4.1, 4.5). */
import { isUint64 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'
import type { Range } from '../proof/shape.ts'
import { bitLength } from '../range.ts'

/** Leaves `begin` to `end`, exclusive, that {@link isSubtree}. */
export type Subtree = Range

function isRange({ begin, end }: Range): boolean {
  return isUint64(begin) && isUint64(end) && begin <= end
}

function clearLowBits(value: bigint, count: number): bigint {
  return (value >> BigInt(count)) << BigInt(count)
}

/**
 * Whether leaves `begin` to `end` (exclusive) are a subtree of every tree that holds them: `begin`
 * is a multiple of the smallest power of two that is not below their number. No leaves are one.
 */
export function isSubtree(range: Range): boolean {
  if (!isRange(range)) return false
  const { begin, end } = range
  return end - begin <= 1n || clearLowBits(begin, bitLength(end - begin - 1n)) === begin
}

/**
 * Two subtrees, one after the other, that together hold leaves `begin` to `end` (exclusive) and end
 * with them. The first may begin before, by less than half of its leaves; the second may be empty.
 *
 * Throws INVALID_ARGUMENT where this is no range below 2^64.
 */
export function coveringSubtrees({ begin, end }: Range): [Subtree, Subtree] {
  if (!isRange({ begin, end })) {
    throw new MerkleError('INVALID_ARGUMENT', `leaves ${begin} to ${end} are no range`)
  }
  if (end - begin <= 1n) {
    return [
      { begin, end },
      { begin: end, end },
    ]
  }
  const last = end - 1n
  // The level on which the paths of the first and the last leaf part.
  const split = bitLength(begin ^ last) - 1
  const middle = clearLowBits(last, split)
  // The lowest level whose node holds every leaf from `begin` up to the middle.
  const leftLevel = bitLength(BigInt.asUintN(split, ~begin))
  return [
    { begin: clearLowBits(begin, leftLevel), end: middle },
    { begin: middle, end },
  ]
}
