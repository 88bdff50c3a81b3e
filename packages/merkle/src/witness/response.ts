/** The bodies of tlog-witness add-checkpoint responses. */
import { decodeDecimal, decodeUtf8, encodeUtf8, isUint64 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'
import { type OpenedNote, type OpenNoteFailure, openNote } from '../note/open.ts'
import {
  formatSignatureLines,
  maxNoteLength,
  type NoteSignature,
  parseNote,
  parseSignatureLines,
} from '../note/text.ts'
import type { NoteVerifier } from '../note/verifier.ts'

/** The `Content-Type` of a response with status 409; its body is {@link formatWitnessSize}'s. */
export const witnessSizeType = 'text/x.tlog.size'

/** Why bytes are not the body of a response with status 200. */
export interface CosignaturesFailure {
  readonly ok: false
  readonly code: 'MALFORMED'
  readonly detail: string
}

/**
 * The body of a response with status 200: a line for each signature, 1 to 100 of them.
 *
 * Throws INVALID_NOTE for what {@link parseCosignatures} would not read back.
 */
export function formatCosignatures(signatures: readonly NoteSignature[]): string {
  const lines = formatSignatureLines(signatures)
  const parsed = parseCosignatures(encodeUtf8(lines))
  if (parsed.ok && parsed.signatures.length === signatures.length) return lines
  throw new MerkleError(
    'INVALID_NOTE',
    `these can't be written as signature lines: ${parsed.ok ? 'they would be read differently' : parsed.detail}`,
  )
}

/**
 * Reads the body of a response with status 200: 1 to 100 signature lines, at most 1 MiB.
 *
 * Nothing is verified: see `openCosignatures`. Never throws; `formatCosignatures` gives the same
 * text back.
 */
export function parseCosignatures(
  input: Uint8Array | string,
): { ok: true; signatures: readonly NoteSignature[] } | CosignaturesFailure {
  const malformed = (detail: string): CosignaturesFailure => {
    return { ok: false, code: 'MALFORMED', detail }
  }
  if (input.length > maxNoteLength) return malformed('the response is too long')
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  if (text === undefined) return malformed('the response is not UTF-8')
  const signatures = parseSignatureLines(text)
  if (typeof signatures === 'string') return malformed(signatures)
  return { ok: true, signatures }
}

/**
 * Reads the body of a response with status 200 and verifies it as signatures over `checkpoint`, the
 * signed checkpoint that was sent.
 *
 * `verified` holds what the log adds to its checkpoint; signatures of unknown keys are ignored, as
 * tlog-witness asks. One that carries a trusted name and id and does not verify rejects the
 * response. Never throws on a bad response.
 */
export async function openCosignatures(
  input: Uint8Array | string,
  checkpoint: string,
  witnesses: readonly NoteVerifier[],
): Promise<OpenedNote | OpenNoteFailure> {
  const parsed = parseCosignatures(input)
  if (!parsed.ok) return parsed
  const sent = parseNote(checkpoint)
  if (!sent.ok) return sent
  return openNote(`${sent.note.text}\n${formatSignatureLines(parsed.signatures)}`, witnesses)
}

/** The body of a response with status 409. Throws INVALID_ARGUMENT for a size above 64 bits. */
export function formatWitnessSize(size: bigint): string {
  if (isUint64(size)) return `${size}\n`
  throw new MerkleError('INVALID_ARGUMENT', `a tree's size is 0 to 2^64 - 1, not ${size}`)
}

/**
 * The size that a witness cosigned last, out of the body of a response with status 409, or
 * undefined where it is not a decimal and a newline. Nothing signs it.
 */
export function parseWitnessSize(input: Uint8Array | string): bigint | undefined {
  // Longer than any: 20 digits and a newline.
  if (input.length > 21) return undefined
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  return text?.endsWith('\n') === true ? decodeDecimal(text.slice(0, -1)) : undefined
}
