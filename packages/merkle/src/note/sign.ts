/** Signs notes. */
import { encodeUtf8 } from '../bytes.ts'
import type { Ed25519Signer } from '../ed25519.ts'
import { MerkleError } from '../errors.ts'
import { formatNote, isNoteText, type NoteSignature } from './text.ts'
import { formatVkey, keyId, signatureTypes } from './vkey.ts'

/** A key that signs notes under a name. */
export interface NoteSigner {
  readonly name: string
  /** An unsigned 32-bit number. */
  readonly keyId: number
  /** The signature over `text`, without the key id. */
  sign(text: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** A {@link NoteSigner} of type 1, with the vkey to give to others. Throws INVALID_VKEY. */
export function ed25519NoteSigner(
  name: string,
  signer: Ed25519Signer,
): NoteSigner & { readonly vkey: string } {
  const type = signatureTypes.ed25519
  return {
    name,
    keyId: keyId(name, type, signer.publicKey),
    vkey: formatVkey(name, type, signer.publicKey),
    sign: (text) => signer.sign(text),
  }
}

/** The signatures of every signer over `text`, in their order. */
export function makeSignatures(
  text: string,
  signers: readonly NoteSigner[],
): Promise<NoteSignature[]> {
  const bytes = encodeUtf8(text)
  return Promise.all(
    signers.map(async (signer) => {
      const signature = await signer.sign(bytes)
      return { name: signer.name, keyId: signer.keyId, signature }
    }),
  )
}

/**
 * Signs `text` with every signer and gives the note.
 *
 * `existing` signatures stand first and are kept, except those of a signer that signs again.
 * Throws INVALID_NOTE, before anything is signed, where `text` can't be a note's.
 */
export async function signNote(
  text: string,
  signers: readonly NoteSigner[],
  existing: readonly NoteSignature[] = [],
): Promise<string> {
  if (!isNoteText(text)) {
    throw new MerkleError(
      'INVALID_NOTE',
      'the text of a note ends with a newline and has no control characters',
    )
  }
  const kept = existing.filter(
    (old) => !signers.some(({ name, keyId: id }) => old.name === name && old.keyId === id),
  )
  const added = await makeSignatures(text, signers)
  return formatNote({ text, signatures: [...kept, ...added] })
}
