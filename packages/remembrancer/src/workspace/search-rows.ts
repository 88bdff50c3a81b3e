/** What is found by its words: rows of the full-text table of `index.sqlite`. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import { boundOf, itemOf } from './record-rows.ts'
import { matchOf } from './search-query.ts'
import type { SearchFilter, SearchHit } from './types.ts'

/** About that many words of a body are shown of a hit. */
const excerptWords = 24

/** The records that a query finds, the newest entries of the log first. */
export function selectByWords(db: DatabaseSync, query: string, filter: SearchFilter): SearchHit[] {
  const { kind, tag, before, limit = 50 } = filter
  const match = matchOf(query)
  // A query without a word, such as a row of dashes, finds nothing; no query at all, everything.
  if (match === undefined && query.trim() !== '') return []
  // The order in which the full-text table finds rows: none has to be sorted.
  const position = match === undefined ? 'r.position' : 'texts.rowid'
  const conditions = [`${position} < ?`]
  const values: SQLInputValue[] = [boundOf(before)]
  const where = (condition: string, value: SQLInputValue | undefined): void => {
    if (value === undefined) return
    conditions.push(condition)
    values.push(value)
  }
  where('texts MATCH ?', match)
  where('r.kind = ?', kind)
  where('EXISTS (SELECT 1 FROM json_each(r.tags) WHERE value = ?)', tag)
  where('r.occurred >= ?', filter.since?.getTime())
  const [table, excerpt] =
    match === undefined
      ? ['records AS r', 'NULL']
      : [
          'texts JOIN records AS r ON r.position = texts.rowid',
          `CASE WHEN r.has_text THEN snippet(texts, 3, '', '', '…', ${excerptWords}) END`,
        ]
  const statement = db.prepare(`
    SELECT r.position, r.id, r.kind, r.title, r.occurred_at, r.tags, ${excerpt} AS excerpt
    FROM ${table} WHERE ${conditions.join(' AND ')} ORDER BY ${position} DESC LIMIT ?`)
  statement.setReadBigInts(true)
  return statement.all(...values, limit).map((row) => ({
    ...itemOf(row),
    ...(typeof row['excerpt'] === 'string' ? { excerpt: row['excerpt'] } : {}),
  }))
}
