/**
 * A strict reader of DER (ITU-T X.690 section 10), over the bytes as received.
 *
 * Two readers that take the same bytes for different values are how forged tokens pass. So there
 * is one encoding of everything here: definite, minimal lengths, no bytes left over, minimal
 * integers, and what is hashed later are slices of the input, never a value encoded again.
 */
import type { Bytes } from './bytes.ts'

/** The most that is read: of a token, a request, a response or a certificate. */
export const derLimits = { bytes: 65_536, depth: 32, elements: 8_192, oidBytes: 64 } as const

/** Identifier octets (X.690 section 8.1.2). */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** The identifier octet of a context-specific tag `[number]` that holds other elements. */
export function contextTag(number: number): number {
  return 0xa0 | number
}

/** The identifier octet of a context-specific tag `[number]` that holds a value. */
export function contextValueTag(number: number): number {
  return 0x80 | number
}

/** What kind of fault {@link parseDer} found. */
export type DerFault = 'INDEFINITE_LENGTH' | 'NOT_DER' | 'TOO_LARGE'

/** Thrown inside this package for input that is not the expected DER; never leaves it. */
export class DerError extends Error {
  /** `TOO_LARGE` for bytes, depth or elements beyond {@link derLimits}. */
  readonly fault: DerFault

  constructor(message: string, fault: DerFault = 'NOT_DER') {
    super(message)
    this.name = 'DerError'
    this.fault = fault
  }
}

/** A copy of input, so that nobody changes it meanwhile. Throws {@link DerError} if it is too large. */
export function copyInput(bytes: Uint8Array, most: number = derLimits.bytes): Bytes {
  if (bytes.length > most) {
    throw new DerError(`${bytes.length} bytes; at most ${most} are read`, 'TOO_LARGE')
  }
  return new Uint8Array(bytes)
}

/**
 * What a reader gives, or the {@link DerError} that it throws. Any other error is a fault of this
 * package and passes on.
 */
export function tryRead<T>(read: () => T): T | DerError {
  try {
    return read()
  } catch (error) {
    if (error instanceof DerError) return error
    throw error
  }
}

/** One element: identifier, length and content, as received. */
export interface DerElement {
  /** The identifier octet. */
  readonly tag: number
  /** The whole element. */
  readonly raw: Bytes
  /** What follows identifier and length. */
  readonly content: Bytes
  /** The elements inside; empty for a primitive element. */
  readonly children: readonly DerElement[]
}

interface Reader {
  readonly bytes: Bytes
  /** How many more elements may be read. */
  elements: number
}

/**
 * Reads exactly one element, and everything in it, out of {@link copyInput} or a part of it. Throws
 * {@link DerError}.
 */
export function parseDer(bytes: Bytes, elements: number = derLimits.elements): DerElement {
  const element = readElement({ bytes, elements }, 0, bytes.length, 1)
  if (element.raw.length < bytes.length) {
    throw new DerError(`bytes are left over at offset ${element.raw.length}`)
  }
  return element
}

function readElement(reader: Reader, start: number, end: number, depth: number): DerElement {
  reader.elements -= 1
  if (depth > derLimits.depth || reader.elements < 0) {
    throw new DerError(`too deep or too many elements at offset ${start}`, 'TOO_LARGE')
  }
  const tag = byteAt(reader, start, end)
  if ((tag & 0x1f) === 0x1f) throw new DerError(`a tag of several bytes at offset ${start}`)
  const { length, offset } = readLength(reader, start + 1, end)
  const stop = offset + length
  if (stop > end) throw new DerError(`the element at offset ${start} ends after what holds it`)
  const children: DerElement[] = []
  if ((tag & 0x20) !== 0) {
    for (let at = offset; at < stop; ) {
      const child = readElement(reader, at, stop, depth + 1)
      children.push(child)
      at += child.raw.length
    }
  }
  const raw = reader.bytes.subarray(start, stop)
  const element = { tag, raw, content: reader.bytes.subarray(offset, stop), children }
  const problem = universalProblem(element)
  if (problem !== undefined) throw new DerError(`${problem} at offset ${start}`)
  return element
}

function byteAt(reader: Reader, offset: number, end: number): number {
  const byte = offset < end ? reader.bytes[offset] : undefined
  if (byte === undefined) throw new DerError(`an element is cut off at offset ${offset}`)
  return byte
}

function readLength(
  reader: Reader,
  start: number,
  end: number,
): { readonly length: number; readonly offset: number } {
  const first = byteAt(reader, start, end)
  if (first < 0x80) return { length: first, offset: start + 1 }
  if (first === 0x80) {
    throw new DerError(`an indefinite length (BER) at offset ${start}`, 'INDEFINITE_LENGTH')
  }
  const count = first & 0x7f
  // Four bytes hold any length that is read here; more of them can't be minimal.
  if (count > 4) throw new DerError(`a length of ${count} bytes at offset ${start}`)
  let length = 0
  for (let index = 1; index <= count; index += 1) {
    length = length * 256 + byteAt(reader, start + index, end)
  }
  const least = count === 1 ? 0x80 : 256 ** (count - 1)
  if (length < least) throw new DerError(`a length that is not minimal at offset ${start}`)
  return { length, offset: start + 1 + count }
}

/** What is wrong with the content of an element of a universal type, if anything. */
function universalProblem({ tag, content }: DerElement): string | undefined {
  if ((tag & 0xc0) !== 0) return undefined
  if ((tag & 0x20) !== 0) {
    // DER writes strings in one piece (X.690 section 10.2); only these two hold elements.
    return tag === tags.sequence || tag === tags.set ? undefined : 'a string in pieces (BER)'
  }
  switch (tag) {
    case tags.boolean:
      return content.length === 1 && (content[0] === 0 || content[0] === 0xff)
        ? undefined
        : 'a BOOLEAN that is neither 00 nor ff'
    case tags.integer:
    case tags.enumerated:
      return integerProblem(content)
    case tags.bitString:
      return bitStringProblem(content)
    case tags.null:
      return content.length === 0 ? undefined : 'a NULL with content'
    case tags.oid:
      return oidProblem(content)
    case 0x00:
    case 0x10:
    case 0x11:
      return `a tag ${tag} that holds a value`
    default:
      return undefined
  }
}

function integerProblem(content: Uint8Array): string | undefined {
  const [first = 0, second = 0] = content
  if (content.length === 0) return 'an INTEGER without content'
  if (content.length === 1) return undefined
  const isPadded = (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80)
  return isPadded ? 'an INTEGER that is not minimal' : undefined
}

function bitStringProblem(content: Uint8Array): string | undefined {
  const unused = content[0]
  if (unused === undefined || unused > 7) return 'a BIT STRING with a wrong count of unused bits'
  const last = content.length === 1 ? 0xff : (content[content.length - 1] ?? 0)
  return (last & ((1 << unused) - 1)) === 0
    ? undefined
    : 'a BIT STRING with unused bits that are set'
}

function oidProblem(content: Uint8Array): string | undefined {
  if (content.length === 0 || content.length > derLimits.oidBytes) {
    return `an OBJECT IDENTIFIER of ${content.length} bytes`
  }
  let startsNumber = true
  for (const byte of content) {
    if (startsNumber && byte === 0x80) return 'an OBJECT IDENTIFIER that is not minimal'
    startsNumber = byte < 0x80
  }
  return startsNumber ? undefined : 'an OBJECT IDENTIFIER that is cut off'
}
