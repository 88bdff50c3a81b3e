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
  candidate: NoteVerifier,
  text: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    return await candidate.verify(text, signature)
  } catch {
    // A verifier that fails has verified nothing.
    return false
  }
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
    const [candidate, ...others] = new Set(verifiers.filter(isBySameKey))
    if (candidate === undefined) continue
    if (others.length > 0) {
      // An id has 32 bits only: whoever makes two keys with one name and id is up to something.
      const detail = `two trusted keys are named ${signature.name} and have the same id`
      return { ok: false, code: 'BAD_SIGNATURE', detail }
    }
    if (!(await isSignedBy(candidate, text, signature.signature))) {
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
