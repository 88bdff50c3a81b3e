/** The one error class of this package. */

/** Every code that {@link SpawnError} carries; the README says when. */
export const spawnErrorCodes = [
  'ABORTED',
  'ANSWERS_INVALID',
  'CHECK_FAILED',
  'GIT_FAILED',
  'GIT_MISSING',
  'NAME_INVALID',
  'NO_GIT_IDENTITY',
  'PARENT_MISSING',
  'RECEIPT_NOT_RECORDED',
  'RENDER_FAILED',
  'SIGNER_FAILED',
  'TARGET_EXISTS',
  'TARGET_NOT_WRITABLE',
  'TEMPLATE_INVALID',
  'TEMPLATE_UNKNOWN',
  'TEMPLATE_UNTRUSTED',
  'UNTRUSTED_MANIFEST',
  'WRITE_FAILED',
] as const

/** Why a {@link SpawnError} was thrown. */
export type SpawnErrorCode = (typeof spawnErrorCodes)[number]

/** A failure whose `message` says what is wrong, where, and what to do. */
export class SpawnError extends Error {
  /** One of a closed set, listed in the package's README. */
  readonly code: SpawnErrorCode

  /** `options.cause` is the error underneath, where there is one. */
  constructor(code: SpawnErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SpawnError'
    this.code = code
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The first line of a message; parsers add an excerpt of the text, over several. */
export function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? ''
}

/** The system's error code (`ENOENT`, `EACCES`, …) of anything that was thrown. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}

/** Throws `ABORTED` once the caller has given up. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new SpawnError('ABORTED', 'Stopped on request.', {
      cause: signal.reason,
    })
  }
}
