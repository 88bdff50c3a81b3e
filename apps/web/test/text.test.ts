import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { longestShown, reveal, sizeInWords } from '../src/page/reveal.ts'

const shown = (text: string, lines = false): string =>
  reveal(text, { lines })
    .map((piece) => (piece.kind === 'text' ? piece.text : `[${piece.name}]`))
    .join('')

describe('foreign text', () => {
  it.each([
    ['a right-to-left override', 'a\u202eb', 'a[U+202E]b'],
    ['an isolate and its end', '\u2066x\u2069', '[U+2066]x[U+2069]'],
    [
      'control characters',
      'a\u0000\u001b[31m\u007f\u0085',
      'a[U+0000][U+001B][31m[U+007F][U+0085]',
    ],
    ['what has no width', 'a\u200b\u00ad\ufeffb', 'a[U+200B][U+00AD][U+FEFF]b'],
    [
      'what is blank',
      'a\u3164\u2800\u115f\u034f\ufe0fb',
      'a[U+3164][U+2800][U+115F][U+034F][U+FE0F]b',
    ],
    ['tags, which are beyond 16 bits', 'a\u{e0041}', 'a[U+E0041]'],
    ['a lone surrogate', 'a\ud800b', 'a[U+D800]b'],
    ['other line ends', 'a\u2028b\u2029c\nd', 'a[U+2028]b[U+2029]c[U+000A]d'],
    ['nothing', '', ''],
    ['what needs nothing', 'Für Ωmega, 你好 😀', 'Für Ωmega, 你好 😀'],
  ])('has %s spelled out', (_what, text, expected) => {
    expect(shown(text)).toBe(expected)
  })

  it('keeps its lines where it is a text of several', () => {
    expect(shown('a\n\tb\r', true)).toBe('a\n\tb[U+000D]')
  })

  it('is cut, and says how much is gone', () => {
    expect(shown('x'.repeat(longestShown + 7))).toMatch(/x … \(7 more\)$/)
  })

  it('loses nothing that can be seen, and never shows what can not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const visible = reveal(text).flatMap((piece) => (piece.kind === 'text' ? piece.text : []))
        expect(visible.join('')).toBe(
          text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu, ''),
        )
      }),
    )
  })
})

it('sizes are in words', () => {
  expect([999, 1000, 999_949, 4_194_304].map(sizeInWords)).toEqual([
    '999 bytes',
    '1.0 kB',
    '999.9 kB',
    '4.2 MB',
  ])
})
