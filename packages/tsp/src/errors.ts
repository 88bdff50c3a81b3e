/** The error that this package throws when its caller, a server or a file, not a token, is wrong. */
import type { PkiFailure } from './status.ts'
import type { TimestampVerdict } from './verdict.ts'

/**
 * Why a {@link TspError} was thrown.
 *
 * Parsing, verifying and answering untrusted input never lead here: they return what is wrong.
 */
export type TspErrorCode =
  | 'ABORTED'
  | 'HTTP_STATUS'
  | 'INVALID_ARGUMENT'
  | 'INVALID_CERTIFICATE'
  | 'INVALID_OID'
  | 'KEY_MISMATCH'
  | 'KEY_TYPE'
  | 'LISTEN_FAILED'
  | 'RENEWAL_REFUSED'
  | 'REQUEST_REJECTED'
  | 'RESPONSE_INVALID'
  | 'RESPONSE_TOO_LARGE'
  | 'SERIALS_FAILED'
  | 'TIMED_OUT'
  | 'TOKEN_REFUSED'
  | 'UNREACHABLE'
  | 'URL_REFUSED'

/** What is known beyond the code. */
export interface TspErrorOptions extends ErrorOptions {
  readonly failure?: PkiFailure | undefined
  readonly httpStatus?: number | undefined
  readonly verdict?: TimestampVerdict | undefined
}

/** A wrong argument, an authority that gives no usable token, or one that can't be set up. */
export class TspError extends Error {
  /** One of a closed set, listed in the package's README. */
  readonly code: TspErrorCode
  /** Why the authority rejected the request, where it says so (`REQUEST_REJECTED`). */
  readonly failure: PkiFailure | undefined
  /** The status of the HTTP response (`HTTP_STATUS`). */
  readonly httpStatus: number | undefined
  /** What is wrong with the token (`TOKEN_REFUSED`). */
  readonly verdict: TimestampVerdict | undefined

  /** `message` says what is wrong, where, and what to do. */
  constructor(code: TspErrorCode, message: string, options: TspErrorOptions = {}) {
    super(message, options)
    this.name = 'TspError'
    this.code = code
    this.failure = options.failure
    this.httpStatus = options.httpStatus
    this.verdict = options.verdict
  }
}
