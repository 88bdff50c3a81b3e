/** Entry bundles: entries one after the other, each behind its length (tlog-tiles, "Log entries"). */
import { concatBytes } from '../bytes.ts'
import { MerkleError } from '../errors.ts'

/** The longest entry that a bundle can hold, in bytes. */
export const maxEntryLength = 0xffff

/**
 * A bundle of `entries`, in order.
 *
 * Throws ENTRY_TOO_LARGE where an entry is above {@link maxEntryLength} bytes.
 */
export function encodeEntryBundle(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concatBytes(
    ...entries.flatMap((entry, i) => {
      if (entry.length > maxEntryLength) {
        throw new MerkleError(
          'ENTRY_TOO_LARGE',
          `entry ${i} has ${entry.length} bytes; a log holds at most ${maxEntryLength} per entry`,
        )
      }
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry]
    }),
  )
}

/** The `count` entries of a bundle, or undefined where it holds more, fewer, or a part of one. */
export function decodeEntryBundle(bytes: Uint8Array, count: number): Uint8Array[] | undefined {
  return viewEntryBundle(bytes, count)?.map((entry) => new Uint8Array(entry))
}

/** As {@link decodeEntryBundle}, without copying: the entries are views of `bytes`. */
export function viewEntryBundle(bytes: Uint8Array, count: number): Uint8Array[] | undefined {
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    const high = bytes[at]
    const low = bytes[at + 1]
    if (high === undefined || low === undefined || entries.length === count) return undefined
    const end = at + 2 + ((high << 8) | low)
    if (end > bytes.length) return undefined
    entries.push(bytes.subarray(at + 2, end))
    at = end
  }
  return entries.length === count ? entries : undefined
}
