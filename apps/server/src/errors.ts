/** What goes wrong: for whoever calls this library, and for whoever asks the server over HTTP. */

/** Every code that {@link ServerError} carries; the README says when. */
export const serverErrorCodes = [
  'OPTIONS_INVALID',
  'TOKENS_UNSAFE',
  'TOKEN_EXISTS',
  'TOKEN_INVALID',
  'TOKEN_MISSING',
] as const

/** Why a {@link ServerError} was thrown. */
export type ServerErrorCode = (typeof serverErrorCodes)[number]

/** A failure of this library itself. `message` says what is wrong, where, and what to do. */
export class ServerError extends Error {
  override readonly name = 'ServerError'
  /** One of a closed set, listed in the package's README. */
  readonly code: ServerErrorCode

  /** `options.cause` is the error underneath, where there is one. */
  constructor(code: ServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Every `code` of a problem document (RFC 9457); the README says when. */
export const problemCodes = [
  'BODY_TOO_LARGE',
  'BUDGET_EXCEEDED',
  'BUDGET_UNKNOWN',
  'DRAINING',
  'HEADERS_TOO_LARGE',
  'HOST_REFUSED',
  'IDEMPOTENCY_CONFLICT',
  'INTERNAL',
  'LEASE_ENDED',
  'LEASE_NOT_FOUND',
  'LOG_FULL',
  'MEDIA_TYPE_REFUSED',
  'NOT_FOUND',
  'NOT_READY',
  'NOT_WITNESSED',
  'ORIGIN_REFUSED',
  'OVERLOADED',
  'RATE_LIMITED',
  'RECORD_AMBIGUOUS',
  'RECORD_INVALID',
  'RECORD_NOT_FOUND',
  'RECORD_TOO_LARGE',
  'REQUEST_INVALID',
  'REQUEST_TIMEOUT',
  'SCOPE_MISSING',
  'TOKEN_NEEDED',
  'TOKEN_REFUSED',
  'UNAVAILABLE',
] as const

/** The `code` of a problem document. */
export type ProblemCode = (typeof problemCodes)[number]

/** The status of HTTP that a problem is answered with, and its title. */
export const problems: Readonly<
  Record<ProblemCode, { readonly status: number; readonly title: string }>
> = {
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  BUDGET_EXCEEDED: { status: 409, title: 'The tenant has not enough money left' },
  BUDGET_UNKNOWN: { status: 409, title: 'The tenant has no budget' },
  DRAINING: { status: 503, title: 'The server is about to end' },
  HEADERS_TOO_LARGE: { status: 431, title: 'The headers are too large' },
  HOST_REFUSED: { status: 421, title: 'The request is for another host' },
  IDEMPOTENCY_CONFLICT: { status: 409, title: 'The idempotency key was used for other content' },
  INTERNAL: { status: 500, title: 'The server failed' },
  LEASE_ENDED: { status: 409, title: 'The lease has ended, or another acts for it' },
  LEASE_NOT_FOUND: { status: 404, title: 'There is no such lease' },
  LOG_FULL: { status: 507, title: 'The disk of the log is full' },
  MEDIA_TYPE_REFUSED: { status: 415, title: 'The body has a media type that is not taken here' },
  NOT_FOUND: { status: 404, title: 'There is nothing here' },
  NOT_READY: { status: 503, title: 'The server can not do its work' },
  NOT_WITNESSED: { status: 503, title: 'The record is in the log, and not witnessed yet' },
  ORIGIN_REFUSED: { status: 403, title: 'The request comes from a page of another origin' },
  OVERLOADED: { status: 503, title: 'The server has too much to do' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  RECORD_AMBIGUOUS: { status: 400, title: 'Several records have ids that begin so' },
  RECORD_INVALID: { status: 422, title: 'The record can not be written' },
  RECORD_NOT_FOUND: { status: 404, title: 'There is no such record' },
  RECORD_TOO_LARGE: { status: 413, title: 'The record is too large' },
  REQUEST_INVALID: { status: 400, title: 'The request is not what this endpoint takes' },
  REQUEST_TIMEOUT: { status: 408, title: 'The request took too long to arrive' },
  SCOPE_MISSING: { status: 403, title: 'The token does not allow this' },
  TOKEN_NEEDED: { status: 401, title: 'A token is needed' },
  TOKEN_REFUSED: { status: 401, title: 'The token is not known, has expired or was revoked' },
  UNAVAILABLE: { status: 503, title: 'What this needs is not available now' },
}

/** Thrown in a handler, and answered as a problem document. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode

  /** `detail` goes to whoever asked: no path of this machine, and no secret. */
  constructor(code: ProblemCode, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.code = code
  }
}
