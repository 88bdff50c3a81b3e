/** Inclusion and consistency proofs of RFC 6962 section 2.1: checking them and making them. */
export { buildConsistency, buildInclusion, buildRoot, type NodeReader } from './proof/build.ts'
export {
  type Consistency,
  type Inclusion,
  type ProofFailure,
  type ProofFailureCode,
  type ProofResult,
  verifyConsistency,
  verifyInclusion,
} from './proof/verify.ts'
