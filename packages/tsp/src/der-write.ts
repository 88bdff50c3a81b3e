/** Writes DER (ITU-T X.690 section 10). */
import { type Bytes, concatBytes, trimNumber } from './bytes.ts'
import { contextTag, derLimits, tags } from './der.ts'
import { compareBytes } from './der-read.ts'
import { TspError } from './errors.ts'

function writeLength(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  const bytes = trimNumber(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length))
  return Uint8Array.of(0x80 | bytes.length, ...bytes)
}

/** One element: `tag` is the identifier octet, the parts are its content. */
export function writeElement(tag: number, ...parts: readonly Uint8Array[]): Bytes {
  const content = concatBytes(...parts)
  return concatBytes(Uint8Array.of(tag), writeLength(content.length), content)
}

/** A SEQUENCE of encoded elements. */
export function writeSequence(...elements: readonly Uint8Array[]): Bytes {
  return writeElement(tags.sequence, ...elements)
}

/** A SET OF, or with another tag an IMPLICIT one; sorted as DER asks (X.690 section 11.6). */
export function writeSetOf(elements: readonly Uint8Array[], tag: number = tags.set): Bytes {
  return writeElement(tag, ...[...elements].sort(compareBytes))
}

/** An element in an EXPLICIT tag `[number]`. */
export function writeExplicit(number: number, element: Uint8Array): Bytes {
  return writeElement(contextTag(number), element)
}

/** An INTEGER that is not negative: a number up to 2^31 - 1, or unsigned big-endian bytes. */
export function writeInteger(value: number | Uint8Array): Bytes {
  const bytes =
    typeof value === 'number'
      ? Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
      : value
  const trimmed = trimNumber(bytes)
  const needsZero = (trimmed[0] ?? 0x80) >= 0x80
  return writeElement(tags.integer, ...(needsZero ? [Uint8Array.of(0)] : []), trimmed)
}

/** A BOOLEAN. */
export function writeBoolean(value: boolean): Bytes {
  return writeElement(tags.boolean, Uint8Array.of(value ? 0xff : 0))
}

/** An OCTET STRING. */
export function writeOctets(bytes: Uint8Array): Bytes {
  return writeElement(tags.octetString, bytes)
}

/** A BIT STRING of whole bytes. */
export function writeBitBytes(bytes: Uint8Array): Bytes {
  return writeElement(tags.bitString, Uint8Array.of(0), bytes)
}

/** A BIT STRING with exactly one named bit set, without trailing zeros (X.690 section 11.2.2). */
export function writeNamedBit(number: number): Bytes {
  const bits = new Uint8Array((number >>> 3) + 1)
  bits[bits.length - 1] = 0x80 >> (number & 7)
  return writeElement(tags.bitString, Uint8Array.of(7 - (number & 7)), bits)
}

/** A UTF8String. */
export function writeUtf8(text: string): Bytes {
  return writeElement(tags.utf8String, new TextEncoder().encode(text))
}

/** A string of ASCII characters under `tag`, such as a time. */
export function writeAscii(tag: number, text: string): Bytes {
  return writeElement(tag, new TextEncoder().encode(text))
}

function writeOidNumber(value: bigint): number[] {
  const bytes = [Number(value & 0x7fn)]
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) bytes.unshift(Number(rest & 0x7fn) | 0x80)
  return bytes
}

/** An OBJECT IDENTIFIER from its dotted form. Throws {@link TspError} `INVALID_OID`. */
export function writeOid(dotted: string): Bytes {
  const isDotted = dotted.length <= 256 && /^[0-2](\.(0|[1-9][0-9]*))+$/.test(dotted)
  const [root = 0n, second = 0n, ...others] = isDotted ? dotted.split('.').map(BigInt) : []
  const content = [root * 40n + second, ...others].flatMap(writeOidNumber)
  if (!isDotted || (root < 2n && second >= 40n) || content.length > derLimits.oidBytes) {
    throw new TspError('INVALID_OID', `"${dotted}" is no OID; write it as numbers: 1.3.6.1.4.1.1`)
  }
  return writeElement(tags.oid, Uint8Array.from(content))
}
