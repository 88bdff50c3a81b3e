/** Verifies notes. */
import { encodeUtf8 } from '../bytes.ts'
import { type Note, type NoteSignature, parseNote } from './text.ts'
import type { NoteVerifier } from './verifier.ts'

/** A note of which at least one signature is by a trusted key. */
export interface OpenedNote {
  readonly ok: true
  readonly note: Note
  /** The signatures of trusted keys, at least one, each key once. All others are to be ignored. */
  readonly verified: readonly NoteSignature[]
}

/** Why a note is not to be believed. */
export interface OpenNoteFailure {
  readonly ok: false
  readonly code: 'MALFORMED' | 'NO_TRUSTED_SIGNATURE' | 'BAD_SIGNATURE'
  readonly detail: string
}

async function isSignedBy(
  candidates: readonly NoteVerifier[],
  text: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  for (const candidate of candidates) {
    try {
      if (await candidate.verify(text, signature)) return true
    } catch {
      // A verifier that fails has verified nothing.
    }
  }
  return false
}

/**
 * Reads a note and verifies every signature that carries the name and id of a trusted key.
 *
 * One such signature that does not verify rejects the whole note (signed-note, "Signatures"); those
 * of unknown keys are ignored; of several by one key the first is reported. Never throws on a bad
 * note.
 */
export async function openNote(
  input: Uint8Array | string,
  verifiers: readonly NoteVerifier[],
): Promise<OpenedNote | OpenNoteFailure> {
  const parsed = parseNote(input)
  if (!parsed.ok) return parsed
  const { note } = parsed
  const text = encodeUtf8(note.text)
  const verified: NoteSignature[] = []
  for (const signature of note.signatures) {
    const isBySameKey = ({ name, keyId }: { name: string; keyId: number }): boolean =>
      name === signature.name && keyId === signature.keyId
    const candidates = verifiers.filter(isBySameKey)
    if (candidates.length === 0) continue
    if (!(await isSignedBy(candidates, text, signature.signature))) {
      const detail = `the signature by ${signature.name} does not verify`
      return { ok: false, code: 'BAD_SIGNATURE', detail }
    }
    if (!verified.some(isBySameKey)) verified.push(signature)
  }
  if (verified.length > 0) return { ok: true, note, verified }
  const signers = [...new Set(note.signatures.map(({ name }) => name))].join(', ')
  const detail = `no signature is by a trusted key; the note names ${signers}`
  return { ok: false, code: 'NO_TRUSTED_SIGNATURE', detail }
}
