import fc from 'fast-check'
import { expect, it } from 'vitest'
import { suggest } from '../src/suggest.ts'

const names = ['init', 'doctor', 'demo', 'memory', 'spawn', 'verify', 'no-passphrase']

it.each([
  ['inti', 'init'],
  ['memroy', 'memory'],
  ['spwan', 'spawn'],
  ['verfiy', 'verify'],
  ['doc', 'doctor'],
  ['no-pasphrase', 'no-passphrase'],
])('takes %s for %s', (typed, meant) => {
  expect(suggest(typed, names)).toBe(meant)
})

it.each(['', 'x', 'kubernetes', 'a'.repeat(10_000)])('has no idea what %s means', (typed) => {
  expect(suggest(typed, names)).toBeUndefined()
})

it('gives a name back for itself', () => {
  fc.assert(
    fc.property(fc.constantFrom(...names), (name) => {
      expect(suggest(name, names)).toBe(name)
    }),
  )
})
