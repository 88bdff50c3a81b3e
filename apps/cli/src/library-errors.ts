/** What the failures of the libraries mean for the exit code, and what to do where they don't say. */
import type { RouterErrorCode } from '@vaultmesh/aurora-router'
import type { FederationErrorCode } from '@vaultmesh/federation/node'
import type { RemembrancerErrorCode } from '@vaultmesh/remembrancer/workspace'
import type { ServerErrorCode } from '@vaultmesh/server/tokens'
import type { SpawnErrorCode } from '@vaultmesh/spawn-core'
import type { TlogErrorCode } from '@vaultmesh/tlog'
import type { TspErrorCode } from '@vaultmesh/tsp'
import { type ExitCode, exitCodes } from './exit-codes.ts'

/** What a library's code means to the command line. */
export interface LibraryEntry {
  readonly exitCode: ExitCode
  readonly hint?: string
}

const remembrancer: Record<RemembrancerErrorCode, LibraryEntry> = {
  AGENT_EXISTS: { exitCode: exitCodes.conflict },
  AGENT_INVALID: { exitCode: exitCodes.usage },
  AGENT_MISSING: { exitCode: exitCodes.notTrusted },
  AGENT_REFUSED: { exitCode: exitCodes.notTrusted },
  AUTHORITY_EXISTS: { exitCode: exitCodes.conflict },
  AUTHORITY_INVALID: { exitCode: exitCodes.usage },
  AUTHORITY_MISSING: { exitCode: exitCodes.usage },
  BODY_ALTERED: { exitCode: exitCodes.verificationFailed },
  CONFIG_INVALID: { exitCode: exitCodes.preflight },
  DRAFT_INVALID: {
    exitCode: exitCodes.usage,
    hint: 'run the same command with --help to see what it takes',
  },
  HOME_MISSING: { exitCode: exitCodes.preflight },
  IDEMPOTENCY_CONFLICT: { exitCode: exitCodes.conflict },
  KEYRING_KEY_INVALID: {
    exitCode: exitCodes.preflight,
    hint: 'restore the file from a backup of the keyring',
  },
  KEYRING_KEY_MISSING: { exitCode: exitCodes.preflight },
  KEYRING_PERMISSIONS: { exitCode: exitCodes.preflight },
  LOG_ENTRY_INVALID: { exitCode: exitCodes.verificationFailed },
  LOG_UNKNOWN: { exitCode: exitCodes.preflight },
  NAMESPACE_INVALID: {
    exitCode: exitCodes.usage,
    hint: 'name one with --namespace, such as payments',
  },
  ORIGIN_INVALID: {
    exitCode: exitCodes.usage,
    hint: 'give a host and a path that you control, such as example.com/vm',
  },
  PASSPHRASE_NEEDED: {
    exitCode: exitCodes.usage,
    hint: 'name a file that holds it with --passphrase-file FILE or VM_PASSPHRASE_FILE',
  },
  PASSPHRASE_WRONG: {
    exitCode: exitCodes.notTrusted,
    hint: 'try again; nobody can recover a forgotten passphrase',
  },
  POLICY_INVALID: { exitCode: exitCodes.preflight },
  PROOF_REFUSED: { exitCode: exitCodes.verificationFailed },
  RECORD_AMBIGUOUS: { exitCode: exitCodes.usage },
  RECORD_MISSING: {
    exitCode: exitCodes.failure,
    hint: 'run `vm memory timeline` to see the ids',
  },
  RECORD_TOO_LARGE: { exitCode: exitCodes.usage },
  SIGNER_FAILED: { exitCode: exitCodes.failure },
  TIMESTAMP_REFUSED: { exitCode: exitCodes.failure },
  WORKSPACE_CLOSED: { exitCode: exitCodes.failure },
  WORKSPACE_EXISTS: {
    exitCode: exitCodes.conflict,
    hint: 'use it as it is; `vm doctor` shows how it is',
  },
  WORKSPACE_MISSING: { exitCode: exitCodes.preflight },
  WORKSPACE_NOT_WRITABLE: {
    exitCode: exitCodes.preflight,
    hint: 'choose a folder that you may write to',
  },
}

const spawn: Record<SpawnErrorCode, LibraryEntry> = {
  ABORTED: { exitCode: exitCodes.interrupted },
  ANSWERS_INVALID: {
    exitCode: exitCodes.usage,
    hint: 'change the answers with --set QUESTION=ANSWER or in the --answers file',
  },
  CHECK_FAILED: {
    exitCode: exitCodes.failure,
    hint: 'this is a defect of the template: tell who made it',
  },
  GIT_FAILED: {
    exitCode: exitCodes.failure,
    hint: 'run git by hand in that folder to see more',
  },
  GIT_MISSING: { exitCode: exitCodes.preflight },
  NAME_INVALID: { exitCode: exitCodes.usage },
  NO_GIT_IDENTITY: { exitCode: exitCodes.preflight },
  PARENT_MISSING: { exitCode: exitCodes.usage },
  RECEIPT_NOT_RECORDED: {
    exitCode: exitCodes.failure,
    hint: 'the service is there; mend the cause, then run `vm memory record spawn` on its folder',
  },
  RENDER_FAILED: { exitCode: exitCodes.failure },
  SIGNER_FAILED: { exitCode: exitCodes.failure },
  TARGET_EXISTS: { exitCode: exitCodes.conflict },
  TARGET_NOT_WRITABLE: { exitCode: exitCodes.preflight },
  TEMPLATE_INVALID: {
    exitCode: exitCodes.usage,
    hint: 'mend the template; TEMPLATES.md of @vaultmesh/spawn-core says what it holds',
  },
  TEMPLATE_UNKNOWN: { exitCode: exitCodes.usage, hint: 'run `vm spawn templates` to see them' },
  TEMPLATE_UNTRUSTED: { exitCode: exitCodes.notTrusted },
  UNTRUSTED_MANIFEST: { exitCode: exitCodes.notTrusted },
  WRITE_FAILED: { exitCode: exitCodes.failure },
}

