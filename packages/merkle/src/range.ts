/** How a range of leaves falls apart into complete subtrees, and is put together again. */
import { MerkleError } from './errors.ts'
import { type Hasher, hashLength } from './rfc6962.ts'

/** A complete subtree: 2^level leaves, the first of which is leaf `index * 2^level`. */
export interface SubtreeNode {
  readonly level: number
  readonly index: bigint
}

/** How many binary digits `value` has: 0 for 0. */
export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length
}

/** The largest power of two below `width`, which must be at least 2 (RFC 6962 section 2.1). */
export function splitPoint(width: bigint): bigint {
  return 1n << BigInt(bitLength(width - 1n) - 1)
}

/**
 * The complete subtrees of leaves `begin` to `end` (exclusive), left to right: as few as there can
 * be. Where `begin` is the left edge of a subtree in RFC 6962 they come largest first.
 */
export function rangeNodes(begin: bigint, end: bigint): SubtreeNode[] {
  const nodes: SubtreeNode[] = []
  let at = begin
  while (at < end) {
    const fits = bitLength(end - at) - 1
    // The lowest bit that is set in `at` is the widest subtree that can start there.
    const level = at === 0n ? fits : Math.min(fits, bitLength(at & -at) - 1)
    nodes.push({ level, index: at >> BigInt(level) })
    at += 1n << BigInt(level)
  }
  return nodes
}

/**
 * The hash of a range from the hashes of its complete subtrees, largest first. Undefined for no
 * hashes.
 */
export function foldHashes(hashes: readonly Uint8Array[], hasher: Hasher): Uint8Array | undefined {
  return hashes.reduceRight<Uint8Array | undefined>(
    (right, left) => (right === undefined ? left : hasher.hashNode(left, right)),
    undefined,
  )
}

/** Throws INVALID_ARGUMENT unless every hash has 32 bytes; `what` names them in the message. */
export function requireHashes(hashes: readonly Uint8Array[], what: string): void {
  const wrong = hashes.find((hash) => hash.length !== hashLength)
  if (wrong !== undefined) {
    throw new MerkleError(
      'INVALID_ARGUMENT',
      `${what} must hold hashes of ${hashLength} bytes; one has ${wrong.length}`,
    )
  }
}
