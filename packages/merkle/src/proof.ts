/** Inclusion, range and consistency proofs of RFC 6962 section 2.1: checking and making them. */
export {
  buildConsistency,
  buildInclusion,
  buildRangeInclusion,
  buildRoot,
  type NodeReader,
} from './proof/build.ts'
export type { ProofFailure, ProofFailureCode, ProofResult } from './proof/verdict.ts'
export {
  type Consistency,
  type Inclusion,
  verifyConsistency,
  verifyInclusion,
} from './proof/verify.ts'
export { type RangeInclusion, verifyRangeInclusion } from './proof/verify-range.ts'
