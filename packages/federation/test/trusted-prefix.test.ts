import { equalBytes } from '@vaultmesh/merkle/bytes'
import type { TlogPolicy } from '@vaultmesh/merkle/policy'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Evidence, evidenceOf, joinEvidence, standingOf, trustedPrefix } from '../src/index.ts'
import { logSigner, policyOf } from './kit/keys.ts'
import { entriesOf, rootOf, signedHead } from './kit/trees.ts'
import {
  everything,
  guarded,
  headOf,
  open,
  origin,
  type Piece,
  relation,
  type Sighting,
  treeAt,
  type World,
  worlds,
} from './kit/world.ts'

function evidence(pieces: readonly Piece[]): Evidence {
  return evidenceOf(origin, {
    heads: pieces.flatMap((piece) => ('head' in piece ? [piece.head] : [])),
    links: pieces.flatMap((piece) => ('link' in piece ? [piece.link] : [])),
    forks: pieces.flatMap((piece) => ('fork' in piece ? [piece.fork] : [])),
  })
}

/** A fork proof that does not show where the trees part: anything else as it is. */
function withoutPlace(piece: Piece): Piece {
  if (!('fork' in piece)) return piece
  const { divergence: _, ...fork } = piece.fork
  return { fork }
}

function isSameTree(world: World, a: Sighting, b: Sighting): boolean {
  return a.size === b.size && !relation(world, a, b).fork
}

/** The sightings of heads that count, by the policy: all, or those that two witnesses cosigned. */
function countedIn(world: World, policy: TlogPolicy): Sighting[] {
  const { sightings } = world
  if (policy === open) return [...sightings]
  return sightings.filter((one) => {
    const same = sightings.filter((other) => isSameTree(world, one, other))
    return new Set(same.flatMap(({ cosigners }) => cosigners)).size >= 2
  })
}

/** The model: how many leaves are to be trusted by whoever knows everything. */
function modelSize(world: World, policy: TlogPolicy): number {
  const counted = countedIn(world, policy)
  const forks = counted.flatMap((a) =>
    counted.map((b) => relation(world, a, b)).filter(({ fork }) => fork),
  )
  if (forks.length > 0) return Math.min(...forks.map(({ common }) => common))
  return Math.max(0, ...counted.map(({ size }) => size))
}

/** Whether a prefix is one of a tree that counts, or of none where nothing is trusted. */
async function isTrue(world: World, size: bigint, root: Uint8Array): Promise<boolean> {
  if (size === 0n) return equalBytes(root, rootOf([]))
  const wide = world.sightings.filter((sighting) => BigInt(sighting.size) >= size)
  const roots = await Promise.all(
    wide.map(async (sighting) => {
      const { entries } = await treeAt(world, sighting)
      return rootOf(entries.slice(0, Number(size)))
    }),
  )
  return roots.some((other) => equalBytes(other, root))
}

const anyone = fc.subarray([0, 1, 2])
const picks = fc.infiniteStream(fc.boolean())

describe('the trusted prefix', () => {
  test('is what the model says, for whoever knows everything', () =>
    fc.assert(
      fc.asyncProperty(worlds(anyone), async (world) => {
        const known = evidence(await everything(world))
        for (const policy of [open, guarded]) {
          const { size, root } = trustedPrefix(known, policy)
          expect(Number(size)).toBe(modelSize(world, policy))
          expect(await isTrue(world, size, root)).toBe(true)
        }
      }),
    ))

  test('is true, and only shrinks down to what heads that contradict each other share', () =>
    fc.assert(
      fc.asyncProperty(worlds(anyone), picks, async (world, pick) => {
        let known = evidence([])
        for (const policy of [open, guarded]) {
          let last = trustedPrefix(known, policy)
          for (const piece of await everything(world)) {
            if (!pick.next().value) continue
            const shown = pick.next().value ? piece : withoutPlace(piece)
            known = joinEvidence(known, evidence([shown]))
            const prefix = trustedPrefix(known, policy)
            expect(await isTrue(world, prefix.size, prefix.root)).toBe(true)
            if (prefix.basis === 'divided') {
              // No false forks: these two heads are of two branches, and both count.
              const [a, b] = prefix.divided ?? []
              if (a === undefined || b === undefined) throw new Error('no two heads')
              expect(prefix.size).toBeLessThan(a.size)
              expect(policy === open || standingOf(a, policy).witnessed).toBe(true)
              expect(policy === open || standingOf(b, policy).witnessed).toBe(true)
              expect(modelSize(world, policy)).toBeLessThan(Number(a.size))
            } else {
              expect(last.basis).not.toBe('divided')
              expect(prefix.size).toBeGreaterThanOrEqual(last.size)
            }
            last = prefix
          }
          known = evidence([])
        }
      }),
    ))

  test('is found by a node that has put every head beside one of them, and no others', () =>
    fc.assert(
      fc.asyncProperty(worlds(anyone), async (world) => {
        const [own, ...others] = world.sightings
        if (own === undefined) return
        fc.pre(others.some((other) => relation(world, own, other).fork))
        const beside = others.map((other) => everything({ ...world, sightings: [own, other] }))
        const known = evidence((await Promise.all(beside)).flat())
        expect(Number(trustedPrefix(known, open).size)).toBe(modelSize(world, open))
      }),
    ))

  test('of an honest log is its longest head, and nothing is ever a fork', () =>
    fc.assert(
      fc.asyncProperty(worlds(anyone), picks, async (world, pick) => {
        const honest = { ...world, commons: [12] }
        const some = (await everything(honest)).filter(() => pick.next().value)
        const known = evidence(some)
        const { size, basis } = trustedPrefix(known, open)
        expect(basis).toBe(known.heads.length === 0 ? 'nothing' : 'signed')
        expect(size).toBe(known.heads.at(-1)?.size ?? 0n)
        expect(trustedPrefix(known, guarded).basis).not.toBe('divided')
      }),
    ))
})

