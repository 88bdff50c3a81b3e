/** The text form of a signed note, read and written without looking at the signatures. */
import { concatBytes, decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'
import { isKeyName } from './vkey.ts'

/** The longest note that is read, in bytes. */
export const maxNoteLength: number = 1024 * 1024

/** The most signatures that a note may have; signed-note asks for at least 16. */
export const maxSignatures = 100

/** One signature line. */
export interface NoteSignature {
  readonly name: string
  /** An unsigned 32-bit number. */
  readonly keyId: number
  /** What the key's type calls a signature; 64 bytes for Ed25519. */
  readonly signature: Uint8Array
}

/** A note, its signatures not yet verified. */
export interface Note {
  /** What is signed, as UTF-8. Ends with a newline. */
  readonly text: string
  /** At least one, in the order of the lines. */
  readonly signatures: readonly NoteSignature[]
}

/** Why bytes are not a note. */
export interface NoteFailure {
  readonly ok: false
  readonly code: 'MALFORMED'
  readonly detail: string
}

const separator = '\n\n'
const linePrefix = '\u2014 '

/** Whether `text` may be signed: ends with a newline, and holds no other control character. */
export function isNoteText(text: string): boolean {
  return text.endsWith('\n') && text.isWellFormed() && /^[\n -\uffff]*$/.test(text)
}

function malformed(detail: string): NoteFailure {
  return { ok: false, code: 'MALFORMED', detail }
}

function parseLine(line: string): NoteSignature | undefined {
  if (!line.startsWith(linePrefix)) return undefined
  const [name = '', encoded = '', ...rest] = line.slice(linePrefix.length).split(' ')
  const bytes = decodeBase64(encoded)
  if (rest.length > 0 || !isKeyName(name) || bytes === undefined || bytes.length < 5) {
    return undefined
  }
  return { name, keyId: new DataView(bytes.buffer).getUint32(0), signature: bytes.slice(4) }
}

function formatLine({ name, keyId, signature }: NoteSignature): string {
  const id = new Uint8Array(4)
  new DataView(id.buffer).setUint32(0, keyId)
  return `${linePrefix}${name} ${encodeBase64(concatBytes(id, signature))}\n`
}

/**
 * The signatures of `text`, which is nothing but signature lines, or what is wrong with it. Takes
 * 1 to {@link maxSignatures} lines, each with its newline.
 */
export function parseSignatureLines(text: string): readonly NoteSignature[] | string {
  const lines = text.split('\n')
  // The last line ends with a newline as well, so the split leaves nothing after it.
  if (lines.pop() !== '') return 'the last signature line has no newline'
  if (lines.length === 0) return 'there is no signature line'
  if (lines.length > maxSignatures) {
    return `there are ${lines.length} signature lines instead of at most ${maxSignatures}`
  }
  const signatures: NoteSignature[] = []
  for (const [i, line] of lines.entries()) {
    const signature = parseLine(line)
    if (signature === undefined) return `signature line ${i + 1} is malformed`
    signatures.push(signature)
  }
  return signatures
}

/** Signatures as lines, each with its newline. Their parts are not checked. */
export function formatSignatureLines(signatures: readonly NoteSignature[]): string {
  return signatures.map(formatLine).join('')
}

/**
 * Reads a note. Nothing about it is to be believed until a signature is verified: see `openNote`.
 *
 * Takes UTF-8 of at most {@link maxNoteLength} bytes and 1 to {@link maxSignatures} signatures.
 * Never throws; `formatNote` gives the same bytes back.
 */
export function parseNote(input: Uint8Array | string): { ok: true; note: Note } | NoteFailure {
  // Text has at least as many bytes as units: what is far too long is not encoded to be counted.
  const isTooLong =
    input.length > maxNoteLength ||
    (typeof input === 'string' && encodeUtf8(input).length > maxNoteLength)
  if (isTooLong) return malformed(`a note has at most ${maxNoteLength} bytes`)
  const note = typeof input === 'string' ? input : decodeUtf8(input)
  if (note === undefined || !isNoteText(note)) {
    return malformed('a note is UTF-8 that ends with a newline, without control characters')
  }
  const at = note.lastIndexOf(separator)
  if (at === -1) return malformed('there is no blank line between the text and the signatures')
  const signatures = parseSignatureLines(note.slice(at + separator.length))
  if (typeof signatures === 'string') return malformed(signatures)
  return { ok: true, note: { text: note.slice(0, at + 1), signatures } }
}

/**
 * Writes a note.
 *
 * Throws INVALID_NOTE for what {@link parseNote} would not read back: text without a newline at its
 * end or with control characters, a bad key name or id, an empty signature, none or too many of
 * them.
 */
export function formatNote(note: Note): string {
  const formatted = `${note.text}\n${formatSignatureLines(note.signatures)}`
  const parsed = parseNote(encodeUtf8(formatted))
  const isSame =
    parsed.ok &&
    parsed.note.text === note.text &&
    parsed.note.signatures.length === note.signatures.length &&
    parsed.note.signatures.every(({ keyId }, i) => keyId === note.signatures[i]?.keyId)
  if (isSame) return formatted
  throw new MerkleError(
    'INVALID_NOTE',
    `this can't be written as a note: ${parsed.ok ? 'its parts would be read differently' : parsed.detail}`,
  )
}
