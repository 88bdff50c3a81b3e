/** The framing of an OpenPGP packet (RFC 9580 section 4.2). */

const signatureTag = 2

interface BodySpan {
  readonly start: number
  readonly length: number
}

// Section 4.2.1. Partial lengths are for literal data only and are refused.
function newFormatSpan(bytes: Uint8Array): BodySpan | undefined {
  const [, a = 0, b = 0, c = 0, d = 0, e = 0] = bytes
  if (a < 192) return { start: 2, length: a }
  if (a < 224) return { start: 3, length: ((a - 192) << 8) + b + 192 }
  return a === 255 ? { start: 6, length: b * 2 ** 24 + (c << 16) + (d << 8) + e } : undefined
}

// Section 4.2.2: what gpg writes. An indeterminate length would swallow whatever follows.
function oldFormatSpan(bytes: Uint8Array): BodySpan | undefined {
  const [tag = 0, a = 0, b = 0, c = 0, d = 0] = bytes
  switch (tag & 3) {
    case 0:
      return { start: 2, length: a }
    case 1:
      return { start: 3, length: (a << 8) + b }
    case 2:
      return { start: 5, length: a * 2 ** 24 + (b << 16) + (c << 8) + d }
    default:
      return undefined
  }
}

/** The first packet of some bytes. */
export interface Packet {
  readonly tag: number
  readonly body: Uint8Array
  /** Where it ends, and another may begin. */
  readonly end: number
}

/** The packet that the bytes begin with, or undefined where that is none, or not all of one. */
export function firstPacket(bytes: Uint8Array): Packet | undefined {
  const first = bytes[0] ?? 0
  const isNewFormat = (first & 0xc0) === 0xc0
  const isOldFormat = (first & 0xc0) === 0x80
  if (!isNewFormat && !isOldFormat) return undefined
  const tag = isNewFormat ? first & 0x3f : (first >> 2) & 0x0f
  const span = isNewFormat ? newFormatSpan(bytes) : oldFormatSpan(bytes)
  if (span === undefined) return undefined
  const end = span.start + span.length
  return end > bytes.length ? undefined : { tag, body: bytes.subarray(span.start, end), end }
}

/** Whether the bytes are exactly one signature packet: no armor, nothing before or after it. */
export function isOneSignaturePacket(bytes: Uint8Array): boolean {
  const packet = firstPacket(bytes)
  return packet?.tag === signatureTag && packet.body.length > 0 && packet.end === bytes.length
}
