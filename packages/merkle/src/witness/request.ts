/** The body of a tlog-witness add-checkpoint request. */
import { decodeDecimal, decodeUtf8, encodeBase64, encodeUtf8 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'
import { decodeHashLines } from '../hash-lines.ts'
import { readSignedCheckpoint } from '../signed-checkpoint.ts'

/** What a log asks of a witness: to cosign a checkpoint that follows the one it cosigned last. */
export interface AddCheckpointRequest {
  /** The size of the checkpoint that the witness cosigned last, 0 for none; up to 2^64 - 1. */
  readonly oldSize: bigint
  /** The consistency proof from there (RFC 6962 section 2.1.2): at most 63 hashes of 32 bytes. */
  readonly hashes: readonly Uint8Array[]
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string
}

/** Why bytes are not an add-checkpoint request: a witness answers `status`. */
export interface AddCheckpointFailure {
  readonly ok: false
  readonly code: 'MALFORMED'
  readonly status: 400
  readonly detail: string
}

/** The most hashes that tlog-witness allows in a request. */
const maxHashes = 63

/** `old `, 20 digits and a newline; the hashes, each 44 characters and a newline; a blank line. */
const maxHeadLength = 25 + maxHashes * 45 + 1

/**
 * The longest request that is read, in bytes: room for 100 signatures of the largest kind, and
 * half of what a note may have, so that cosignatures can be added to whatever is accepted.
 */
export const maxAddCheckpointLength: number = 512 * 1024

function malformed(detail: string): AddCheckpointFailure {
  return { ok: false, code: 'MALFORMED', status: 400, detail }
}

/**
 * Reads the body of an add-checkpoint request, of at most {@link maxAddCheckpointLength} bytes. The
 * checkpoint's form is checked, nothing is verified: see `openAddCheckpoint`.
 *
 * Never throws; `formatAddCheckpoint` gives the same text back.
 */
export function parseAddCheckpoint(
  input: Uint8Array | string,
): { ok: true; request: AddCheckpointRequest } | AddCheckpointFailure {
  if (input.length > maxAddCheckpointLength) return malformed('the request is too long')
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  if (text === undefined) return malformed('the request is not UTF-8')
  const blank = text.indexOf('\n\n')
  // Where the blank line has to be at the latest bounds what is split.
  if (blank === -1 || blank > maxHeadLength) {
    return malformed(`there is no blank line after the size and at most ${maxHashes} hashes`)
  }
  const [first = '', ...lines] = text.slice(0, blank).split('\n')
  const oldSize = first.startsWith('old ') ? decodeDecimal(first.slice('old '.length)) : undefined
  if (oldSize === undefined) return malformed('line 1 is not "old" and a decimal up to 2^64 - 1')
  const hashes = decodeHashLines(lines, maxHashes)
  if (typeof hashes === 'string') return malformed(hashes)
  const checkpoint = text.slice(blank + 2)
  const read = readSignedCheckpoint(checkpoint)
  if (typeof read === 'string') return malformed(read)
  return { ok: true, request: { oldSize, hashes, checkpoint } }
}

/**
 * The body of an add-checkpoint request, as UTF-8 text.
 *
 * Throws INVALID_REQUEST for what {@link parseAddCheckpoint} would not read back.
 */
export function formatAddCheckpoint(request: AddCheckpointRequest): string {
  const { oldSize, hashes, checkpoint } = request
  const head = [`old ${oldSize}`, ...hashes.map(encodeBase64)].map((line) => `${line}\n`).join('')
  const text = `${head}\n${checkpoint}`
  const parsed = parseAddCheckpoint(encodeUtf8(text))
  if (parsed.ok) return text
  throw new MerkleError(
    'INVALID_REQUEST',
    `this can't be written as an add-checkpoint request: ${parsed.detail}`,
  )
}
