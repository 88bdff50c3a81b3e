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
export { keyringDirectory, stateDirectory } from './workspace/layout.ts'
export type { LogKeys } from './workspace/log-keys.ts'
export { cosignerOf, type LogPlace, logOptionsOf } from './workspace/log-place.ts'
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
export type {
  BodyView,
  Initialised,
  InitOptions,
  OpenOptions,
  Recorded,
  RecordView,
  TimelineFilter,
  TimelineItem,
  Workspace,
  WorkspaceEnvironment,
  WorkspaceKeys,
} from './workspace/types.ts'
