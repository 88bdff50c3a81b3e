import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  concatBytes,
  decodeBase64,
  decodeDecimal,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeHex,
  encodeUtf8,
  equalBytes,
  isUint64,
  maxUint64,
} from '../src/bytes.ts'

const bytes = fc.uint8Array({ maxLength: 70 })

describe('base64', () => {
  test('is what Node writes, and comes back', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        const text = encodeBase64(data)
        expect(text).toBe(Buffer.from(data).toString('base64'))
        expect(decodeBase64(text)).toEqual(data)
      }),
    )
  })

  test('has one spelling', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ maxLength: 12 }), fc.base64String({ maxLength: 12 })),
        (text) => {
          const data = decodeBase64(text)
          if (data !== undefined) expect(encodeBase64(data)).toBe(text)
        },
      ),
    )
  })

  test.each(['Zg', 'Zg=', 'Zh==', 'Zm9=', 'Zm9v\n', 'Z===', '====', 'Zm9v====', 'Zm-_', 'Zmé='])(
    'refuses %j',
    (text) => {
      expect(decodeBase64(text)).toBeUndefined()
    },
  )
})

test('hex is lower case and comes back', () => {
  fc.assert(
    fc.property(bytes, (data) => {
      expect(encodeHex(data)).toBe(Buffer.from(data).toString('hex'))
      expect(decodeHex(encodeHex(data))).toEqual(data)
    }),
  )
  for (const text of ['0', '0G', 'AB', '0x', ' 0']) expect(decodeHex(text)).toBeUndefined()
})

test('UTF-8 is refused when it is invalid and keeps a byte order mark', () => {
  expect(decodeUtf8(Uint8Array.of(0xff))).toBeUndefined()
  expect(decodeUtf8(Uint8Array.of(0xc0, 0x80))).toBeUndefined()
  expect(decodeUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined()
  expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
  expect(encodeUtf8('é')).toEqual(Uint8Array.of(0xc3, 0xa9))
})

test('bytes are joined and compared', () => {
  expect(concatBytes(Uint8Array.of(1), new Uint8Array(), Uint8Array.of(2, 3))).toEqual(
    Uint8Array.of(1, 2, 3),
  )
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true)
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false)
  expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false)
})

test('decimals are 64 bits without a leading zero', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: maxUint64 }), (value) => {
      expect(decodeDecimal(`${value}`)).toBe(value)
    }),
  )
  const wrong = ['', '00', '01', '-1', '+1', '1.0', '1e3', ' 1', '1\n', '٣', `${maxUint64 + 1n}`]
  for (const text of wrong) expect(decodeDecimal(text)).toBeUndefined()
  expect(isUint64(-1n)).toBe(false)
  expect(isUint64(maxUint64 + 1n)).toBe(false)
})