const newWitnessHint =
  'a witness that has forgotten what it cosigned must not go on: run `vm federation init --new-witness`, and give the new key to those whom it witnesses'

const recoverHint =
  'if this copy is the latest and no other is written to, run `vm log recover --expected-size N`'

const federation: Record<FederationErrorCode, LibraryEntry> = {
  CONFIG_INVALID: { exitCode: exitCodes.preflight },
  CONFIG_MISSING: {
    exitCode: exitCodes.preflight,
    hint: 'make this workspace a node of a federation with `vm federation init`',
  },
  FEDERATION_IO: {
    exitCode: exitCodes.failure,
    hint: 'look at the folder and the disk that the message names, then try again',
  },
  FEDERATION_NO_SPACE: {
    exitCode: exitCodes.failure,
    hint: 'free some space, then try again; nothing is lost',
  },
  INVALID_ARGUMENT: { exitCode: exitCodes.usage },
  LOG_DAMAGED: {
    exitCode: exitCodes.verificationFailed,
    hint: 'run `vm log fsck`, which names the files that are wrong',
  },
  MIRROR_DAMAGED: {
    exitCode: exitCodes.verificationFailed,
    hint: 'move the folder of the mirror away and run `vm federation sync`, which fetches it anew',
  },
  MIRROR_LOCKED: { exitCode: exitCodes.conflict },
  WITNESS_STATE_DAMAGED: { exitCode: exitCodes.notTrusted, hint: newWitnessHint },
  WITNESS_STATE_EXISTS: { exitCode: exitCodes.conflict },
  WITNESS_STATE_MISSING: { exitCode: exitCodes.notTrusted, hint: newWitnessHint },
}

const router: Record<RouterErrorCode, LibraryEntry> = {
  BUDGET_EXCEEDED: { exitCode: exitCodes.notTrusted },
  BUDGET_IN_USE: { exitCode: exitCodes.conflict },
  BUDGET_UNKNOWN: {
    exitCode: exitCodes.preflight,
    hint: 'say what the tenant may spend with `vm route lease budget`',
  },
  CAPACITY_EXCEEDED: { exitCode: exitCodes.conflict },
  CAPACITY_IN_USE: { exitCode: exitCodes.conflict },
  CAPACITY_UNKNOWN: {
    exitCode: exitCodes.preflight,
    hint: 'say how many there are with `vm route lease capacity`',
  },
  FENCE_STALE: {
    exitCode: exitCodes.conflict,
    hint: 'someone has acted for this lease since; see it with `vm route lease list`',
  },
  IDEMPOTENCY_CONFLICT: { exitCode: exitCodes.conflict },
  INVALID_ARGUMENT: { exitCode: exitCodes.usage },
  LEASE_ENDED: { exitCode: exitCodes.conflict },
  LEASE_NOT_FOUND: { exitCode: exitCodes.usage },
  LEDGER_BUSY: { exitCode: exitCodes.failure, hint: 'try again' },
  LEDGER_INVALID: { exitCode: exitCodes.preflight },
  LEDGER_IO: {
    exitCode: exitCodes.failure,
    hint: 'check that the folder exists, that you may write there, and that the disk is not full',
  },
}

const server: Record<ServerErrorCode, LibraryEntry> = {
  OPTIONS_INVALID: { exitCode: exitCodes.usage },
  TOKENS_UNSAFE: { exitCode: exitCodes.preflight },
  TOKEN_EXISTS: { exitCode: exitCodes.conflict },
  TOKEN_INVALID: {
    exitCode: exitCodes.usage,
    hint: 'run `vm token create --help` to see what it takes',
  },
  TOKEN_MISSING: {
    exitCode: exitCodes.failure,
    hint: 'see their names with `vm token list`',
  },
}

