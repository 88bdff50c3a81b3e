/** What a writer that was stopped has to do first, decided from what it finds. Pure. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { TlogError } from './errors.ts'
import { type Head, isSameTree } from './head.ts'
import type { Stage } from './stage.ts'

/** What to do when a log is opened. */
export type Resumption =
  /** Nothing is under way. */
  | { readonly step: 'none' }
  /** The batch was staged, perhaps even signed, but no signature left the process. Sign it. */
  | { readonly step: 'sign'; readonly stage: Stage }
  /** The batch was signed. Write its files and publish the checkpoint of the state. */
  | { readonly step: 'publish'; readonly stage: Stage }

/** The part of a head that says what tree it is. */
export type Tree = Pick<Head, 'size' | 'root'>

const howToRecover =
  'compare with witnesses, mirrors and your own notes, then recover the log with the size that you know to be its last'
const newLog =
  'never sign with this key again: keep both trees as evidence and begin a log with another origin'

/**
 * Compares the last signed head, the published one and the stage.
 *
 * Throws LOG_FORKED, LOG_STATE_BEHIND or LOG_TREE_BEHIND where to go on could mean to sign two
 * histories, or LOG_STATE_DAMAGED.
 */
export function decideResumption(state: Tree, published: Tree, stage?: Stage): Resumption {
  if (published.size > state.size) {
    throw new TlogError(
      'LOG_STATE_BEHIND',
      `the published log has ${published.size} entries, but the state last signed ${state.size}: an older state was restored, or the log was written elsewhere; ${howToRecover}`,
    )
  }
  if (published.size < state.size) return decideReplay(state, published, stage)
  if (!isSameTree(published, state)) throw forked(state.size)
  if (stage === undefined || stage.size < state.size) return { step: 'none' }
  if (stage.size > state.size) {
    throw new TlogError(
      'LOG_STATE_BEHIND',
      `entries are staged after the first ${stage.size}, but the state last signed ${state.size}: an older tree and state were restored; ${howToRecover}`,
    )
  }
  if (!equalBytes(stage.root, state.root)) {
    throw new TlogError(
      'LOG_STATE_DAMAGED',
      `the stage continues another log of ${stage.size} entries than the one that was last signed; move the file "stage" away if you know where it is from`,
    )
  }
  return { step: 'sign', stage }
}

function forked(size: bigint): TlogError {
  return new TlogError(
    'LOG_FORKED',
    `the published log and the last signed one have different roots for ${size} entries; ${newLog}`,
  )
}

function decideReplay(state: Tree, published: Tree, stage: Stage | undefined): Resumption {
  const isNext =
    stage?.size === published.size && stage.size + BigInt(stage.entries.length) === state.size
  if (!isNext) {
    throw new TlogError(
      'LOG_TREE_BEHIND',
      `the published log has ${published.size} entries, but ${state.size} were signed: an older tree was restored; restore a newer one, from a backup or a mirror`,
    )
  }
  if (!equalBytes(stage.root, published.root)) throw forked(published.size)
  return { step: 'publish', stage }
}