describe('a thief who has the log key', () => {
  // Witnesses 0 and 1 are honest: they cosign the main branch alone. Witness 2 signs anything.
  const thiefs = worlds(anyone).map((world) => ({
    ...world,
    sightings: world.sightings.map((sighting) => {
      const isMain = sighting.branch % world.commons.length === 0
      return isMain ? sighting : { ...sighting, cosigners: [2] }
    }),
  }))

  test('never brings it below what a quorum cosigned, nor adds anything to it', () =>
    fc.assert(
      fc.asyncProperty(thiefs, picks, async (world, pick) => {
        const { sightings, commons } = world
        const isMain = ({ branch }: Sighting): boolean => branch % commons.length === 0
        const honest = { ...world, sightings: sightings.filter(isMain) }
        const before = evidence((await everything(honest)).filter(() => pick.next().value))
        const theirs = (await everything(world)).filter(() => pick.next().value)
        const after = joinEvidence(before, evidence(theirs))
        const cosigned = after.heads.filter((head) => standingOf(head, guarded).witnessed === true)
        const prefix = trustedPrefix(after, guarded)
        expect(prefix.basis).not.toBe('divided')
        expect(prefix.size).toBe(cosigned.at(-1)?.size ?? 0n)
        // Without new cosignatures by a quorum, nothing changes at all.
        const old = trustedPrefix(before, guarded)
        if (prefix.head?.text === old.head?.text) {
          expect({ ...prefix, head: undefined }).toEqual({ ...old, head: undefined })
        } else {
          expect(prefix.size).toBeGreaterThan(old.size)
        }
      }),
    ))

  test('takes back everything from those who ask for no witnesses', async () => {
    const world = {
      commons: [12, 0],
      sightings: [
        { branch: 0, size: 9, cosigners: [0, 1] },
        { branch: 1, size: 2, cosigners: [2] },
      ],
    }
    const known = evidence(await everything(world))
    expect(trustedPrefix(known, open)).toMatchObject({ size: 0n, basis: 'divided' })
    expect(trustedPrefix(known, guarded)).toMatchObject({ size: 9n, basis: 'cosigned' })
  })
})

