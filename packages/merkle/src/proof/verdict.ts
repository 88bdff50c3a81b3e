/** What checking a proof gives, and the checks that every kind of proof begins with. */
import { equalBytes, isUint64 } from '../bytes.ts'
import { hashLength } from '../rfc6962.ts'

/** Why a proof does not hold. */
export type ProofFailureCode =
  | 'SIZE_RANGE'
  | 'INDEX_BEYOND_SIZE'
  | 'SIZE_ORDER'
  | 'EMPTY_TREE'
  | 'EMPTY_RANGE'
  | 'NOT_A_SUBTREE'
  | 'HASH_LENGTH'
  | 'PROOF_LENGTH'
  | 'ROOT_MISMATCH'

/** A proof that does not hold, with the reason for programs (`code`) and for people (`detail`). */
export interface ProofFailure {
  readonly ok: false
  readonly code: ProofFailureCode
  readonly detail: string
}

/** What checking a proof gives. */
export type ProofResult = { readonly ok: true } | ProofFailure

/** A proof that does not hold. */
export function failure(code: ProofFailureCode, detail: string): ProofFailure {
  return { ok: false, code, detail }
}

/** The failure of numbers that don't fit 64 bits, or else of hashes that have not 32 bytes. */
export function malformation(
  numbers: readonly bigint[],
  hashes: readonly Uint8Array[],
): ProofFailure | undefined {
  if (!numbers.every(isUint64)) return failure('SIZE_RANGE', 'sizes and indexes are 0 to 2^64 - 1')
  const wrong = hashes.find((hash) => hash.length !== hashLength)
  if (wrong === undefined) return undefined
  return failure('HASH_LENGTH', `a hash has ${wrong.length} bytes instead of ${hashLength}`)
}

/** The failure of a proof that has more or fewer hashes than its place in the tree asks for. */
export function lengthFailure(hashes: readonly Uint8Array[], problem: string): ProofFailure {
  return failure('PROOF_LENGTH', `the proof's ${hashes.length} hashes are too ${problem}`)
}

/** Whether a hash is the one that it should be; `what` completes "the proof does not lead to". */
export function compareHash(found: Uint8Array, wanted: Uint8Array, what: string): ProofResult {
  if (equalBytes(found, wanted)) return { ok: true }
  return failure('ROOT_MISMATCH', `the proof does not lead to ${what}`)
}
