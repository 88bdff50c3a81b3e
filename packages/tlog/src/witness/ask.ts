/** Asks one witness for its cosignature (C2SP tlog-witness, "add-checkpoint"). */
import type { NoteSignature, NoteVerifier } from '@vaultmesh/merkle/note'
import { formatAddCheckpoint, openCosignatures, parseWitnessSize } from '@vaultmesh/merkle/witness'
import { askHttp } from '../http.ts'

/** Gives the consistency proof from a smaller size, above 0: hashes of 32 bytes. */
export type Prove = (from: bigint) => Promise<readonly Uint8Array[]>

/** A checkpoint to be cosigned. */
export interface CosignRequest {
  /** The signed checkpoint (a C2SP signed note), verbatim. */
  readonly checkpoint: string
  /** Its number of entries. */
  readonly size: bigint
  readonly prove: Prove
}

/** A witness that can be asked. */
export interface WitnessEndpoint {
  /** Its name in the policy. */
  readonly name: string
  readonly verifier: NoteVerifier
  /** Its submission prefix; the path ends with `/`. */
  readonly prefix: URL
}

/** What a witness answered. */
export type WitnessAnswer =
  | { readonly kind: 'cosigned'; readonly signatures: readonly NoteSignature[] }
  /** It says that it cosigned a larger tree of this log. Nothing signs that. */
  | { readonly kind: 'ahead'; readonly size: bigint }
  /** It says that what it cosigned does not lead to this tree. Nothing signs that either. */
  | { readonly kind: 'conflict'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }

/** Signature lines: room for a few, the longest of today (ML-DSA-44) among them. */
const maxAnswerLength = 64 * 1024
const maxReasonLength = 200

/** Another process of the same log may be faster, but not for ever. */
const maxAttempts = 3

/** The first line of an answer, fit to be shown. */
function shown(body: Uint8Array): string {
  const [line = ''] = new TextDecoder().decode(body.subarray(0, maxReasonLength)).split('\n')
  return line.replaceAll(/\p{C}/gu, '\ufffd').trim()
}

/**
 * Asks from `known`, the size that the witness is thought to have cosigned last, and where it says
 * that it has another one, from there.
 *
 * Rejects with what happened where there is no answer, or with the reason of `signal`.
 */
export async function askWitness(
  { verifier, prefix }: WitnessEndpoint,
  { checkpoint, size, prove }: CosignRequest,
  known: bigint,
  signal: AbortSignal,
): Promise<WitnessAnswer> {
  const url = new URL('add-checkpoint', prefix)
  let oldSize = known
  for (let attempt = 1; ; attempt += 1) {
    const hashes = oldSize === 0n || oldSize === size ? [] : await prove(oldSize)
    signal.throwIfAborted()
    const body = formatAddCheckpoint({ oldSize, hashes, checkpoint })
    const answer = await askHttp(url, { body, limit: maxAnswerLength, signal })
    if (answer.status === 200) {
      const opened = await openCosignatures(answer.body, checkpoint, [verifier])
      if (opened.ok) return { kind: 'cosigned', signatures: opened.verified }
      return { kind: 'refused', reason: `its answer is not a cosignature of it: ${opened.detail}` }
    }
    if (answer.status !== 409) {
      const reason = `it answers ${answer.status} ${shown(answer.body)}`.trim()
      // The proof was made of verified tiles: it is not wrong, so the two trees differ.
      return { kind: answer.status === 422 ? 'conflict' : 'refused', reason }
    }
    const has = parseWitnessSize(answer.body)
    if (has === undefined) return { kind: 'refused', reason: 'it answers 409 without a size' }
    if (has > size) return { kind: 'ahead', size: has }
    if (has === oldSize) {
      return { kind: 'conflict', reason: `it has a conflicting checkpoint of ${has} entries` }
    }
    if (attempt === maxAttempts) {
      return { kind: 'refused', reason: 'it keeps changing its mind about the size that it has' }
    }
    oldSize = has
  }
}
