/** Arguments of a ledger's methods, and SQLite's failures, in our words. */
import { maxUnits } from '../catalog/offer.ts'
import { RouterError } from '../errors.ts'
import { maxDurationMs } from '../money.ts'
import type { HoldRequest } from './types.ts'

/** Refuses a hold that is out of bounds. */
export function requireHold(request: HoldRequest): void {
  requireText('idempotencyKey', request.idempotencyKey)
  requireText('offerId', request.offerId)
  requireText('tenant', request.tenant)
  requireWhole('units', request.units, 1, maxUnits)
  requireWhole('costMicroUsd', request.costMicroUsd, 0, Number.MAX_SAFE_INTEGER)
  requireWhole('ttlMs', request.ttlMs, 1, maxDurationMs)
}

/** Refuses a text that is empty, too long or not well-formed. */
export function requireText(name: string, value: string): void {
  if (value === '' || value.length > 200 || value.includes('\0') || !value.isWellFormed()) {
    throw new RouterError('INVALID_ARGUMENT', `${name} must be a text of 1 to 200 characters`)
  }
}

/** Refuses what is no whole number from `min` to `max`. */
export function requireWhole(name: string, value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new RouterError(
      'INVALID_ARGUMENT',
      `${name} must be a whole number from ${min} to ${max}`,
    )
  }
}

/** SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL, SQLITE_CANTOPEN. */
const storage: readonly number[] = [8, 10, 13, 14]

/** SQLite's "busy" and "not a database" in our words. */
export function translated<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 255 : 0
    if (code === 5) {
      throw new RouterError('LEDGER_BUSY', 'another process keeps the ledger locked', { cause })
    }
    if (code === 11 || code === 26) {
      throw new RouterError('LEDGER_INVALID', 'the file is not a ledger of leases, or is damaged', {
        cause,
      })
    }
    if (storage.includes(code)) {
      throw new RouterError('LEDGER_IO', 'the file of the ledger can not be opened or written', {
        cause,
      })
    }
    throw cause
  }
}
