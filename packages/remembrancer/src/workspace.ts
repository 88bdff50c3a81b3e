/**
 * A workspace: the folder `.vaultmesh` with its configuration, trust policy, log and bodies, and
 * the user's keyring and log state outside of it. Node only.
 */
export type { BodyDraft, RecordDraft } from './draft.ts'
export { RemembrancerError, type RemembrancerErrorCode } from './errors.ts'
export { type RecordKind, recordKinds } from './schemas/kinds.ts'
export type { RecordSigner } from './signer.ts'
export { initWorkspace } from './workspace/init.ts'
export type { KeyringProblem } from './workspace/keyring.ts'
export { keyringProblems } from './workspace/keyring-problems.ts'
export { keyringDirectory, stateDirectory, stateHome } from './workspace/layout.ts'
export type { LogKeys } from './workspace/log-keys.ts'
export { cosignerOf, type LogPlace, logOptionsOf } from './workspace/log-place.ts'
export type { AddedKey, NamedSigner } from './workspace/note-keys.ts'
export { openWorkspace } from './workspace/open.ts'
export {
  initOwnAuthority,
  type OwnAuthority,
  type OwnAuthorityOptions,
  ownAuthorityKey,
  readOwnAuthority,
} from './workspace/own-authority.ts'
export {
  initOwnLog,
  type OpenOwnLogOptions,
  type OwnLogOptions,
  openOwnLog,
} from './workspace/own-log.ts'
export { describeQuorum } from './workspace/quorum.ts'
export { type RoutingDecision, routingDraft } from './workspace/routing-draft.ts'
export type {
  Agent,
  AgentOptions,
  BodyView,
  DecisionFilter,
  DecisionItem,
  DecisionStanding,
  Initialised,
  InitOptions,
  OpenOptions,
  Recorded,
  RecordOptions,
  RecordView,
  SearchFilter,
  SearchHit,
  TimelineFilter,
  TimelineItem,
  Workspace,
  WorkspaceEnvironment,
  WorkspaceKeys,
} from './workspace/types.ts'
export {
  addWitnessKey,
  readWitnessSigner,
  type WitnessKeyOptions,
  type WitnessSignerOptions,
} from './workspace/witness-keys.ts'
export type { NewWitness, QuorumChange } from './workspace/witness-trust.ts'
