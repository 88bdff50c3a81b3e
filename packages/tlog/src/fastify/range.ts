/** The Range header (RFC 9110 section 14.2), one range of bytes at most. */

/** A part of a file: from byte `first` up to and including `last`. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/**
 * The range that a header asks for of a file of `length` bytes; undefined where the whole file is
 * to be given: for no header, another unit, something malformed, or several ranges, which cost more
 * than they spare. `unsatisfiable` where the range begins behind the end.
 */
export function parseRange(
  header: string | undefined,
  length: number,
): ByteRange | 'unsatisfiable' | undefined {
  const groups = /^bytes=(?<first>[0-9]{0,15})-(?<last>[0-9]{0,15})$/.exec(header ?? '')?.groups
  if (groups === undefined) return undefined
  const { first = '', last = '' } = groups
  if (first === '') {
    if (last === '') return undefined
    const count = Math.min(Number(last), length)
    return count === 0 ? 'unsatisfiable' : { first: length - count, last: length - 1 }
  }
  const begin = Number(first)
  const end = last === '' ? length - 1 : Math.min(Number(last), length - 1)
  if (last !== '' && Number(last) < begin) return undefined
  return begin >= length ? 'unsatisfiable' : { first: begin, last: end }
}
