/** A log's signed checkpoint, read and verified. */
import { decodeUtf8, equalBytes } from '@vaultmesh/merkle/bytes'
import { openCheckpoint } from '@vaultmesh/merkle/checkpoint'
import type { NoteVerifier } from '@vaultmesh/merkle/note'

/** The tree of a log at one size. */
export interface Tree {
  /** The number of entries. */
  readonly size: bigint
  /** The RFC 6962 root: 32 bytes. */
  readonly root: Uint8Array
}

/** A log at one size, as it was signed. */
export interface Head extends Tree {
  /** The signed checkpoint (a C2SP signed note), verbatim. */
  readonly checkpoint: string
}

/** Whose checkpoints to believe. */
export interface LogIdentity {
  /** The log's identity, and the name of its key. */
  readonly origin: string
  /** The log's keys; at least one named after the origin must have signed a checkpoint. */
  readonly verifiers: readonly NoteVerifier[]
}

/** The head that a signed checkpoint tells of, or in words why it is not to be believed. */
export async function openHead(bytes: Uint8Array, identity: LogIdentity): Promise<Head | string> {
  const opened = await openCheckpoint(bytes, identity.origin, identity.verifiers)
  if (!opened.ok) return opened.detail
  const { size, root } = opened.checkpoint
  return { size, root, checkpoint: decodeUtf8(bytes) ?? '' }
}

/** Whether two heads tell of the same tree, whatever their signatures. */
export function isSameTree(a: Tree, b: Tree): boolean {
  return a.size === b.size && equalBytes(a.root, b.root)
}
