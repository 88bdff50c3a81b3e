/** Pages of a log, which only grows: a cursor is the index of the last entry that was given out. */
import { decodeDecimal } from '@vaultmesh/merkle/bytes'
import { McpError } from './errors.ts'

/**
 * The index that a cursor stands for; undefined for the first page.
 *
 * @throws McpError CURSOR_INVALID
 */
export function readCursor(cursor: string | undefined): bigint | undefined {
  if (cursor === undefined) return undefined
  const index = decodeDecimal(cursor)
  if (index !== undefined) return index
  throw new McpError(
    'CURSOR_INVALID',
    'This cursor was not given out here. Leave it away to begin with the first page.',
  )
}

/** The cursor behind a page; undefined where there can be no more. */
export function nextCursor(
  page: readonly { readonly index: bigint }[],
  limit: number,
): string | undefined {
  const last = page.at(-1)?.index
  return last === undefined || last === 0n || page.length < limit ? undefined : last.toString()
}
