/** Small helpers on bytes. */

/** Bytes in memory of their own: what WebCrypto takes, and what nobody else can change meanwhile. */
export type Bytes = Uint8Array<ArrayBuffer>

/** The parts, one after the other. */
export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** Whether both hold the same bytes. Not constant in time: nothing compared here is secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  // A loop: certificates are compared often, and `every` takes ten times as long.
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false
  return true
}

/** Lower case hex. */
export function encodeHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** An unsigned big-endian number without its leading zeros; zero is no byte at all. */
export function trimNumber(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0)
  return bytes.subarray(start === -1 ? bytes.length : start)
}
