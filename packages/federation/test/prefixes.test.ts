import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import type { TreeHead } from '@vaultmesh/merkle/tiles'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PrefixForest } from '../src/evidence/prefixes.ts'

/** A tree's history, a letter for each leaf: `aab` is a prefix of `aabb`, and of nothing else. */
function treeOf(history: string): TreeHead {
  return { size: BigInt(history.length), root: sha256(encodeUtf8(history)) }
}

type Fact = readonly [part: string, whole: string]

/** What follows from facts, by their definition and as slowly as can be. */
function closure(facts: readonly Fact[]): Set<string> {
  const known = new Set(facts.map(([part, whole]) => `${part} ${whole}`))
  const histories = [...new Set(facts.flat())]
  const isPart = (part: string, whole: string): boolean => known.has(`${part} ${whole}`)
  for (let before = -1; before < known.size; ) {
    before = known.size
    for (const a of histories) {
      for (const b of histories) {
        for (const c of histories) {
          if (isPart(a, b) && isPart(b, c)) known.add(`${a} ${c}`)
          if (isPart(a, c) && isPart(b, c) && a.length < b.length) known.add(`${a} ${b}`)
        }
      }
    }
  }
  return known
}

const facts = fc
  .array(
    fc.tuple(fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 2, maxLength: 7 }), fc.nat()),
  )
  .map((wholes) =>
    wholes.map(([whole, cut]): Fact => [whole.slice(0, 1 + (cut % (whole.length - 1))), whole]),
  )

test('all that follows from proven prefixes is known, in whatever order they come', () =>
  fc.assert(
    fc.property(facts, fc.infiniteStream(fc.nat()), (given, picks) => {
      const expected = closure(given)
      const shuffled = given
        .map((fact) => ({ fact, at: picks.next().value }))
        .toSorted((a, b) => a.at - b.at)
      const forest = new PrefixForest()
      for (const { fact } of shuffled) forest.add(treeOf(fact[0]), treeOf(fact[1]))
      for (const whole of new Set(given.flat())) {
        const found = [...forest.prefixesOf(treeOf(whole)).values()].map(({ size }) => Number(size))
        const parts = [...expected]
          .map((fact) => fact.split(' '))
          .filter(([, of]) => of === whole)
          .map(([part]) => part?.length ?? 0)
        const sizes = [0, ...parts, whole.length].toSorted((a, b) => a - b)
        expect(found.toSorted((a, b) => a - b)).toEqual(sizes)
      }
    }),
  ))
