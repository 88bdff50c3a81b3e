/** C2SP signed-note: text with the signatures of named keys beneath it. */
export { type OpenedNote, type OpenNoteFailure, openNote } from './note/open.ts'
export { ed25519NoteSigner, type NoteSigner, signNote } from './note/sign.ts'
export {
  formatNote,
  isNoteText,
  maxNoteLength,
  maxSignatures,
  type Note,
  type NoteFailure,
  type NoteSignature,
  parseNote,
} from './note/text.ts'
export { ed25519NoteVerifier, type NoteVerifier } from './note/verifier.ts'
export {
  formatVkey,
  isKeyName,
  keyId,
  parseVkey,
  signatureTypes,
  type Vkey,
} from './note/vkey.ts'
