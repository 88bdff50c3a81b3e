/** The error of this package. */

/** Why a {@link FederationError} was thrown. The README says when each one is. */
export type FederationErrorCode =
  | 'CONFIG_INVALID'
  | 'CONFIG_MISSING'
  | 'FEDERATION_IO'
  | 'FEDERATION_NO_SPACE'
  | 'INVALID_ARGUMENT'
  | 'LOG_DAMAGED'
  | 'MIRROR_DAMAGED'
  | 'MIRROR_LOCKED'
  | 'WITNESS_STATE_DAMAGED'
  | 'WITNESS_STATE_EXISTS'
  | 'WITNESS_STATE_MISSING'

/** What went wrong on this machine, in words that say where and what to do. */
export class FederationError extends Error {
  /** One of a closed set, listed in the package's README. */
  readonly code: FederationErrorCode

  /** `cause` is the error that led to this one, where there is one. */
  constructor(code: FederationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'FederationError'
    this.code = code
  }
}
