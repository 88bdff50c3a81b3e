/** Decides whether what a source gave as a log's checkpoint is to be believed. */

import { decodeUtf8 } from '../bytes.ts'
import { openCheckpoint } from '../checkpoint.ts'
import { type Ed25519Verify, verifyEd25519 } from '../ed25519.ts'
import { maxNoteLength } from '../note/text.ts'
import type { NoteVerifier } from '../note/verifier.ts'
import { evaluateCheckpoint, type PolicyVerdict } from '../policy/evaluate.ts'
import type { TlogPolicy } from '../policy/types.ts'
import type { TreeHead } from '../tiles/verified.ts'

/** Whose checkpoints to believe. */
export interface LogTrust {
  /** The log's identity. A checkpoint of any other log is refused, even one that the keys are of. */
  readonly origin: string
  /** A policy of `parsePolicy`, quorum of witnesses and all; or no more than the log's own keys. */
  readonly trust: TlogPolicy | readonly NoteVerifier[]
  /** Replaces the way a policy's signatures are checked. */
  readonly verify?: Ed25519Verify
}

/** A log at one size, as its signed checkpoint says, which was verified. */
export interface TrustedHead extends TreeHead {
  readonly origin: string
  /** The signed checkpoint, verbatim: keep it, to have evidence if the log forks. */
  readonly checkpoint: string
  /** `quorum` where the policy asks for witnesses, which have then cosigned it; else `none-required`. */
  readonly witnessed: 'quorum' | 'none-required'
  /** The policy's names of the witnesses that cosigned it. */
  readonly cosigners: readonly string[]
}

/** Why a checkpoint is not to be believed. */
export interface HeadFailure {
  readonly ok: false
  readonly code:
    | 'BAD_SIGNATURE'
    | 'MALFORMED'
    | 'NO_QUORUM'
    | 'NO_TRUSTED_SIGNATURE'
    | 'ORIGIN_MISMATCH'
  readonly detail: string
}

type HeadResult = { readonly ok: true; readonly head: TrustedHead } | HeadFailure

function isPolicy(trust: LogTrust['trust']): trust is TlogPolicy {
  return 'quorum' in trust
}

function ofOtherLog(given: string, origin: string): HeadFailure {
  const detail = `the checkpoint is of ${given}, not of ${origin}`
  return { ok: false, code: 'ORIGIN_MISMATCH', detail }
}

/** The text of a checkpoint, or undefined where it is too long for one or not UTF-8. */
function textOf(checkpoint: Uint8Array | string): string | undefined {
  if (typeof checkpoint === 'string') return checkpoint
  return checkpoint.length <= maxNoteLength ? decodeUtf8(checkpoint) : undefined
}

function headOfVerdict(verdict: PolicyVerdict, origin: string, text: string): HeadResult {
  const { checkpoint, failure, witnessed, cosigners } = verdict
  if (checkpoint === undefined) {
    const { code = 'NO_TRUSTED_SIGNATURE', detail = 'the log did not sign it' } = failure ?? {}
    return { ok: false, code, detail }
  }
  if (checkpoint.origin !== origin) return ofOtherLog(checkpoint.origin, origin)
  if (witnessed === false) {
    const names = cosigners.length > 0 ? cosigners.join(', ') : 'no witness'
    const detail = `the policy's quorum did not cosign the checkpoint of size ${checkpoint.size}: ${names} did`
    return { ok: false, code: 'NO_QUORUM', detail }
  }
  const { size, root } = checkpoint
  const how = witnessed === true ? 'quorum' : witnessed
  return {
    ok: true,
    head: { origin, size, root, checkpoint: text, witnessed: how, cosigners },
  }
}

/**
 * Verifies a signed checkpoint: its form, every signature under a trusted name and key id, that
 * the log itself signed it, that it is the log `origin`, and the quorum of witnesses. Never throws
 * on a bad checkpoint.
 */
export async function verifyHead(
  checkpoint: Uint8Array | string,
  { origin, trust, verify = verifyEd25519 }: LogTrust,
): Promise<HeadResult> {
  // Taken at once: whoever gave the bytes could change them while signatures are verified.
  const text = textOf(checkpoint)
  if (text === undefined) {
    const detail = `a checkpoint is UTF-8 of at most ${maxNoteLength} bytes`
    return { ok: false, code: 'MALFORMED', detail }
  }
  if (isPolicy(trust)) {
    return headOfVerdict(await evaluateCheckpoint(text, trust, verify), origin, text)
  }
  const opened = await openCheckpoint(text, origin, trust)
  if (!opened.ok) return opened
  const { size, root } = opened.checkpoint
  return {
    ok: true,
    head: {
      origin,
      size,
      root,
      checkpoint: text,
      witnessed: 'none-required',
      cosigners: [],
    },
  }
}
