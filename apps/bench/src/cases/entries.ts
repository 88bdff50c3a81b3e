/** Inputs that are the same in every run and for every variant. */
import { createCipheriv } from 'node:crypto'

/** `length` bytes that look random: AES-128-CTR over zeros, with a fixed key. */
export function fixedBytes(length: number, label = 0): Uint8Array {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16, label))
  const bytes = new Uint8Array(length)
  // A cipher takes less than 2^31 bytes at once.
  const part = new Uint8Array(Math.min(length, 2 ** 24))
  for (let at = 0; at < length; at += part.length) {
    bytes.set(cipher.update(part.subarray(0, Math.min(part.length, length - at))), at)
  }
  return bytes
}

/** `count` different entries of `length` bytes each, views of one piece of memory. */
export function fixedEntries(count: number, length: number, label = 0): Uint8Array[] {
  const bytes = fixedBytes(count * length, label)
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * length, (i + 1) * length))
}
