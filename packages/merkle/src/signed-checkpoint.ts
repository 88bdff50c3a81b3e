/** The form of a signed checkpoint, read before anything about it is verified. */
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts'
import { type Note, parseNote } from './note/text.ts'

/** A checkpoint that may be signed by anybody, or what is wrong with its form. */
export function readSignedCheckpoint(
  text: string,
): { readonly note: Note; readonly checkpoint: Checkpoint } | string {
  const parsed = parseNote(text)
  if (!parsed.ok) return `the checkpoint is not a note: ${parsed.detail}`
  const { note } = parsed
  const read = parseCheckpoint(note.text)
  if (!read.ok) return `the checkpoint is malformed: ${read.detail}`
  return { note, checkpoint: read.checkpoint }
}