describe('what follows from what is proven', () => {
  const at = (branch: number, size: number, cosigners: readonly number[] = []): Sighting => ({
    branch,
    size,
    cosigners,
  })

  /** What a world shows to whoever knows its heads, and how these pairs stand to each other. */
  async function prefixOf(
    commons: readonly number[],
    sightings: readonly Sighting[],
    pairs: readonly (readonly [number, number])[],
    policy = open,
  ): Promise<ReturnType<typeof trustedPrefix>> {
    const world = { commons, sightings }
    const heads = await Promise.all(sightings.map((one) => headOf(world, one)))
    const pieces: Piece[] = heads.map((head) => ({ head }))
    for (const pair of pairs) {
      const two = pair.map((i) => sightings[i]).filter((one) => one !== undefined)
      pieces.push(...(await everything({ commons, sightings: two })))
    }
    return trustedPrefix(evidence(pieces), policy)
  }

  test('heads of which nothing is proven are not held against each other', async () => {
    expect(await prefixOf([12, 3], [at(0, 5), at(1, 9)], [])).toMatchObject({ size: 9n })
  })

  test('two roots of one size are a contradiction without any proof, and share nothing proven', async () => {
    expect(await prefixOf([12, 3], [at(0, 9), at(1, 9)], [])).toMatchObject({
      size: 0n,
      basis: 'divided',
    })
  })

  test('what links lead to counts: a head that both grew from is common to them', async () => {
    const heads = [at(0, 2), at(0, 3), at(0, 9), at(1, 9)]
    const links = [
      [0, 1],
      [1, 2],
      [0, 3],
    ] as const
    expect(await prefixOf([12, 3], heads, links)).toMatchObject({ size: 2n, basis: 'divided' })
  })

  test('a contradiction with what a head grew from is one with that head', async () => {
    // Size 5 of the main branch was not cosigned itself; size 9, which contains it, was.
    const heads = [at(0, 5), at(0, 9, [0, 1]), at(1, 5, [0, 1])]
    expect(await prefixOf([12, 3], heads, [], guarded)).toMatchObject({ size: 9n })
    const { basis, divided } = await prefixOf([12, 3], heads, [[0, 1]], guarded)
    expect(basis).toBe('divided')
    expect(divided?.map(({ size }) => size)).toEqual([5n, 9n])
    expect(
      await prefixOf(
        [12, 3],
        heads,
        [
          [0, 1],
          [1, 2],
        ],
        guarded,
      ),
    ).toMatchObject({ size: 3n, basis: 'divided' })
  })

  test('a quorum that contradicts itself, nobody knows where, takes back those heads alone', async () => {
    const quorum = [0, 1]
    const heads = [at(0, 4, quorum), at(0, 6, quorum), at(0, 9, quorum), at(1, 9, quorum)]
    expect(await prefixOf([12, 5], heads, [], guarded)).toMatchObject({ size: 6n })
    // Without a quorum, that is a fork from the first entry.
    expect(await prefixOf([12, 5], heads, [], open)).toMatchObject({ size: 0n })
    // It is then found that size 6 is of one of the branches, and what is common to both.
    const inOne = [[1, 2]] as const
    expect(await prefixOf([12, 5], heads, inOne, guarded)).toMatchObject({ size: 6n })
    const inBoth = [
      [0, 2],
      [0, 3],
    ] as const
    expect(await prefixOf([12, 5], heads, inBoth, guarded)).toMatchObject({ size: 6n })
    expect(await prefixOf([12, 5], heads, [[2, 3]], guarded)).toMatchObject({
      size: 5n,
      basis: 'divided',
    })
  })

  test('of a quorum that contradicts itself at two sizes neither head is left, nor any longer one', async () => {
    const quorum = [0, 1]
    const sightings = [at(0, 4, quorum), at(1, 7, quorum), at(0, 9, quorum)]
    const world = { commons: [12, 5], sightings }
    const pieces = (await everything(world)).filter((piece) => !('link' in piece))
    const known = evidence(pieces.map(withoutPlace))
    expect(known.forks).toHaveLength(1)
    expect(trustedPrefix(known, guarded)).toMatchObject({ size: 4n, basis: 'divided' })
    // Where two trees differ at size 7, whatever is longer contradicts one of them.
    const head = await headOf(world, at(0, 11, quorum))
    const more = joinEvidence(known, evidence([{ head }]))
    expect(trustedPrefix(more, guarded)).toMatchObject({ size: 4n, basis: 'divided' })
  })

  test('of several forks the one that leaves least counts', async () => {
    const heads = [at(0, 9), at(1, 9), at(2, 9)]
    const pairs = [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const
    expect(await prefixOf([12, 7, 4], heads, pairs)).toMatchObject({ size: 4n })
    // The branches 1 and 2 contradict each other also where nobody has put them side by side.
    expect(await prefixOf([12, 7, 4], heads, pairs.slice(0, 2))).toMatchObject({ size: 4n })
  })

  test('what contains the first leaf of one branch contradicts the other branch', async () => {
    // Size 6 of the main branch was never put beside the other branch; size 9, which contains it, was.
    const heads = [at(0, 6, [0, 1]), at(0, 9), at(1, 8, [0, 1])]
    const pairs = [
      [0, 1],
      [1, 2],
    ] as const
    expect(await prefixOf([12, 3], heads, pairs, guarded)).toMatchObject({
      size: 3n,
      basis: 'divided',
    })
  })

  test('a head of size 0 with a root that no tree has contradicts every other', async () => {
    const log = logSigner(origin)
    const none = await signedHead(origin, { size: 0n, root: rootOf(entriesOf(1)) }, [log], open)
    const alone = evidenceOf(origin, { heads: [none] })
    const nothing = { origin, size: 0n, root: rootOf([]) }
    expect(trustedPrefix(alone, open)).toEqual({ ...nothing, basis: 'nothing' })
    const [piece] = await everything({ commons: [12], sightings: [at(0, 5)] })
    const both = joinEvidence(alone, evidence(piece === undefined ? [] : [piece]))
    expect(trustedPrefix(both, open)).toMatchObject({ ...nothing, basis: 'divided' })
  })

  test('a head counts by the keys of the policy, and no others', async () => {
    const [piece] = await everything({ commons: [12], sightings: [at(0, 5, [0, 1])] })
    const known = evidence(piece === undefined ? [] : [piece])
    expect(trustedPrefix(known, guarded)).toMatchObject({ size: 5n, basis: 'cosigned' })
    expect(trustedPrefix(known, policyOf([logSigner(origin, 'renewed')]))).toMatchObject({
      size: 0n,
      basis: 'nothing',
    })
  })
})
