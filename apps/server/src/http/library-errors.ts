/** What the failures of the libraries mean to whoever asks over HTTP. */
import type { RouterErrorCode } from '@vaultmesh/aurora-router'
import type { RemembrancerErrorCode } from '@vaultmesh/remembrancer/workspace'
import { isOutOfSpace, type TlogErrorCode } from '@vaultmesh/tlog'
import { Problem, type ProblemCode } from '../errors.ts'

/** Codes whose message is about what was asked; all other messages may name paths of this machine. */
type Told<C extends string> = Partial<Record<C, ProblemCode>>

const told: {
  readonly RemembrancerError: Told<RemembrancerErrorCode>
  readonly RouterError: Told<RouterErrorCode>
} = {
  RemembrancerError: {
    DRAFT_INVALID: 'RECORD_INVALID',
    IDEMPOTENCY_CONFLICT: 'IDEMPOTENCY_CONFLICT',
    RECORD_AMBIGUOUS: 'RECORD_AMBIGUOUS',
    RECORD_MISSING: 'RECORD_NOT_FOUND',
    RECORD_TOO_LARGE: 'RECORD_TOO_LARGE',
  },
  RouterError: {
    BUDGET_EXCEEDED: 'BUDGET_EXCEEDED',
    BUDGET_UNKNOWN: 'BUDGET_UNKNOWN',
    FENCE_STALE: 'LEASE_ENDED',
    IDEMPOTENCY_CONFLICT: 'IDEMPOTENCY_CONFLICT',
    INVALID_ARGUMENT: 'REQUEST_INVALID',
    LEASE_ENDED: 'LEASE_ENDED',
    LEASE_NOT_FOUND: 'LEASE_NOT_FOUND',
  },
}

interface Untold {
  readonly code: ProblemCode
  readonly detail: string
}

const full: Untold = {
  code: 'LOG_FULL',
  detail: 'There is no space left for the log. Nothing is lost; try again later.',
}

const notReady =
  'The workspace can not be used as it is now; the log of the server says why. Nothing was done.'

const untold: {
  readonly RemembrancerError: Partial<Record<RemembrancerErrorCode, Untold>>
  readonly RouterError: Partial<Record<RouterErrorCode, Untold>>
  readonly TlogError: Partial<Record<TlogErrorCode, Untold>>
} = {
  RemembrancerError: {
    WORKSPACE_CLOSED: { code: 'DRAINING', detail: 'The server is about to end.' },
  },
  RouterError: {
    LEDGER_BUSY: {
      code: 'OVERLOADED',
      detail: 'Another process keeps the ledger of leases locked. Try again.',
    },
    LEDGER_IO: {
      code: 'UNAVAILABLE',
      detail:
        'The ledger of leases could not be written. What was asked for may be in it: ask again with the same idempotency key.',
    },
  },
  TlogError: {
    LOG_NOT_WITNESSED: {
      code: 'NOT_WITNESSED',
      detail:
        'Not enough witnesses answered. What was sent is in the log, and is published once they do: ask again with the same idempotency key.',
    },
    LOG_NO_SPACE: full,
    LOG_FAILED: {
      code: 'UNAVAILABLE',
      detail:
        'The log could not be written. What was sent may be in it: ask again with the same idempotency key.',
    },
    LOG_LOCKED: {
      code: 'UNAVAILABLE',
      detail: 'Another process writes to the log. Try again later.',
    },
  },
}

const names = ['FederationError', 'RemembrancerError', 'RouterError', 'TlogError', 'TspError']

/** The problem that an error of one of our libraries, or a full disk, is; undefined for others. */
export function libraryProblem(error: unknown): Problem | undefined {
  // Bodies of records and the index are written beside the log.
  if (isOutOfSpace(error)) return new Problem(full.code, full.detail, { cause: error })
  if (!(error instanceof Error) || !('code' in error) || !names.includes(error.name)) {
    return undefined
  }
  const code = String(error.code)
  const open = entryOf<ProblemCode>(told, error.name, code)
  if (open !== undefined) return new Problem(open, error.message, { cause: error })
  const { code: kind, detail } = entryOf<Untold>(untold, error.name, code) ?? {
    code: 'NOT_READY',
    detail: notReady,
  }
  return new Problem(kind, detail, { cause: error })
}

function entryOf<T>(
  table: Readonly<Record<string, Readonly<Record<string, T>>>>,
  name: string,
  code: string,
): T | undefined {
  const entries = table[name] ?? {}
  return Object.hasOwn(entries, code) ? entries[code] : undefined
}
