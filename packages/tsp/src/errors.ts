/** The error that this package throws when its caller, not its input, is wrong. */

/**
 * Why a {@link TspError} was thrown.
 *
 * Untrusted input never leads here: parsing, verifying and answering return what is wrong instead.
 */
export type TspErrorCode =
  | 'INVALID_ARGUMENT'
  | 'INVALID_CERTIFICATE'
  | 'INVALID_OID'
  | 'KEY_MISMATCH'
  | 'KEY_TYPE'

/** A wrong argument, or a key and certificate that can't serve a time authority. */
export class TspError extends Error {
  /** One of a closed set, listed in the package's README. */
  readonly code: TspErrorCode

  /** `message` says what is wrong, where, and what to do. */
  constructor(code: TspErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TspError'
    this.code = code
  }
}
