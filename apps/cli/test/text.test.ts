import fc from 'fast-check'
import { expect, it } from 'vitest'
import { indented, printable, table, toned } from '../src/text.ts'

it('leaves ordinary text alone, whatever the script', () => {
  expect(printable('Grüße, 世界 👋 — ok')).toBe('Grüße, 世界 👋 — ok')
})

it('lets no control, line separator or bidirectional control through', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
    }),
  )
})

it('knows every character that could reorder or break what is read', () => {
  const codes = [
    0x00, 0x07, 0x0a, 0x0d, 0x1b, 0x7f, 0x85, 0x9b, 0x61c, 0x200e, 0x200f, 0x2028, 0x2029,
  ]
  for (let code = 0x202a; code <= 0x202e; code++) codes.push(code)
  for (let code = 0x2066; code <= 0x2069; code++) codes.push(code)
  for (const code of codes) expect(printable(String.fromCharCode(code))).toBe('\ufffd')
  expect(printable('\t')).toBe(' ')
})

it('indents every line of a text from outside', () => {
  expect(indented('one\r\ntwo\n', '  ')).toEqual(['  one', '  two'])
})

it('puts values in one column', () => {
  expect(
    table([
      ['a', '1'],
      ['long', '2'],
    ]),
  ).toEqual([
    ['', toned('dim', 'a   '), '  ', '1'],
    ['', toned('dim', 'long'), '  ', '2'],
  ])
})
