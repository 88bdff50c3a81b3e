/** Bytes and their text encodings. Every decoder takes one spelling only, so that it round-trips. */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** What each ASCII character stands for; 255 for those outside the alphabet. */
const sextets = new Uint8Array(128).fill(255)
for (const [value, character] of [...alphabet].entries()) sextets[character.charCodeAt(0)] = value
const paddingCode = '='.charCodeAt(0)

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const encoder = new TextEncoder()
// A byte order mark is data: dropping it would let two byte strings mean the same text.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The largest tree size and index: the formats hold them in 64 bits. */
export const maxUint64: bigint = 0xffff_ffff_ffff_ffffn

/** The parts, one after the other, in a new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** Whether two byte strings are the same. Not constant-time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  // Whole logs are compared: a callback for each byte would take longer than hashing them.
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false
  return true
}

/** RFC 4648 section 4: the standard alphabet, padded. */
export function encodeBase64(bytes: Uint8Array): string {
  const padding = (3 - (bytes.length % 3)) % 3
  const digits = new Uint8Array(((bytes.length + padding) / 3) * 4)
  let at = 0
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    for (let shift = 18; shift >= 0; shift -= 6) {
      digits[at] = alphabet.charCodeAt((group >> shift) & 63)
      at += 1
    }
  }
  return decoder.decode(digits.fill(paddingCode, digits.length - padding))
}

/**
 * The bytes of RFC 4648 section 4 base64, or undefined where `text` is not exactly what
 * {@link encodeBase64} writes: no missing padding, white space, or stray bits.
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0) return undefined
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const digits = text.length - padding
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < digits; i += 1) {
    const value = sextets[text.charCodeAt(i)] ?? 255
    if (value === 255) return undefined
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at] = held >> bits
      at += 1
    }
  }
  return (held & ((1 << bits) - 1)) === 0 ? bytes : undefined
}

/** Lower-case hex, two digits a byte. */
export function encodeHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexPairs[byte] ?? ''
  return text
}

/** The bytes of lower-case hex, or undefined for anything else. */
export function decodeHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  )
}

/** UTF-8. A lone surrogate becomes U+FFFD; callers that sign text check `isWellFormed` first. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/** The text of valid UTF-8 (a byte order mark is kept), or undefined. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/** A decimal without sign or leading zero, up to 2^64 - 1, as logs write sizes and indexes. */
export function decodeDecimal(text: string): bigint | undefined {
  if (!/^(0|[1-9][0-9]{0,19})$/.test(text)) return undefined
  const value = BigInt(text)
  return value <= maxUint64 ? value : undefined
}

/** Whether a size or index fits the 64 bits that the formats give it. */
export function isUint64(value: bigint): boolean {
  return value >= 0n && value <= maxUint64
}
