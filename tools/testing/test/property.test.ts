import { propertyParameters } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('the seed and run count', () => {
  it('come from the environment', () => {
    expect(propertyParameters({ VAULTMESH_SEED: '-7', VAULTMESH_RUNS: '1000' })).toEqual({
      seed: -7,
      numRuns: 1000,
    })
  })

  it('default to a new seed and 100 runs', () => {
    const { seed, numRuns } = propertyParameters({})
    expect(Number.isInteger(seed)).toBe(true)
    expect(numRuns).toBe(100)
  })

  it('must be whole numbers', () => {
    expect(() => propertyParameters({ VAULTMESH_SEED: '1e400' })).toThrow('VAULTMESH_SEED')
    expect(() => propertyParameters({ VAULTMESH_RUNS: 'many' })).toThrow('VAULTMESH_RUNS')
  })
})

describe('a failing property', () => {
  const fails = (): void =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), (n) => n < 10),
      { seed: 42, numRuns: 100 },
    )

  it("prints seed, path and how to rerun (in 'quotes')", () => {
    let message = ''
    try {
      fails()
    } catch (error) {
      message = String(error)
    }
    expect(message).toContain('Counterexample: [10]')
    expect(message).toMatch(/^seed: 42 {2}path: [\d:]+$/m)
    expect(message).toContain(
      'rerun: VAULTMESH_SEED=42 VAULTMESH_RUNS=100 npx -y pnpm@12 test' +
        " tools/testing/test/property.test.ts -t 'a failing property > prints seed, path and how to" +
        " rerun \\(in '\\''quotes'\\''\\)'",
    )
    expect(message).toMatch(/or give this property \{ seed: 42, path: '[\d:]+' \}/)
  })

  it('does so when it is asynchronous', async () => {
    const property = fc.asyncProperty(fc.integer(), async () => {
      throw new Error('always')
    })
    await expect(fc.assert(property, { seed: 1 })).rejects.toThrow('rerun: VAULTMESH_SEED=1 ')
  })

  it('fails the same way with the same seed', () => {
    const path = (): string => {
      try {
        fails()
      } catch (error) {
        return /path: ([\d:]+)/.exec(String(error))?.[1] ?? ''
      }
      return ''
    }
    expect(path()).not.toBe('')
    expect(path()).toBe(path())
  })
})

it('a property that holds is silent', async () => {
  fc.assert(fc.property(fc.integer(), () => true))
  await fc.assert(fc.asyncProperty(fc.integer(), async () => true))
})
