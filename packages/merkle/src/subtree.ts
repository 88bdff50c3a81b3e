/**
 * Experimental: subtrees of a log, for witnesses that sign them (tlog-witness, `sign-subtree`) and
 * for Merkle tree certificates, by draft-ietf-plants-merkle-tree-certs section 4 as it is after -05.
 * From then on a run without leaves is a subtree; who follows -03 refuses it.
 */
export {
  buildSubtreeConsistency,
  buildSubtreeHash,
  buildSubtreeInclusion,
} from './subtree/build.ts'
export { coveringSubtrees, isSubtree, type Subtree } from './subtree/interval.ts'
export {
  type SubtreeConsistency,
  type SubtreeInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from './subtree/verify.ts'
