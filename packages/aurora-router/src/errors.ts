/** The one error class of this package. */

/** Every code that {@link RouterError} carries; the README says when. */
export const routerErrorCodes = [
  'BUDGET_EXCEEDED',
  'BUDGET_IN_USE',
  'BUDGET_UNKNOWN',
  'CAPACITY_EXCEEDED',
  'CAPACITY_IN_USE',
  'CAPACITY_UNKNOWN',
  'FENCE_STALE',
  'IDEMPOTENCY_CONFLICT',
  'INVALID_ARGUMENT',
  'LEASE_ENDED',
  'LEASE_NOT_FOUND',
  'LEDGER_BUSY',
  'LEDGER_INVALID',
  'LEDGER_IO',
] as const

/** Why a {@link RouterError} was thrown. */
export type RouterErrorCode = (typeof routerErrorCodes)[number]

/** A failure whose `message` says what is wrong, and with what. */
export class RouterError extends Error {
  /** One of a closed set, listed in the package's README. */
  readonly code: RouterErrorCode

  /** `options.cause` is the error underneath, where there is one. */
  constructor(code: RouterErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RouterError'
    this.code = code
  }
}
