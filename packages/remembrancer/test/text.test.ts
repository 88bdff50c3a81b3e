import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { attempt } from '../src/formats/reading.ts'
import {
  base64Of16Pattern,
  base64Of32Pattern,
  formatTime,
  isLabel,
  isPlainText,
  parseTime,
  readBase64,
  readDecimal,
  showable,
} from '../src/formats/text.ts'

describe('times', () => {
  test.each([
    '2026-11-23T10:00:00Z',
    '2026-11-23T10:00:00.123Z',
    '2026-11-23T10:00:00.000Z',
    '1970-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
    '2028-02-29T00:00:00Z',
  ])('takes %s', (text) => {
    expect(parseTime(text)?.getTime()).toBe(Date.parse(text))
  })

  test.each([
    '2026-11-23T10:00:00.1Z',
    '2026-11-23T10:00:00.123456Z',
    '2026-11-23T10:00:00+00:00',
    '2026-11-23t10:00:00z',
    '2026-11-23 10:00:00Z',
    '2026-11-23T10:00Z',
    '2026-02-29T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T23:60:00Z',
    '2026-12-31T23:59:60Z',
    '1969-12-31T23:59:59Z',
    '+02026-01-01T00:00:00Z',
    '٢٠٢٦-11-23T10:00:00Z',
    '',
  ])('refuses %s', (text) => {
    expect(parseTime(text)).toBeUndefined()
  })

  it('reads back what it writes', () => {
    const dates = fc.date({
      min: new Date('1970-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(dates, (time) => {
        expect(parseTime(formatTime(time))).toEqual(time)
      }),
    )
  })
})

describe('labels and text', () => {
  test.each(['a', 'payments', 'a-b', '0', 'a'.repeat(63)])('takes the label %s', (label) => {
    expect(isLabel(label)).toBe(true)
  })

  test.each(['', '-a', 'a-', 'A', 'a.b', 'ä', 'a\n', 'a'.repeat(64)])(
    'refuses the label %j',
    (label) => {
      expect(isLabel(label)).toBe(false)
    },
  )

  test.each([
    '\u0000',
    '\n',
    '\u001b[31m',
    '\u007f',
    '\u009f',
    '\u061c',
    '\u200e',
    '\u200f',
    '\u202a',
    '\u202e',
    '\u2066',
    '\u2069',
    '\ud800',
  ])('refuses text with %j', (character) => {
    expect(isPlainText(`a${character}b`)).toBe(false)
  })

  it('is shown spelled out, and not without end', () => {
    expect(showable('a\u001bb\ud800')).toBe('a\\u{1b}b\ufffd')
    expect(showable('a'.repeat(400))).toBe('a'.repeat(400))
    expect(showable('a'.repeat(500_000))).toBe(`${'a'.repeat(400)}…`)
    expect(showable(`${'a'.repeat(396)}\u001b`)).toBe(`${'a'.repeat(396)}…`)
  })

  it('takes any other writing', () => {
    expect(isPlainText('Größe 決定 🚀 עברית \u00a0 \u200d')).toBe(true)
  })
})

describe('base64', () => {
  it('takes one spelling only', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = attempt(() => readBase64(text, 'b'))
        expect(!read.ok || encodeBase64(read.value)).toBe(!read.ok || text)
      }),
    )
    const wrong = ['AB==', 'AA', 'AA=', 'AAAA\n', ' AAAA', 'AA-_', 'A===', '', 7, null]
    for (const text of wrong) {
      expect(attempt(() => readBase64(text, 'b')).ok, String(text)).toBe(false)
    }
  })

  test.each([
    [16, base64Of16Pattern],
    [32, base64Of32Pattern],
  ])('has a pattern for exactly %i bytes', (length, pattern) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: length, maxLength: length }), (bytes) => {
        const text = encodeBase64(bytes)
        expect(text).toMatch(new RegExp(pattern, 'u'))
        expect(encodeBase64(bytes.subarray(1))).not.toMatch(new RegExp(pattern, 'u'))
      }),
    )
    expect('A'.repeat(length === 16 ? 21 : 42).concat('B==')).not.toMatch(new RegExp(pattern, 'u'))
  })
})

test('a size is a decimal of at most 2^64 - 1', () => {
  expect(attempt(() => readDecimal('18446744073709551615', 's'))).toEqual({
    ok: true,
    value: 2n ** 64n - 1n,
  })
  for (const text of ['18446744073709551616', '01', '-1', '+1', '1.0', '0x1', '', ' 1', 1]) {
    expect(attempt(() => readDecimal(text, 's')).ok, String(text)).toBe(false)
  }
})

test('a defect inside a reader is not taken for a refusal', () => {
  const defect = () => {
    throw new RangeError('a defect')
  }
  expect(() => attempt(defect)).toThrow('a defect')
})
