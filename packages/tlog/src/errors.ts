/** The error of this package. */

/** Why a {@link TlogError} was thrown. The README says when each one is. */
export type TlogErrorCode =
  | 'ENTRY_EMPTY'
  | 'ENTRY_NOT_FOUND'
  | 'ENTRY_TOO_LARGE'
  | 'LOG_ARCHIVE_INVALID'
  | 'LOG_CHECKPOINT_INVALID'
  | 'LOG_CLOSED'
  | 'LOG_CONFLICT'
  | 'LOG_EXISTS'
  | 'LOG_FAILED'
  | 'LOG_FORKED'
  | 'LOG_IO'
  | 'LOG_LOCKED'
  | 'LOG_NOT_FOUND'
  | 'LOG_NOT_WITNESSED'
  | 'LOG_NO_SPACE'
  | 'LOG_OPTIONS'
  | 'LOG_RETENTION'
  | 'LOG_SIGNER'
  | 'LOG_SIZE_MISMATCH'
  | 'LOG_STATE_BEHIND'
  | 'LOG_STATE_DAMAGED'
  | 'LOG_STATE_MISSING'
  | 'LOG_TREE_BEHIND'
  | 'LOG_TREE_DAMAGED'

/** What went wrong with a log, in words that say where and what to do. */
export class TlogError extends Error {
  /** One of a closed set, listed in the package's README. */
  readonly code: TlogErrorCode

  /** `cause` is the error that led to this one, where there is one. */
  constructor(code: TlogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TlogError'
    this.code = code
  }
}

const outOfSpace: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT'])

/** What SQLite says of a full disk: SQLITE_FULL. */
const sqliteFull = 13

/** Whether `error` says that the disk, or the user's share of it, is full. */
export function isOutOfSpace(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const isSqliteFull = 'errcode' in error && error.errcode === sqliteFull
  return isSqliteFull || ('code' in error && outOfSpace.has(error.code))
}

/** `error` in words, whatever was thrown. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A {@link TlogError} as it is; anything else as LOG_NO_SPACE or LOG_IO, with it as the cause. */
export function toTlogError(error: unknown, during: string): TlogError {
  if (error instanceof TlogError) return error
  const said = describeError(error)
  return isOutOfSpace(error)
    ? new TlogError('LOG_NO_SPACE', `no space left while ${during}: ${said}; free some and retry`, {
        cause: error,
      })
    : new TlogError('LOG_IO', `${during} failed: ${said}`, { cause: error })
}
