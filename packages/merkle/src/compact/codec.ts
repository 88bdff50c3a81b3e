/** A compact range as bytes: begin and end, 8 bytes each, big-endian; then its hashes, in order. */
import { concatBytes } from '../bytes.ts'
import { rangeNodes } from '../range.ts'
import { type Hasher, hashLength, sha256Hasher } from '../rfc6962.ts'
import { CompactRange } from './compact-range.ts'

const headLength = 16

/** The bytes of a range: 16, and 32 for each of its at most 126 hashes. */
export function encodeCompactRange(range: CompactRange): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(headLength)
  const view = new DataView(head.buffer)
  view.setBigUint64(0, range.begin)
  view.setBigUint64(8, range.end)
  return concatBytes(head, ...range.hashes)
}

/**
 * The range of {@link encodeCompactRange}, or undefined for any other bytes.
 *
 * Begin and end say how many hashes there must be. The hashes themselves can't be checked here: a
 * range from an untrusted place is worth no more than a root that it was compared with.
 */
export function decodeCompactRange(
  bytes: Uint8Array,
  hasher: Hasher = sha256Hasher,
): CompactRange | undefined {
  if (bytes.length < headLength) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const begin = view.getBigUint64(0)
  const end = view.getBigUint64(8)
  if (begin > end) return undefined
  const count = rangeNodes(begin, end).length
  if (bytes.length !== headLength + count * hashLength) return undefined
  const hashes = Array.from({ length: count }, (_, i) => {
    const at = headLength + i * hashLength
    return bytes.slice(at, at + hashLength)
  })
  return CompactRange.between(begin, end, hashes, hasher)
}
