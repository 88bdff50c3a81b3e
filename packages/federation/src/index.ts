/** The pure half of federation: what is known of logs, and what follows from it. Runs in a browser. */
export { FederationError, type FederationErrorCode } from './errors.ts'
export { evidenceOf, joinEvidence } from './evidence/join.ts'
export { proveLink } from './evidence/link.ts'
export type { Evidence, EvidenceParts, Link } from './evidence/types.ts'
export { type BuiltForkProof, buildForkProof, type NoForkProof } from './fork-proof/build.ts'
export { encodeForkProof } from './fork-proof/encode.ts'
export { forkId } from './fork-proof/id.ts'
export { type ParsedForkProof, parseForkProof } from './fork-proof/parse.ts'
export { claimsFork, type ShownFork, shownFork } from './fork-proof/shown.ts'
export {
  type Branch,
  type Contradiction,
  type Divergence,
  type ForkHead,
  type ForkProof,
  forkMediaType,
  maxForkProofBytes,
  type ProvenFork,
} from './fork-proof/types.ts'
export {
  type ForkCheck,
  type ForkCheckId,
  type ForkCheckStatus,
  type ForkVerdict,
  forkCheckIds,
} from './fork-proof/verdict.ts'
export {
  type TrustOf,
  trustIn,
  type VerifyForkOptions,
  verifyForkProof,
} from './fork-proof/verify.ts'
export {
  type HeadNote,
  type HeadRefusal,
  type HeadSignature,
  type HeadStanding,
  joinHeads,
  maxHeadBytes,
  maxHeadTextBytes,
  openHead,
  type SignedHead,
  standingOf,
} from './head.ts'
export { type PrefixBasis, type TrustedPrefix, trustedPrefix } from './trusted-prefix.ts'
export {
  encodeFrontier,
  type Frontier,
  type FrontierLine,
  frontierMediaType,
  frontierOf,
  frontierRoot,
  maxFrontierBytes,
  parseFrontier,
} from './view/frontier.ts'
export {
  byTime,
  type EntryPlace,
  type MergedEntry,
  mergeEntries,
  type TrustedEntries,
  type ViewFailure,
} from './view/merged.ts'
