/** Which decisions hold. */
import { isByAgents, type Signers } from './agents.ts'
import type { DecisionRow } from './decision-rows.ts'
import type { Position } from './record-rows.ts'
import type { DecisionItem, DecisionStanding } from './types.ts'

function standingOf(status: string, isReplaced: boolean, own: Signers): DecisionStanding {
  if (isReplaced || status === 'superseded') return 'superseded'
  if (!own.areEnough) return 'untrusted'
  return status === 'proposed' || status === 'rejected' ? status : 'in-force'
}

/**
 * Says of each decision whether it holds. What agents alone signed takes only the place of what
 * agents alone signed: an agent that was talked into something does not undo what a person decided.
 */
export async function standings(
  rows: readonly DecisionRow[],
  signersOf: (record: Position) => Promise<Signers>,
): Promise<DecisionItem[]> {
  const items: DecisionItem[] = []
  for (const { status, successors, ...item } of rows) {
    const own = await signersOf(item)
    const supersededBy: string[] = []
    const contestedBy: string[] = []
    for (const successor of successors) {
      const theirs = await signersOf(successor)
      const counts =
        theirs.areEnough && (theirs.hasOthers || (isByAgents(own) && isByAgents(theirs)))
      ;(counts ? supersededBy : contestedBy).push(successor.id)
    }
    items.push({
      ...item,
      standing: standingOf(status, supersededBy.length > 0, own),
      supersededBy,
      contestedBy,
      agents: own.agents,
      isByAgents: isByAgents(own),
    })
  }
  return items
}
