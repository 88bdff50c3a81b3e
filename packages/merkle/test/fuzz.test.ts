/**
 * Mutates the inputs in `corpus/` and gives them to everything that reads what others wrote.
 *
 * `VAULTMESH_FUZZ_SECONDS` is for how long each reader is tried; else it is so many runs as any
 * other property. What is found becomes a file of the corpus.
 */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inflated, mutated } from './fuzz/mutate.ts'
import { targets } from './fuzz/targets.ts'

const corpus = new URL('corpus/', import.meta.url)
const seconds = Number(process.env['VAULTMESH_FUZZ_SECONDS'] ?? 0)
const effort =
  seconds > 0 ? { numRuns: 1_000_000_000, interruptAfterTimeLimit: seconds * 1000 } : {}
const timeout = 60_000 + 2000 * seconds

/** Above what any reader takes, so that its bound shows. */
const large = 1024 * 1024 + 4096

test('every reader has a corpus, and every corpus a reader', () => {
  expect(readdirSync(corpus).sort()).toEqual(targets.map(({ name }) => name).sort())
})

describe.each(targets)('$name', ({ name, accepts }) => {
  const folder = new URL(`${name}/`, corpus)
  const files = readdirSync(folder)
  const seeds = files.map((file) => Uint8Array.from(readFileSync(new URL(file, folder))))

  test('takes its corpus, but for what is to be refused', async () => {
    for (const [i, file] of files.entries()) {
      const isAccepted = await accepts(seeds[i] ?? new Uint8Array())
      expect([file, isAccepted]).toEqual([file, !file.startsWith('refused-')])
    }
  })

  test('refuses a mutation, or gives it back', { timeout }, async () => {
    await fc.assert(
      fc.asyncProperty(mutated(seeds), async (input) => {
        await accepts(input)
      }),
      effort,
    )
  })

  // Work that grows with the square of a mebibyte would not end before the test is stopped.
  test('answers a mebibyte of anything', async () => {
    await fc.assert(
      fc.asyncProperty(inflated(seeds, large), async (input) => {
        await accepts(input)
      }),
      { numRuns: 5 },
    )
  })
})
