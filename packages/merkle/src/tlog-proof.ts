/** C2SP tlog-proof: an inclusion proof and the checkpoint that it leads to, as one text. */
import { decodeBase64, decodeDecimal, encodeBase64 } from './bytes.ts'
import { MerkleError } from './errors.ts'
import { decodeHashLines } from './hash-lines.ts'
import { maxNoteLength } from './note/text.ts'
import { readSignedCheckpoint } from './signed-checkpoint.ts'

/** All that is needed, besides an entry and trusted keys, to see that a log holds the entry. */
export interface TlogProof {
  /** The index of the entry, up to 2^64 - 1. */
  readonly index: bigint
  /** At most 64 hashes of 32 bytes, the leaf's sibling first. */
  readonly hashes: readonly Uint8Array[]
  /** The application's own data, not empty. Nothing signs it: never trust it. */
  readonly extra?: Uint8Array
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string
}

/** Why text is not a tlog-proof. */
export interface TlogProofFailure {
  readonly ok: false
  readonly code: 'MALFORMED'
  readonly detail: string
}

const header = 'c2sp.org/tlog-proof@v1'

/** The longest path in a tree of 2^64 - 1 leaves. */
const maxHashes = 64

/** A checkpoint at its longest, as much again for `extra`, and the hashes. */
const maxProofLength = 2 * maxNoteLength + 8192

function malformed(detail: string): TlogProofFailure {
  return { ok: false, code: 'MALFORMED', detail }
}

function decodeField(line: string | undefined, key: string): string | undefined {
  return line?.startsWith(`${key} `) === true ? line.slice(key.length + 1) : undefined
}

/**
 * Reads a tlog-proof. The checkpoint's form is checked, nothing is verified: see `openCheckpoint`
 * and `verifyInclusion`.
 *
 * Never throws; `formatTlogProof` gives the same text back.
 */
export function parseTlogProof(text: string): { ok: true; proof: TlogProof } | TlogProofFailure {
  if (text.length > maxProofLength) return malformed('the proof is too long')
  const blank = text.indexOf('\n\n')
  if (blank === -1) return malformed('there is no blank line before the checkpoint')
  const [first, ...lines] = text.slice(0, blank).split('\n')
  if (first !== header) return malformed(`line 1 is not ${header}`)
  const encodedExtra = decodeField(lines[0], 'extra')
  const extra = encodedExtra === undefined ? undefined : decodeBase64(encodedExtra)
  if (encodedExtra !== undefined) {
    if (extra === undefined || extra.length === 0) return malformed('extra is not base64 of data')
    lines.shift()
  }
  const index = decodeDecimal(decodeField(lines.shift(), 'index') ?? '')
  if (index === undefined) return malformed('there is no index: a decimal up to 2^64 - 1')
  const hashes = decodeHashLines(lines, maxHashes)
  if (typeof hashes === 'string') return malformed(hashes)
  const checkpoint = text.slice(blank + 2)
  const read = readSignedCheckpoint(checkpoint)
  if (typeof read === 'string') return malformed(read)
  return {
    ok: true,
    proof: { index, hashes, checkpoint, ...(extra === undefined ? {} : { extra }) },
  }
}

/**
 * The text of a tlog-proof.
 *
 * Throws INVALID_PROOF for what {@link parseTlogProof} would not read back.
 */
export function formatTlogProof(proof: TlogProof): string {
  const { index, hashes, extra, checkpoint } = proof
  const lines = [
    header,
    ...(extra === undefined ? [] : [`extra ${encodeBase64(extra)}`]),
    `index ${index}`,
    ...hashes.map(encodeBase64),
  ]
  const text = `${lines.join('\n')}\n\n${checkpoint}`
  const parsed = parseTlogProof(text)
  if (parsed.ok) return text
  throw new MerkleError('INVALID_PROOF', `this can't be written as a tlog-proof: ${parsed.detail}`)
}
