/** The error that this package throws when its caller, not its input, is wrong. */

/**
 * Why a {@link MerkleError} was thrown.
 *
 * Untrusted input never leads here: parsers and verifiers return what is wrong instead.
 */
export type MerkleErrorCode =
  | 'INVALID_ARGUMENT'
  | 'INVALID_VKEY'
  | 'INVALID_NOTE'
  | 'INVALID_CHECKPOINT'
  | 'INVALID_PROOF'
  | 'INVALID_REQUEST'
  | 'ENTRY_TOO_LARGE'
  | 'TILE_LENGTH'
  | 'NODE_OUTSIDE_TREE'
  | 'KEY_TYPE'

/** A wrong argument, or storage that gave back something that can't be right. */
export class MerkleError extends Error {
  /** One of a closed set, listed in the package's README. */
  readonly code: MerkleErrorCode

  /** `message` says what is wrong, where, and what to do. */
  constructor(code: MerkleErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'MerkleError'
    this.code = code
  }
}
