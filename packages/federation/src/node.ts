/** The half of federation that has effects: mirrors, evidence, witness and sync. Node only. */
export { FederationError, type FederationErrorCode } from './errors.ts'
export {
  encodeFederationConfig,
  type FederationConfig,
  type ParsedFederationConfig,
  type PeerConfig,
  type PeerLog,
  parseFederationConfig,
} from './node/config.ts'
export { type NodeDescription, type ReadDescription, readDescription } from './node/descriptor.ts'
export {
  type EvidenceStore,
  type EvidenceStoreOptions,
  type KeptProof,
  openEvidenceStore,
  type ProofReceipt,
} from './node/evidence-store.ts'
export { openFederation, readFederationConfig } from './node/federation.ts'
export {
  encodeHeads,
  type HeadsDocument,
  headsMediaType,
  maxHeadsBytes,
  type OfferedHead,
  type OfferedProof,
  parseHeads,
} from './node/heads.ts'
export { type AskOptions, askDescription } from './node/http-peer.ts'
export type { Knowledge } from './node/knowledge.ts'
export { openMirror } from './node/mirror.ts'
export type {
  AdvanceOptions,
  Mirror,
  MirrorAdvance,
  MirrorOptions,
  MirrorProgress,
  SourceProblem,
} from './node/mirror-types.ts'
export {
  type FederationPaths,
  federationPaths,
  mirrorDirectory,
  originDigest,
  witnessStorePath,
} from './node/paths.ts'
export { sharedFiles } from './node/shared-files.ts'
export type {
  Federation,
  FederationOptions,
  FederationStatus,
  FederationWitness,
  LogStatus,
  LogSync,
  OwnLog,
  OwnLogSighting,
  PeerStatus,
  PeerSync,
  SyncOptions,
} from './node/types.ts'

export {
  createWitnessStore,
  type OpenWitnessStore,
  openWitnessStore,
} from './node/witness-store.ts'
