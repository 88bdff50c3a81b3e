/** What a source did wrong, on the way from where it shows to the result of an advance. */
import type { TileFailure } from '@vaultmesh/merkle/tiles'
import type { SourceProblem } from './mirror-types.ts'

/** Ends an advance, and never leaves it. */
export class SourceError extends Error {
  readonly code: SourceProblem

  constructor(code: SourceProblem, detail: string) {
    super(detail)
    this.code = code
  }
}

/** The failures of a source that say nothing about the bytes that it has. */
const unreadable: ReadonlySet<TileFailure['code']> = new Set([
  'ABORTED',
  'HTTP_STATUS',
  'REDIRECTED',
  'SOURCE_FAILED',
  'TIMEOUT',
])

/** Tiles that are wrong are refused; those that can't be had say nothing of what they are. */
export function sourceError({ code, detail }: TileFailure): SourceError {
  return new SourceError(unreadable.has(code) ? 'SOURCE_UNREADABLE' : 'TILES_REFUSED', detail)
}
