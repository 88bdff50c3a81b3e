/** Proves that one tree is a prefix of another. */
import { verifyConsistency } from '@vaultmesh/merkle/proof'
import type { TreeHead } from '@vaultmesh/merkle/tiles'
import type { Link } from './types.ts'

/**
 * The link from one tree to a larger one, if `hashes` (a consistency proof) prove it. Never throws
 * on a bad proof. A tree without leaves, or of the same size, needs no link.
 */
export function proveLink(
  earlier: TreeHead,
  later: TreeHead,
  hashes: readonly Uint8Array[],
): { readonly ok: true; readonly link: Link } | { readonly ok: false; readonly detail: string } {
  if (earlier.size >= later.size) {
    const detail = `a tree of ${later.size} leaves is not larger than one of ${earlier.size}`
    return { ok: false, detail }
  }
  const { size: size1, root: root1 } = earlier
  const { size: size2, root: root2 } = later
  const proven = verifyConsistency({ size1, size2, root1, root2, hashes })
  if (!proven.ok) return { ok: false, detail: proven.detail }
  const link = {
    earlier: { size: size1, root: root1 },
    later: { size: size2, root: root2 },
    hashes,
  }
  return { ok: true, link }
}
