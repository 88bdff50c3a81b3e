/** What an agent is told when something is refused. */

/** Why a call was refused; the README's table explains each. */
export type McpErrorCode =
  | 'CURSOR_INVALID'
  | 'FAILED'
  | 'KEY_TAKEN'
  | 'PROOF_UNREADABLE'
  | 'REQUEST_INVALID'

/** A call was refused. `message` says to an agent what is wrong and what to do. */
export class McpError extends Error {
  override readonly name = 'McpError'
  readonly code: McpErrorCode

  /** `code` is for programs, `message` for agents. */
  constructor(code: McpErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Codes of the libraries whose messages speak of what the agent gave, and hold nothing of the
 * machine. Others could name its files, and are for whoever runs the server.
 */
const forAgents: ReadonlySet<string> = new Set([
  'AGENT_REFUSED',
  'BUDGET_EXCEEDED',
  'BUDGET_UNKNOWN',
  'DRAFT_INVALID',
  'IDEMPOTENCY_CONFLICT',
  'LEASE_ENDED',
  'PROOF_REFUSED',
  'RECORD_AMBIGUOUS',
  'RECORD_MISSING',
  'RECORD_TOO_LARGE',
])

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined
}

/** What an agent is told of an error. */
export interface Explained {
  readonly code: string
  readonly message: string
  /** False where the rest is for whoever runs the server. */
  readonly isWhole: boolean
}

/** What an agent is told of an error: its code, and what to do. */
export function explained(error: unknown): Explained {
  const code = codeOf(error)
  const isWhole = error instanceof McpError || (code !== undefined && forAgents.has(code))
  if (isWhole && error instanceof Error && code !== undefined) {
    return { code, message: error.message, isWhole }
  }
  if (code === 'LOG_LOCKED') {
    const message =
      'Another writer has the log, and nothing was recorded. Call again with the same idempotencyKey; where that goes on, tell the person who runs the server.'
    return { code, message, isWhole }
  }
  // An upper-case code of a library says what kind of failure it is; the system's are no secret.
  const shown = code !== undefined && /^[A-Z][A-Z_]{2,40}$/.test(code) ? code : 'FAILED'
  return {
    code: shown,
    message:
      "This failed on the machine of the memory, not because of what you asked. Don't repeat it; tell the person who runs the server, whose log says more.",
    isWhole,
  }
}
