/** Why an operation of this package was refused; the README's table explains each. */
export type RemembrancerErrorCode =
  | 'AGENT_EXISTS'
  | 'AGENT_INVALID'
  | 'AGENT_MISSING'
  | 'AGENT_REFUSED'
  | 'AUTHORITY_EXISTS'
  | 'AUTHORITY_INVALID'
  | 'AUTHORITY_MISSING'
  | 'BODY_ALTERED'
  | 'CONFIG_INVALID'
  | 'DRAFT_INVALID'
  | 'HOME_MISSING'
  | 'IDEMPOTENCY_CONFLICT'
  | 'KEYRING_KEY_INVALID'
  | 'KEYRING_KEY_MISSING'
  | 'KEYRING_PERMISSIONS'
  | 'LOG_ENTRY_INVALID'
  | 'LOG_UNKNOWN'
  | 'NAMESPACE_INVALID'
  | 'ORIGIN_INVALID'
  | 'PASSPHRASE_NEEDED'
  | 'PASSPHRASE_WRONG'
  | 'POLICY_INVALID'
  | 'PROOF_REFUSED'
  | 'RECORD_AMBIGUOUS'
  | 'RECORD_MISSING'
  | 'RECORD_TOO_LARGE'
  | 'SIGNER_FAILED'
  | 'TIMESTAMP_REFUSED'
  | 'WORKSPACE_CLOSED'
  | 'WORKSPACE_EXISTS'
  | 'WORKSPACE_MISSING'
  | 'WORKSPACE_NOT_WRITABLE'

/** An operation was refused. `message` says what is wrong, where, and what to do. */
export class RemembrancerError extends Error {
  override readonly name = 'RemembrancerError'
  readonly code: RemembrancerErrorCode

  /** `code` is for programs, `message` for people; `cause` is what lay below, where there is one. */
  constructor(code: RemembrancerErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
  }
}