const tlog: Record<TlogErrorCode, LibraryEntry> = {
  ENTRY_EMPTY: { exitCode: exitCodes.usage },
  ENTRY_NOT_FOUND: { exitCode: exitCodes.failure },
  ENTRY_TOO_LARGE: { exitCode: exitCodes.usage },
  LOG_ARCHIVE_INVALID: {
    exitCode: exitCodes.verificationFailed,
    hint: 'export the log again; nothing of this file was kept',
  },
  LOG_CHECKPOINT_INVALID: { exitCode: exitCodes.verificationFailed },
  LOG_CLOSED: { exitCode: exitCodes.failure },
  LOG_CONFLICT: { exitCode: exitCodes.conflict },
  LOG_EXISTS: { exitCode: exitCodes.conflict },
  LOG_FAILED: {
    exitCode: exitCodes.failure,
    hint: 'mend the cause; what was staged is published by the next record, so look at `vm memory timeline` before you repeat it',
  },
  LOG_FORKED: { exitCode: exitCodes.verificationFailed },
  LOG_IO: {
    exitCode: exitCodes.failure,
    hint: 'look at the folder and the disk that the message names, then try again',
  },
  LOG_LOCKED: { exitCode: exitCodes.conflict },
  LOG_NOT_FOUND: {
    exitCode: exitCodes.preflight,
    hint: 'a clone of a workspace has no log: copy .vaultmesh/logs from where it is written, or make a workspace of your own',
  },
  LOG_NOT_WITNESSED: {
    exitCode: exitCodes.evidenceMissing,
    hint: 'do not repeat it: what was added is in the log; `vm log repair` publishes it once enough witnesses answer, and so does the next record',
  },
  LOG_NO_SPACE: {
    exitCode: exitCodes.failure,
    hint: 'free some space, then try again; nothing is lost',
  },
  LOG_OPTIONS: { exitCode: exitCodes.failure },
  LOG_RETENTION: {
    exitCode: exitCodes.notTrusted,
    hint: 'state a retention policy first; tlog-tiles forbids pruning without one',
  },
  LOG_SIGNER: { exitCode: exitCodes.failure },
  LOG_SIZE_MISMATCH: {
    exitCode: exitCodes.conflict,
    hint: 'compare with witnesses, mirrors and your own notes first',
  },
  LOG_STATE_BEHIND: { exitCode: exitCodes.notTrusted, hint: recoverHint },
  LOG_STATE_DAMAGED: { exitCode: exitCodes.notTrusted, hint: recoverHint },
  LOG_STATE_MISSING: { exitCode: exitCodes.notTrusted, hint: recoverHint },
  LOG_TREE_BEHIND: {
    exitCode: exitCodes.notTrusted,
    hint: 'restore the newer files, from a backup or a mirror of the log',
  },
  LOG_TREE_DAMAGED: { exitCode: exitCodes.verificationFailed },
}

const tsp: Record<TspErrorCode, LibraryEntry> = {
  ABORTED: { exitCode: exitCodes.interrupted },
  HTTP_STATUS: { exitCode: exitCodes.failure, hint: 'check the URL of the authority' },
  INVALID_ARGUMENT: { exitCode: exitCodes.usage },
  INVALID_CERTIFICATE: { exitCode: exitCodes.usage },
  INVALID_OID: { exitCode: exitCodes.usage, hint: 'write an OID as 1.2.3.4.1' },
  KEY_MISMATCH: { exitCode: exitCodes.preflight },
  KEY_TYPE: { exitCode: exitCodes.preflight },
  LISTEN_FAILED: {
    exitCode: exitCodes.failure,
    hint: 'another program may have the port; name another one with --port',
  },
  RENEWAL_REFUSED: { exitCode: exitCodes.verificationFailed },
  REQUEST_REJECTED: { exitCode: exitCodes.failure },
  RESPONSE_INVALID: {
    exitCode: exitCodes.failure,
    hint: 'check that the URL is that of an RFC 3161 authority',
  },
  RESPONSE_TOO_LARGE: {
    exitCode: exitCodes.failure,
    hint: 'check that the URL is that of an RFC 3161 authority',
  },
  SERIALS_FAILED: {
    exitCode: exitCodes.failure,
    hint: 'see that its folder can be written to; a damaged file can be moved away, since chance keeps the numbers apart',
  },
  TIMED_OUT: { exitCode: exitCodes.failure, hint: 'try again, or give it longer' },
  TOKEN_REFUSED: {
    exitCode: exitCodes.verificationFailed,
    hint: 'check the clock of the authority, and the anchor that you trust it under',
  },
  UNREACHABLE: {
    exitCode: exitCodes.failure,
    hint: 'check the URL and the network, then try again',
  },
  URL_REFUSED: { exitCode: exitCodes.usage, hint: 'give the https: or http: URL of the authority' },
}

/** A library, by its folder below `packages/` or another, and what each of its codes means. */
interface Library {
  readonly folder: string
  readonly parent?: 'apps'
  readonly entries: Readonly<Record<string, LibraryEntry>>
}

/** Every library whose errors reach the command line, by the name of its error. */
export const libraries: Readonly<Record<string, Library>> = {
  FederationError: { folder: 'federation', entries: federation },
  RemembrancerError: { folder: 'remembrancer', entries: remembrancer },
  RouterError: { folder: 'aurora-router', entries: router },
  ServerError: { folder: 'server', parent: 'apps', entries: server },
  SpawnError: { folder: 'spawn-core', entries: spawn },
  TlogError: { folder: 'tlog', entries: tlog },
  TspError: { folder: 'tsp', entries: tsp },
}
