/**
 * The stage: the batch that is being added, as the writer keeps it until the log holds it.
 *
 * It is the text lines
 *
 *     vaultmesh.cloud/tlog-stage/v0
 *     <origin>
 *     <size of the log before the batch>
 *     <base64 of its root>
 *     <number of entries>
 *     <empty line>
 *
 * then the entries as in a tlog-tiles entry bundle, then the 32 bytes of the SHA-256 of all before.
 */
import {
  concatBytes,
  decodeBase64,
  decodeDecimal,
  decodeUtf8,
  encodeBase64,
  encodeUtf8,
  equalBytes,
} from '@vaultmesh/merkle/bytes'
import { hashLength, sha256 } from '@vaultmesh/merkle/rfc6962'
import { decodeEntryBundle, encodeEntryBundle, maxEntryLength } from '@vaultmesh/merkle/tiles'

/** Entries that come next, after a log's first `size` ones. */
export interface Stage {
  readonly origin: string
  readonly size: bigint
  /** The root of the log at `size`: 32 bytes. */
  readonly root: Uint8Array
  /** 1 to {@link maxBatch} entries. */
  readonly entries: readonly Uint8Array[]
}

/** The most entries in one batch: as many as a full entry bundle. */
export const maxBatch = 256

const magic = 'vaultmesh.cloud/tlog-stage/v0'
const maxHeaderLength = 4096

/** The longest a stage can be, in bytes. */
export const maxStageLength: number = maxHeaderLength + maxBatch * (maxEntryLength + 2) + hashLength

/** A stage as bytes. */
export function formatStage(stage: Stage): Uint8Array {
  const { origin, size, root, entries } = stage
  const header = [magic, origin, size, encodeBase64(root), entries.length, '', ''].join('\n')
  const body = concatBytes(encodeUtf8(header), encodeEntryBundle(entries))
  return concatBytes(body, sha256(body))
}

/**
 * Reads a stage. Undefined for an empty file, and for one that was not written to its end.
 *
 * The latter counts as never staged: nothing is signed before the whole stage is on the disk.
 */
export function parseStage(bytes: Uint8Array): Stage | undefined {
  if (bytes.length < hashLength || bytes.length > maxStageLength) return undefined
  const body = bytes.subarray(0, -hashLength)
  if (!equalBytes(sha256(body), bytes.subarray(-hashLength))) return undefined
  const blank = indexOfBlankLine(body)
  const header = decodeUtf8(body.subarray(0, blank)) ?? ''
  const [first, origin = '', decimalSize = '', encodedRoot = '', decimalCount = '', ...rest] =
    header.split('\n')
  const size = decodeDecimal(decimalSize)
  const root = decodeBase64(encodedRoot)
  const count = Number(decodeDecimal(decimalCount) ?? 0n)
  if (first !== magic || origin === '' || rest.length > 0) return undefined
  if (size === undefined || root?.length !== hashLength) return undefined
  if (count < 1 || count > maxBatch) return undefined
  const entries = decodeEntryBundle(body.subarray(blank + 2), count)
  return entries === undefined ? undefined : { origin, size, root, entries }
}

/** Where the first empty line begins, among the bytes that a header can have; 0 where none does. */
function indexOfBlankLine(bytes: Uint8Array): number {
  const end = Math.min(bytes.length, maxHeaderLength)
  for (let i = 0; i + 1 < end; i += 1) if (bytes[i] === 10 && bytes[i + 1] === 10) return i
  return 0
}
