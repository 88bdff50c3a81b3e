/** Says whether a log could be written to, and changes nothing. */
import { emptyRoot } from '@vaultmesh/merkle/rfc6962'
import { type Found, findHeads, readSignedHead, requireSigned } from './found.ts'
import { type PlaceContext, type PlaceOptions, placeContext } from './options.ts'
import { decideResumption } from './resume.ts'

/** How far a log is, as its writer's state and its tree say. */
export interface LogCondition {
  /** Entries under the checkpoint that was signed last. */
  readonly signed: bigint
  /** Entries that readers see. */
  readonly published: bigint
  /** Whether the next writer has to end something first: one was stopped, or is at work. */
  readonly isUnderWay: boolean
}

/**
 * Looks at a log as `openLog` does before it begins, without its lock and its secret keys.
 *
 * Rejects, as `openLog` would, with LOG_NOT_FOUND, LOG_STATE_MISSING, LOG_STATE_BEHIND,
 * LOG_STATE_DAMAGED, LOG_TREE_BEHIND, LOG_CHECKPOINT_INVALID, LOG_FORKED, LOG_OPTIONS or LOG_IO.
 * Not asked are witnesses, and the tiles are not read: `checkLog` does that.
 */
export async function inspectLog(options: PlaceOptions): Promise<LogCondition> {
  const context = placeContext(options)
  for (;;) {
    const found = await findHeads(context)
    try {
      return await conditionOf(context, found)
    } catch (error) {
      // A writer that is at work changes one after the other, and what was read is of two moments.
      const now = await readSignedHead(context)
      if (now === undefined || now.checkpoint === found.signed?.checkpoint) throw error
    }
  }
}

async function conditionOf(context: PlaceContext, found: Found): Promise<LogCondition> {
  const { stage } = context.storage
  const signed = requireSigned(found, context)
  const published = found.published ?? { size: 0n, root: emptyRoot() }
  try {
    const staged = await stage.open()
    const { isReplayed, isContinued } = decideResumption(signed, published, staged)
    return {
      signed: signed.size,
      published: published.size,
      isUnderWay: isReplayed || isContinued,
    }
  } finally {
    await stage.close()
  }
}
