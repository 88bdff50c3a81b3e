/** What a witness decides about a checkpoint (tlog-witness, "add-checkpoint"). */
import { equalBytes } from '../bytes.ts'
import type { Checkpoint } from '../checkpoint.ts'
import { openNote } from '../note/open.ts'
import type { Note, NoteSignature } from '../note/text.ts'
import type { NoteVerifier } from '../note/verifier.ts'
import { verifyConsistency } from '../proof/verify.ts'
import { emptyRoot } from '../rfc6962.ts'
import { readSignedCheckpoint } from '../signed-checkpoint.ts'
import type { AddCheckpointRequest } from './request.ts'

/** What a witness remembers of a log: the last checkpoint that it cosigned. */
export interface WitnessState {
  readonly size: bigint
  /** 32 bytes. */
  readonly root: Uint8Array
}

/** Why a witness does not cosign, with the HTTP status that tlog-witness asks for. */
export type WitnessRefusal =
  | { readonly ok: false; readonly status: 400 | 403 | 404 | 422; readonly detail: string }
  | {
      readonly ok: false
      readonly status: 409
      readonly detail: string
      /** What the witness cosigned last: the body of the answer, see `formatWitnessSize`. */
      readonly size: bigint
    }

/** A request whose checkpoint is signed by a log that the witness knows. */
export interface OpenedAddCheckpoint extends AddCheckpointRequest {
  readonly ok: true
  /** The checkpoint as the log signed it. Evidence against the log where it is refused later. */
  readonly note: Note
  /** What the note says; its origin is the log's identity. */
  readonly head: Checkpoint
  /** The signatures of the log's trusted keys, at least one. */
  readonly verified: readonly NoteSignature[]
}

/** What the witness has to record, before it says anything to anybody. */
export interface WitnessAdvance {
  readonly ok: true
  readonly status: 200
  readonly next: WitnessState
}

/**
 * The keys that a witness trusts for the log of an origin, or undefined where it does not know it.
 */
export type LogVerifiers = (
  origin: string,
) => readonly NoteVerifier[] | undefined | Promise<readonly NoteVerifier[] | undefined>

function refuse(status: 400 | 403 | 404 | 422, detail: string): WitnessRefusal {
  return { ok: false, status, detail }
}

/**
 * The half of a witness's decision that needs no memory: whether a known log signed the checkpoint
 * (else 404 or 403), and whether the sizes are in order (else 400).
 *
 * Signatures of unknown keys are ignored; one under a trusted key's name and id that does not
 * verify refuses the request. Never throws on a bad request; rejects with what `verifiersOf` does.
 */
export async function openAddCheckpoint(
  request: AddCheckpointRequest,
  verifiersOf: LogVerifiers,
): Promise<OpenedAddCheckpoint | WitnessRefusal> {
  const { oldSize, hashes, checkpoint } = request
  const read = readSignedCheckpoint(checkpoint)
  if (typeof read === 'string') return refuse(400, read)
  const { note, checkpoint: head } = read
  const verifiers = await verifiersOf(head.origin)
  if (verifiers === undefined) return refuse(404, `the log ${head.origin} is not known here`)
  const opened = await openNote(checkpoint, verifiers)
  if (!opened.ok) return refuse(opened.code === 'MALFORMED' ? 400 : 403, opened.detail)
  if (oldSize > head.size) {
    return refuse(400, `the old size, ${oldSize}, is above the checkpoint's, ${head.size}`)
  }
  const { verified } = opened
  return { ok: true, oldSize, hashes, checkpoint, note, head, verified }
}

/** What is wrong with a checkpoint that is said to follow `state`, or undefined. */
function inconsistency(
  state: WitnessState | undefined,
  { hashes, head: { size, root } }: OpenedAddCheckpoint,
): string | undefined {
  if (size === 0n && !equalBytes(root, emptyRoot())) return 'the root is not that of an empty tree'
  if (state === undefined || state.size === 0n) {
    // The empty tree is consistent with any other. A proof would say nothing, so none is taken.
    if (hashes.length > 0) return 'a proof from size 0 has no hashes'
    return undefined
  }
  const { size: size1, root: root1 } = state
  const result = verifyConsistency({ size1, size2: size, root1, root2: root, hashes })
  return result.ok ? undefined : result.detail
}

/**
 * The other half: whether the checkpoint follows the one that the witness cosigned last, `state`
 * (undefined where there was none). Refuses with 409 where the log counts from another size, and
 * with 422 where the proof does not hold or a root of that size was cosigned already.
 *
 * Pure and synchronous, so that it can run inside the transaction that reads `state` and writes
 * `next`: unless both happen at once, and last before anything is answered, two requests at one
 * time, or a crash, roll the witness back and make it vouch for two histories (tlog-witness,
 * "add-checkpoint").
 */
export function addCheckpoint(
  state: WitnessState | undefined,
  opened: OpenedAddCheckpoint,
): WitnessAdvance | WitnessRefusal {
  const { oldSize, head } = opened
  const size = state?.size ?? 0n
  if (oldSize !== size) {
    const detail = `the last checkpoint cosigned here has size ${size}, not ${oldSize}`
    return { ok: false, status: 409, detail, size }
  }
  const problem = inconsistency(state, opened)
  if (problem !== undefined) return refuse(422, problem)
  return { ok: true, status: 200, next: { size: head.size, root: head.root } }
}
