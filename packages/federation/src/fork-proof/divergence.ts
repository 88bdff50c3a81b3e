/** Finds where two trees part. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import type { TileFailure, VerifiedTiles } from '@vaultmesh/merkle/tiles'
import type { Branch, Divergence } from './types.ts'

async function haveSamePrefix(
  a: VerifiedTiles,
  b: VerifiedTiles,
  size: bigint,
): Promise<{ readonly ok: true; readonly isSame: boolean } | TileFailure> {
  const [first, second] = await Promise.all([a.rootAt(size), b.rootAt(size)])
  if (!first.ok) return first
  if (!second.ok) return second
  return { ok: true, isSame: equalBytes(first.root, second.root) }
}

/** The largest size below `end` at which both trees have one root; at `end` they have not. */
async function commonSize(
  a: VerifiedTiles,
  b: VerifiedTiles,
  end: bigint,
): Promise<{ readonly ok: true; readonly size: bigint } | TileFailure> {
  let same = 0n
  let other = end
  while (other - same > 1n) {
    const middle = (same + other) / 2n
    const found = await haveSamePrefix(a, b, middle)
    if (!found.ok) return found
    if (found.isSame) same = middle
    else other = middle
  }
  return { ok: true, size: same }
}

async function branchOf(
  tiles: VerifiedTiles,
  size: bigint,
): Promise<{ readonly ok: true; readonly branch: Branch } | TileFailure> {
  const [consistency, inclusion, leaf] = await Promise.all([
    tiles.consistency(size),
    tiles.inclusion(size),
    tiles.leafHash(size),
  ])
  if (!consistency.ok) return consistency
  if (!inclusion.ok) return inclusion
  if (!leaf.ok) return leaf
  const branch = {
    consistency: consistency.hashes,
    inclusion: inclusion.hashes,
    leafHash: leaf.hash,
  }
  return { ok: true, branch }
}

/**
 * Where the trees part, with its proofs. Both must be larger than 0, and have different roots at
 * `end`, the size of the smaller one.
 */
export async function findDivergence(
  a: VerifiedTiles,
  b: VerifiedTiles,
  end: bigint,
): Promise<{ readonly ok: true; readonly divergence: Divergence } | TileFailure> {
  const common = await commonSize(a, b, end)
  if (!common.ok) return common
  const { size } = common
  const root = await a.rootAt(size)
  if (!root.ok) return root
  const first = await branchOf(a, size)
  if (!first.ok) return first
  const second = await branchOf(b, size)
  if (!second.ok) return second
  const branches = [first.branch, second.branch] as const
  return { ok: true, divergence: { size, root: root.root, branches } }
}
