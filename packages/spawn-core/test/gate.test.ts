import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { parse } from 'yaml'
import { encodersFor } from '../src/render/encoders.ts'
import { gate } from '../src/render/gate.ts'

it.each(['payment-service', '@org/team', 'ghcr.io/a/b:1.2', '1.2.3', 'a_b', 7, true])(
  '%s passes bare',
  (value) => {
    expect(gate(value, 'README.md')).toBe(String(value))
  },
)

it.each([
  '',
  'two words',
  '"',
  "'",
  '$x',
  'a;b',
  'a\n',
  '<b>',
  '{{x}}',
  '#',
  'é',
  '-rf',
  '../../etc',
  'a/../b',
  '..',
  1.5,
  Number.NaN,
  null,
  undefined,
  {},
  ['a'],
])('%j is refused bare', (value) => {
  expect(() => gate(value, 'README.md')).toThrow(TypeError)
})

it.each(['no', 'y', 'true', 'null', '123', '1e5', '1:30', '0x10', '2026-01-01', '.5', 'a:', '@a'])(
  '%s is refused in YAML, which would not read it as text',
  (value) => {
    expect(gate(value, 'x.md')).toBe(value)
    expect(() => gate(value, 'x.yaml')).toThrow('YAML would not read it as text')
    expect(() => gate(value, '.github/x.yml')).toThrow(TypeError)
  },
)

it('lets through what an encoder made, and nothing that only looks like it', () => {
  expect(gate(encodersFor('x').json('"; rm -rf'), 'x')).toBe('"\\"; rm -rf"')
  expect(() => gate({ text: '"; rm -rf' }, 'x')).toThrow(TypeError)
})

test('what passes bare into YAML is read as itself', () => {
  const unit = fc.constantFrom(...'abcXYZ0123456789._/@:-')
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 8 }), (value) => {
      let passed: string
      try {
        passed = gate(value, 'x.yaml')
      } catch {
        return
      }
      for (const version of ['1.1', '1.2'] as const) {
        expect(parse(`key: ${passed}\n`, { version })).toEqual({ key: value })
      }
    }),
    { numRuns: 1000 },
  )
})
