/** C2SP tlog-checkpoint: a log's size and root, as the text of a signed note. */
import { decodeBase64, decodeDecimal, encodeBase64 } from './bytes.ts'
import { MerkleError } from './errors.ts'
import { type OpenNoteFailure, openNote } from './note/open.ts'
import { isNoteText, maxNoteLength, type Note, type NoteSignature } from './note/text.ts'
import type { NoteVerifier } from './note/verifier.ts'
import { hashLength } from './rfc6962.ts'

/** What a log says of itself at one size. */
export interface Checkpoint {
  /** The log's identity: one line, not empty. */
  readonly origin: string
  /** The number of leaves, up to 2^64 - 1. */
  readonly size: bigint
  /** The RFC 6962 root: 32 bytes. */
  readonly root: Uint8Array
  /** Lines without meaning to this package, none of them empty. */
  readonly extensions: readonly string[]
}

/** Why text is not a checkpoint. */
export interface CheckpointFailure {
  readonly ok: false
  readonly code: 'MALFORMED'
  readonly detail: string
}

/** Why a signed checkpoint is not to be believed. */
export interface OpenCheckpointFailure {
  readonly ok: false
  readonly code: OpenNoteFailure['code'] | 'ORIGIN_MISMATCH'
  readonly detail: string
}

/** A checkpoint that its log signed. */
export interface OpenedCheckpoint {
  readonly ok: true
  readonly checkpoint: Checkpoint
  readonly note: Note
  /** The signatures that were verified, at least one of them under the origin's name. */
  readonly verified: readonly NoteSignature[]
}

function malformed(detail: string): CheckpointFailure {
  return { ok: false, code: 'MALFORMED', detail }
}

/** Reads the text of a checkpoint, without signatures. `formatCheckpoint` gives it back. */
export function parseCheckpoint(
  text: string,
): { ok: true; checkpoint: Checkpoint } | CheckpointFailure {
  if (text.length > maxNoteLength) return malformed('a checkpoint fits into a note')
  if (!isNoteText(text)) {
    return malformed('a checkpoint ends with a newline and has no other control characters')
  }
  const [origin = '', decimal = '', encoded = '', ...extensions] = text.slice(0, -1).split('\n')
  if (origin === '') return malformed('line 1, the origin, is empty')
  const size = decodeDecimal(decimal)
  if (size === undefined) return malformed('line 2 is not a size: a decimal up to 2^64 - 1')
  const root = decodeBase64(encoded)
  if (root?.length !== hashLength) return malformed('line 3 is not a root: base64 of 32 bytes')
  if (extensions.includes('')) return malformed('an extension line is empty')
  return { ok: true, checkpoint: { origin, size, root, extensions } }
}

/**
 * The text of a checkpoint, ready to be signed as a note.
 *
 * Throws INVALID_CHECKPOINT for what {@link parseCheckpoint} would not read back.
 */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint
  const text = `${[origin, size, encodeBase64(root), ...extensions].join('\n')}\n`
  const parsed = parseCheckpoint(text)
  if (parsed.ok && parsed.checkpoint.extensions.length === extensions.length) return text
  throw new MerkleError(
    'INVALID_CHECKPOINT',
    `this can't be written as a checkpoint: ${parsed.ok ? 'a line has a newline inside' : parsed.detail}`,
  )
}

/**
 * Reads a signed checkpoint and verifies it: it must be of the log `origin`, and one of `verifiers`
 * that is named after the origin must have signed it.
 *
 * Signatures by other verifiers, such as witnesses, are verified and reported too. Never throws on
 * a bad checkpoint.
 */
export async function openCheckpoint(
  input: Uint8Array | string,
  origin: string,
  verifiers: readonly NoteVerifier[],
): Promise<OpenedCheckpoint | OpenCheckpointFailure> {
  const opened = await openNote(input, verifiers)
  if (!opened.ok) return opened
  const { note, verified } = opened
  const parsed = parseCheckpoint(note.text)
  if (!parsed.ok) return parsed
  const { checkpoint } = parsed
  if (checkpoint.origin !== origin) {
    const detail = `the checkpoint is of ${checkpoint.origin}, not of ${origin}`
    return { ok: false, code: 'ORIGIN_MISMATCH', detail }
  }
  if (!verified.some(({ name }) => name === origin)) {
    const detail = `no trusted key of the log ${origin} signed the checkpoint`
    return { ok: false, code: 'NO_TRUSTED_SIGNATURE', detail }
  }
  return { ok: true, checkpoint, note, verified }
}
