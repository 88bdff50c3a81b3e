/** What a writer that was stopped has to do first, decided from what it finds. Pure. */
import { TlogError } from './errors.ts'
import { isSameTree, type Tree } from './head.ts'
import type { StagedRange } from './storage.ts'

/** What to do when a log is opened. */
export interface Resumption {
  /** Staged entries were signed: their tiles are put, and the signed checkpoint is published. */
  readonly isReplayed: boolean
  /** Staged entries were not signed: the next checkpoint is of them. */
  readonly isContinued: boolean
}

const howToRecover =
  'compare with witnesses, mirrors and your own notes, then recover the log with the size that you know to be its last'
const newLog =
  'never sign with this key again: keep both trees as evidence and begin a log with another origin'

/**
 * Compares the last signed tree, the published one and what is staged.
 *
 * Throws LOG_FORKED, LOG_STATE_BEHIND or LOG_TREE_BEHIND where to go on could mean to sign two
 * histories.
 */
export function decideResumption(signed: Tree, published: Tree, staged?: StagedRange): Resumption {
  if (published.size > signed.size) {
    throw new TlogError(
      'LOG_STATE_BEHIND',
      `the published log has ${published.size} entries, but the state last signed ${signed.size}: an older state was restored, or the log was written elsewhere; ${howToRecover}`,
    )
  }
  if (published.size === signed.size && !isSameTree(published, signed)) throw forked(signed.size)
  if (staged !== undefined) requireNoNewer(signed, staged)
  const isReplayed = published.size < signed.size
  const isContinued = staged !== undefined && staged.next > signed.size
  const isComplete =
    staged !== undefined && staged.first <= published.size && staged.next >= signed.size
  if (isReplayed && !isComplete) {
    throw new TlogError(
      'LOG_TREE_BEHIND',
      `the published log has ${published.size} entries, but ${signed.size} were signed, and the entries between are not staged any more: an older tree was restored; restore a newer one, from a backup or a mirror`,
    )
  }
  return { isReplayed, isContinued }
}

/** What is staged must continue nothing that is newer than what was signed last. */
function requireNoNewer(signed: Tree, { first, base }: StagedRange): void {
  const after = first > base.size ? first : base.size
  if (after > signed.size) {
    throw new TlogError(
      'LOG_STATE_BEHIND',
      `entries are staged after the first ${after}, but the state last signed ${signed.size}: an older state was restored; ${howToRecover}`,
    )
  }
  if (base.size === signed.size && !isSameTree(base, signed)) throw foreignStage(base.size)
}

/** What is staged belongs to another history. */
export function foreignStage(size: bigint): TlogError {
  return new TlogError(
    'LOG_STATE_DAMAGED',
    `what is staged continues another log of ${size} entries than the one that was signed; move the folder "stage" away if you know where it is from`,
  )
}

function forked(size: bigint): TlogError {
  return new TlogError(
    'LOG_FORKED',
    `the published log and the last signed one have different roots for ${size} entries; ${newLog}`,
  )
}
