/** Reads a head of a fork proof. */
import { parseCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { parseNote } from '@vaultmesh/merkle/note'
import type { ForkHead } from './types.ts'

/** What a signed checkpoint of a log says, or undefined where it is none. Nothing is verified. */
export function readForkHead(origin: string, checkpoint: string): ForkHead | undefined {
  const parsed = parseNote(checkpoint)
  if (!parsed.ok) return undefined
  const { text } = parsed.note
  const read = parseCheckpoint(text)
  if (!read.ok || read.checkpoint.origin !== origin) return undefined
  const { size, root } = read.checkpoint
  return { size, root, text, checkpoint }
}
