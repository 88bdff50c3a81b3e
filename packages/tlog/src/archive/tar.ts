/**
 * The little of POSIX tar (ustar) that an exported log uses: plain files, one header block each,
 * with nothing in it but a name and a length. One log has one archive, byte for byte.
 */
import { concatBytes, decodeUtf8, encodeUtf8, equalBytes } from '@vaultmesh/merkle/bytes'

/** Headers and contents begin at multiples of this, in bytes. */
export const blockLength = 512

/** The two empty blocks at the end. */
export const tarEnd: Uint8Array = new Uint8Array(2 * blockLength)

const nameLength = 100
const sizeAt = 124
const sizeDigits = 11
const checksumAt = 148
const magicAt = 257

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

/** The header of a file of `size` bytes. `name` is ASCII of at most 100 characters. */
export function tarHeader(name: string, size: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(blockLength)
  const put = (at: number, text: string): void => header.set(encodeUtf8(text), at)
  put(0, name)
  put(100, `${octal(0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`)
  put(sizeAt, `${octal(size, sizeDigits)}\0${octal(0, 11)}\0`)
  // The sum of all bytes, with spaces in its own place.
  put(checksumAt, '        0')
  put(magicAt, 'ustar\u000000')
  const sum = header.reduce((total, byte) => total + byte, 0)
  put(checksumAt, `${octal(sum, 6)}\0 `)
  return header
}

/** A member's header, read. */
export interface TarMember {
  readonly name: string
  /** Bytes, at most 8 GiB. */
  readonly size: number
}

/** What a header block says, or undefined for any block that {@link tarHeader} would not write. */
export function parseTarHeader(block: Uint8Array): TarMember | undefined {
  const end = block.subarray(0, nameLength).indexOf(0)
  const name = decodeUtf8(block.subarray(0, end === -1 ? nameLength : end))
  const digits = decodeUtf8(block.subarray(sizeAt, sizeAt + sizeDigits))
  if (name === undefined || !/^[!-~]+$/.test(name) || !/^[0-7]{11}$/.test(digits ?? '')) {
    return undefined
  }
  const size = Number.parseInt(digits ?? '', 8)
  return equalBytes(tarHeader(name, size), block) ? { name, size } : undefined
}

/** A file as it stands in an archive, padded. */
export function tarFile(name: string, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes(tarHeader(name, bytes.length), bytes, new Uint8Array(padding(bytes.length)))
}

/** How many empty bytes follow `size` bytes of content. */
export function padding(size: number): number {
  return (blockLength - (size % blockLength)) % blockLength
}
