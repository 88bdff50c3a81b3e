import { concatBytes } from '@vaultmesh/merkle/bytes'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatStage, maxStageLength, parseStage, type Stage } from '../src/stage.ts'
import { bytesOf, origin } from './support/logs.ts'

const stages: fc.Arbitrary<Stage> = fc.record({
  origin: fc.constantFrom(origin, 'ä.example/log'),
  size: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  entries: fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), {
    minLength: 1,
    maxLength: 256,
  }),
})

describe('a stage', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(stages, (stage) => {
        expect(parseStage(formatStage(stage))).toEqual(stage)
      }),
    )
  })

  it('counts as not there where it was not written to its end', () => {
    fc.assert(
      fc.property(stages, fc.nat(), (stage, cut) => {
        const bytes = formatStage(stage)
        expect(parseStage(bytes.subarray(0, cut % bytes.length))).toBeUndefined()
      }),
    )
  })

  it('counts as not there where any byte of it is wrong', () => {
    fc.assert(
      fc.property(stages, fc.nat(), fc.integer({ min: 1, max: 255 }), (stage, at, by) => {
        const bytes = formatStage(stage)
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ by
        expect(parseStage(bytes)).toBeUndefined()
      }),
    )
  })

  it.each([
    ['no entries', { entries: [] }],
    ['too many entries', { entries: Array.from({ length: 257 }, () => bytesOf('x')) }],
    ['a root of another length', { root: new Uint8Array(31) }],
    ['a size beyond 64 bits', { size: 2n ** 64n }],
    ['no origin', { origin: '' }],
    ['an origin of two lines', { origin: 'a\nb' }],
  ])('has not %s', (_, change) => {
    const sound = { origin, size: 1n, root: new Uint8Array(32), entries: [bytesOf('x')] }
    expect(parseStage(formatStage(sound))).toEqual(sound)
    expect(parseStage(formatStage({ ...sound, ...change }))).toBeUndefined()
  })

  it('has an empty line after its header', () => {
    const body = bytesOf('no empty line')
    expect(parseStage(concatBytes(body, sha256(body)))).toBeUndefined()
  })

  it('is bounded', () => {
    expect(parseStage(new Uint8Array(maxStageLength + 1))).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parseStage(bytes)).toBeUndefined()
      }),
    )
  })
})
