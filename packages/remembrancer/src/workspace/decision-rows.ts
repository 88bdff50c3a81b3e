/** Decisions, and which of them took another's place: rows of `index.sqlite`. */
import type { DatabaseSync } from 'node:sqlite'
import { boundOf, itemOf, type Position, positions } from './record-rows.ts'
import type { DecisionFilter, TimelineItem } from './types.ts'

/** A decision, and those that say that they supersede it. */
export interface DecisionRow extends TimelineItem {
  readonly status: string
  /** Up to 16 accepted decisions of later entries with a link `supersedes` to this one, the first first. */
  readonly successors: readonly Position[]
}

/** More successors of one decision say nothing new. */
const maxSuccessors = 16

/**
 * The decisions, the newest entries of the log first. Of more successors than are given, those are
 * left out first that name none of `persons`, the keyids of those who may end any decision.
 */
export function selectDecisions(
  db: DatabaseSync,
  filter: DecisionFilter,
  persons: readonly string[],
): DecisionRow[] {
  const { before, limit = 50, id } = filter
  const statement = db.prepare(`
    SELECT position, id, kind, title, occurred_at, tags, status FROM records
    WHERE kind = 'decision' AND position < ? AND (? IS NULL OR id = ?)
    ORDER BY position DESC LIMIT ?`)
  statement.setReadBigInts(true)
  const successors = db.prepare(`
    SELECT id, position FROM (
      SELECT r.id, r.position FROM successions AS s JOIN records AS r ON r.position = s.position
      WHERE s.record = ? AND s.position > ? AND r.status = 'accepted'
      ORDER BY EXISTS (
        SELECT 1 FROM json_each(r.signers) AS signer
        WHERE signer.value LIKE 'openpgp:%' OR signer.value IN (SELECT value FROM json_each(?))
      ) DESC, r.position
      LIMIT ${maxSuccessors}
    ) ORDER BY position`)
  return statement.all(boundOf(before), id ?? null, id ?? null, limit).map((row) => {
    const item = itemOf(row)
    return {
      ...item,
      status: String(row['status']),
      successors: positions(successors.all(item.id, item.index, JSON.stringify(persons))),
    }
  })
}
