/** Inputs made of real ones by a few edits, as a fuzzer without feedback makes them. */
import fc from 'fast-check'
import { concatBytes, encodeBase64, encodeUtf8 } from '../../src/bytes.ts'

/** What the formats are made of, and what parsers stumble over. */
const pieces: readonly Uint8Array[] = [
  ...[
    ...['\n', '\n\n', ' ', '\t', '\r\n', '\0', '\u007f', '\u0085', '\u2028', '\ufeff', 'é', '😀'],
    ...['0', '00', '-1', '1e3', '18446744073709551615', '18446744073709551616', '9'.repeat(40)],
    ...['=', '==', '+', '/', 'AAAA', 'AQ==', '\u2014 ', '\u2014 a AAAAAAE=\n', '#', 'x000/', '.p/'],
    ...[
      'old ',
      'index ',
      'extra ',
      'log ',
      'witness ',
      'group ',
      'quorum ',
      'all ',
      'any ',
      'none',
    ],
    ...['"', '{', '[]', ',', '\\u0000', 'null'],
  ].map(encodeUtf8),
  // No UTF-8: a lone surrogate, an overlong form, and a byte that never stands in it.
  Uint8Array.of(0xed, 0xa0, 0x80),
  Uint8Array.of(0xc0, 0xaf),
  Uint8Array.of(0xff),
]

/** `bytes` with `count` of them, from `at` on, replaced. */
function replaced(
  bytes: Uint8Array,
  at: number,
  count: number,
  piece: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return concatBytes(bytes.subarray(0, at), piece, bytes.subarray(at + count))
}

type Edit = (bytes: Uint8Array) => Uint8Array

/** Where something happens: taken modulo the length, so that it fits whatever came before. */
const place = fc.nat(0xffff)
const length = fc.oneof(fc.constant(1), fc.nat(3), fc.nat(80))

function edits(seeds: readonly Uint8Array[]): fc.Arbitrary<Edit> {
  const seed = fc.constantFrom(...seeds)
  return fc.oneof(
    fc.tuple(place, fc.nat(7)).map(
      ([at, bit]): Edit =>
        (bytes) => {
          if (bytes.length === 0) return bytes
          const here = at % bytes.length
          return replaced(bytes, here, 1, Uint8Array.of((bytes[here] ?? 0) ^ (1 << bit)))
        },
    ),
    fc.tuple(place, length).map(
      ([at, count]): Edit =>
        (bytes) => {
          return replaced(bytes, at % (bytes.length + 1), count, new Uint8Array())
        },
    ),
    fc.tuple(place, fc.nat(2), fc.constantFrom(...pieces)).map(
      ([at, count, piece]): Edit =>
        (bytes) => {
          return replaced(bytes, at % (bytes.length + 1), count, piece)
        },
    ),
    // A part of this or another input, once more or instead of something.
    fc.tuple(fc.option(seed, { nil: undefined }), place, length, place, length).map(
      ([other, from, taken, at, count]): Edit =>
        (bytes) => {
          const source = other ?? bytes
          const begin = from % (source.length + 1)
          const part = source.subarray(begin, begin + taken)
          return replaced(bytes, at % (bytes.length + 1), count % 2 === 0 ? 0 : count, part)
        },
    ),
    // A whole line, once more or gone.
    fc.tuple(place, fc.boolean()).map(
      ([at, isGone]): Edit =>
        (bytes) => {
          const here = at % (bytes.length + 1)
          const begin = bytes.lastIndexOf(10, here - 1) + 1
          const newline = bytes.indexOf(10, here)
          const end = newline === -1 ? bytes.length : newline + 1
          const line = bytes.subarray(begin, end)
          return replaced(bytes, begin, isGone ? line.length : 0, isGone ? new Uint8Array() : line)
        },
    ),
  )
}

/** Shows an input as it would stand in a corpus; a large one by its length alone. */
function shown(input: Uint8Array): Uint8Array {
  const text = input.length > 8192 ? `${input.length} bytes` : encodeBase64(input)
  return Object.defineProperty(input, fc.toStringMethod, { value: () => text })
}

/** One of `seeds` after up to six edits. */
export function mutated(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(edits(seeds), { maxLength: 6 }))
    .map(([seed, changes]) =>
      shown(changes.reduce<Uint8Array>((bytes, edit) => edit(bytes), Uint8Array.from(seed))),
    )
}

/** One of `seeds` with a short part of it repeated up to `size` bytes. */
export function inflated(seeds: readonly Uint8Array[], size: number): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...seeds), place, fc.integer({ min: 1, max: 60 }))
    .map(([seed, at, taken]) => {
      const begin = seed.length === 0 ? 0 : at % seed.length
      const part = seed.length === 0 ? Uint8Array.of(10) : seed.subarray(begin, begin + taken)
      const room = Math.max(0, size - seed.length)
      const filling = new Uint8Array(room - (room % part.length))
      for (let i = 0; i < filling.length; i += part.length) filling.set(part, i)
      return shown(replaced(seed, begin, 0, filling))
    })
}
