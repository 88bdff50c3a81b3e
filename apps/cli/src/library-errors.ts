/** What the failures of the libraries mean for the exit code, and what to do where they don't say. */
import type { RemembrancerErrorCode } from '@vaultmesh/remembrancer/workspace'
import type { SpawnErrorCode } from '@vaultmesh/spawn-core'
import type { TlogErrorCode } from '@vaultmesh/tlog'
import { type ExitCode, exitCodes } from './exit-codes.ts'

/** What a library's code means to the command line. */
export interface LibraryEntry {
  readonly exitCode: ExitCode
  readonly hint?: string
}

const remembrancer: Record<RemembrancerErrorCode, LibraryEntry> = {
  BODY_ALTERED: { exitCode: exitCodes.verificationFailed },
  CONFIG_INVALID: { exitCode: exitCodes.preflight },
  DRAFT_INVALID: { exitCode: exitCodes.usage },
  HOME_MISSING: { exitCode: exitCodes.preflight },
  IDEMPOTENCY_CONFLICT: { exitCode: exitCodes.conflict },
  KEYRING_KEY_INVALID: { exitCode: exitCodes.preflight },
  KEYRING_KEY_MISSING: { exitCode: exitCodes.preflight },
  KEYRING_PERMISSIONS: { exitCode: exitCodes.preflight },
  LOG_ENTRY_INVALID: { exitCode: exitCodes.verificationFailed },
  NAMESPACE_INVALID: { exitCode: exitCodes.usage },
  ORIGIN_INVALID: { exitCode: exitCodes.usage },
  PASSPHRASE_NEEDED: {
    exitCode: exitCodes.usage,
    hint: 'name a file that holds it with --passphrase-file FILE or VM_PASSPHRASE_FILE',
  },
  PASSPHRASE_WRONG: { exitCode: exitCodes.notTrusted },
  POLICY_INVALID: { exitCode: exitCodes.preflight },
  PROOF_REFUSED: { exitCode: exitCodes.verificationFailed },
  RECORD_AMBIGUOUS: { exitCode: exitCodes.usage },
  RECORD_MISSING: { exitCode: exitCodes.failure },
  RECORD_TOO_LARGE: { exitCode: exitCodes.usage },
  SIGNER_FAILED: { exitCode: exitCodes.failure },
  TIMESTAMP_REFUSED: { exitCode: exitCodes.failure },
  WORKSPACE_CLOSED: { exitCode: exitCodes.failure },
  WORKSPACE_EXISTS: { exitCode: exitCodes.conflict },
  WORKSPACE_MISSING: { exitCode: exitCodes.preflight },
  WORKSPACE_NOT_WRITABLE: { exitCode: exitCodes.preflight },
}

const spawn: Record<SpawnErrorCode, LibraryEntry> = {
  ABORTED: { exitCode: exitCodes.interrupted },
  ANSWERS_INVALID: { exitCode: exitCodes.usage },
  CHECK_FAILED: { exitCode: exitCodes.failure },
  GIT_FAILED: { exitCode: exitCodes.failure },
  GIT_MISSING: { exitCode: exitCodes.preflight },
  NAME_INVALID: { exitCode: exitCodes.usage },
  NO_GIT_IDENTITY: { exitCode: exitCodes.preflight },
  PARENT_MISSING: { exitCode: exitCodes.usage },
  RECEIPT_NOT_RECORDED: { exitCode: exitCodes.failure },
  RENDER_FAILED: { exitCode: exitCodes.failure },
  SIGNER_FAILED: { exitCode: exitCodes.failure },
  TARGET_EXISTS: { exitCode: exitCodes.conflict },
  TARGET_NOT_WRITABLE: { exitCode: exitCodes.preflight },
  TEMPLATE_INVALID: { exitCode: exitCodes.usage },
  TEMPLATE_UNKNOWN: { exitCode: exitCodes.usage, hint: 'run `vm spawn templates` to see them' },
  TEMPLATE_UNTRUSTED: { exitCode: exitCodes.notTrusted },
  UNTRUSTED_MANIFEST: { exitCode: exitCodes.notTrusted },
  WRITE_FAILED: { exitCode: exitCodes.failure },
}

const recoverHint =
  'if this copy is the latest and no other is written to, run `vm log recover --expected-size N`'

const tlog: Record<TlogErrorCode, LibraryEntry> = {
  ENTRY_EMPTY: { exitCode: exitCodes.usage },
  ENTRY_NOT_FOUND: { exitCode: exitCodes.failure },
  ENTRY_TOO_LARGE: { exitCode: exitCodes.usage },
  LOG_CHECKPOINT_INVALID: { exitCode: exitCodes.verificationFailed },
  LOG_CLOSED: { exitCode: exitCodes.failure },
  LOG_EXISTS: { exitCode: exitCodes.conflict },
  LOG_FAILED: { exitCode: exitCodes.failure },
  LOG_FORKED: { exitCode: exitCodes.verificationFailed },
  LOG_IO: { exitCode: exitCodes.failure },
  LOG_LOCKED: { exitCode: exitCodes.conflict },
  LOG_NOT_FOUND: { exitCode: exitCodes.preflight },
  LOG_NO_SPACE: { exitCode: exitCodes.failure },
  LOG_OPTIONS: { exitCode: exitCodes.failure },
  LOG_SIGNER: { exitCode: exitCodes.failure },
  LOG_SIZE_MISMATCH: { exitCode: exitCodes.conflict },
  LOG_STATE_BEHIND: { exitCode: exitCodes.notTrusted, hint: recoverHint },
  LOG_STATE_DAMAGED: { exitCode: exitCodes.notTrusted, hint: recoverHint },
  LOG_STATE_MISSING: { exitCode: exitCodes.notTrusted, hint: recoverHint },
  LOG_TREE_BEHIND: { exitCode: exitCodes.notTrusted },
  LOG_TREE_DAMAGED: { exitCode: exitCodes.verificationFailed },
}

/** A library, by its folder below `packages/`, and what each of its codes means. */
interface Library {
  readonly folder: string
  readonly entries: Readonly<Record<string, LibraryEntry>>
}

/** Every library whose errors reach the command line, by the name of its error. */
export const libraries: Readonly<Record<string, Library>> = {
  RemembrancerError: { folder: 'remembrancer', entries: remembrancer },
  SpawnError: { folder: 'spawn-core', entries: spawn },
  TlogError: { folder: 'tlog', entries: tlog },
}
