/** What people type, as an expression of FTS5. */

const maxPieces = 16
const maxLetters = 64

/** Letters, digits and what belongs to them, as the tokenizer of the index splits a text. */
const word = /[\p{L}\p{M}\p{N}]+/gu

/**
 * The FTS5 expression that finds texts with all words of a query: a phrase where quotation marks
 * say so, else words that begin alike. Undefined where the query has no word.
 *
 * Every word is quoted, and quotation marks are no part of words, so that none of it is an operator,
 * a column or a syntax error of FTS5 (https://sqlite.org/fts5.html, section 3.1).
 */
export function matchOf(query: string): string | undefined {
  const pieces: string[] = []
  for (const [piece, phrase] of query.toWellFormed().matchAll(/"([^"]*)"|[^\s"]+/gu)) {
    const words = [...(phrase ?? piece).matchAll(word)].map(([each]) => each.slice(0, maxLetters))
    if (words.length === 0) continue
    const quoted = `"${words.slice(0, maxPieces).join(' ').toWellFormed()}"`
    pieces.push(phrase === undefined ? `${quoted} *` : quoted)
    if (pieces.length === maxPieces) break
  }
  return pieces.length === 0 ? undefined : pieces.join(' AND ')
}
