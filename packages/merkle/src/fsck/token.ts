/** What a check that was stopped needs to go on. */
import { decodeDecimal, encodeBase64 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'
import type { TreeHead } from '../tiles/verified.ts'
import type { FsckProblem } from './types.ts'

/** How far a check has come. */
export interface Position {
  /** The first bundle that is yet to be checked. */
  readonly next: bigint
  readonly problems: readonly FsckProblem[]
}

const format = 'vaultmesh-fsck-0'

/** Every code, so that a token can't bring in another one. */
const codes: Readonly<Record<FsckProblem['code'], true>> = {
  ABORTED: true,
  BUNDLE_MALFORMED: true,
  ENTRY_MISMATCH: true,
  HTTP_STATUS: true,
  PARTIAL_MISMATCH: true,
  REDIRECTED: true,
  ROOT_MISMATCH: true,
  SOURCE_FAILED: true,
  TILE_LENGTH: true,
  TILE_MISMATCH: true,
  TILE_MISSING: true,
  TIMEOUT: true,
  TOO_LARGE: true,
}

/** The text of a position. */
export function formatToken({ size, root }: TreeHead, { next, problems }: Position): string {
  return JSON.stringify([format, `${size}`, encodeBase64(root), `${next}`, problems])
}

function isProblem(value: unknown): value is FsckProblem {
  if (typeof value !== 'object' || value === null) return false
  const { code, paths, detail } = value as Partial<Record<keyof FsckProblem, unknown>>
  return (
    typeof code === 'string' &&
    Object.hasOwn(codes, code) &&
    typeof detail === 'string' &&
    Array.isArray(paths) &&
    paths.every((path) => typeof path === 'string')
  )
}

function parse(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}

/** Reads a token of {@link formatToken}. Throws INVALID_ARGUMENT where it is not of this head. */
export function parseToken(text: string, head: TreeHead): Position {
  const [name, , , position, problems] = parse(text)
  const next = typeof position === 'string' ? decodeDecimal(position) : undefined
  const isSound =
    name === format && next !== undefined && Array.isArray(problems) && problems.every(isProblem)
  // One spelling only; the head is a part of it.
  if (isSound && formatToken(head, { next, problems }) === text) return { next, problems }
  throw new MerkleError(
    'INVALID_ARGUMENT',
    isSound
      ? `the token is of another head than size ${head.size}; check that one, or start anew without it`
      : 'this is not the token of a check; start anew without it',
  )
}
