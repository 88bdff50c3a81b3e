import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Evidence,
  type EvidenceParts,
  encodeFrontier,
  evidenceOf,
  FederationError,
  frontierOf,
  joinEvidence,
  proveLink,
  trustedPrefix,
} from '../src/index.ts'
import { logSigner, policyOf } from './kit/keys.ts'
import { entriesOf, rootOf, signedHead, treeOf } from './kit/trees.ts'
import { everything, guarded, open, origin, type Piece, worlds } from './kit/world.ts'

function partsOf(pieces: readonly Piece[]): EvidenceParts {
  return {
    heads: pieces.flatMap((piece) => ('head' in piece ? [piece.head] : [])),
    links: pieces.flatMap((piece) => ('link' in piece ? [piece.link] : [])),
    forks: pieces.flatMap((piece) => ('fork' in piece ? [piece.fork] : [])),
  }
}

function evidence(pieces: readonly Piece[]): Evidence {
  return evidenceOf(origin, partsOf(pieces))
}

/** What is shown of a log. */
function shown(known: Evidence): unknown {
  return [open, guarded].map((policy) => {
    const prefix = trustedPrefix(known, policy)
    return { prefix, frontier: encodeFrontier(frontierOf([{ evidence: known, prefix }])) }
  })
}

const anyone = fc.subarray([0, 1, 2])
/** A world, and some of what can be known of it, in three nodes; in any order, and repeatedly. */
const known = fc.tuple(worlds(anyone), fc.infiniteStream(fc.nat())).map(([world, picks]) => {
  const next = (below: number): number => picks.next().value % Math.max(1, below)
  const some = (pieces: readonly Piece[]): Piece[] =>
    Array.from({ length: next(2 * pieces.length + 1) }, () => pieces[next(pieces.length)]).filter(
      (piece) => piece !== undefined,
    )
  return { world, some }
})

describe('evidence is a set that only grows', () => {
  test('to join it is commutative, associative and idempotent', () =>
    fc.assert(
      fc.asyncProperty(known, async ({ world, some }) => {
        const all = await everything(world)
        const [a, b, c] = [evidence(some(all)), evidence(some(all)), evidence(some(all))]
        expect(joinEvidence(a, b)).toEqual(joinEvidence(b, a))
        expect(joinEvidence(joinEvidence(a, b), c)).toEqual(joinEvidence(a, joinEvidence(b, c)))
        expect(joinEvidence(a, a)).toEqual(a)
        expect(joinEvidence(a, evidence([]))).toEqual(a)
        expect(joinEvidence(joinEvidence(a, b), b)).toEqual(joinEvidence(a, b))
      }),
    ))

  test('in whatever order it comes, and however often, the view is the same', () =>
    fc.assert(
      fc.asyncProperty(known, async ({ world, some }) => {
        const pieces = some(await everything(world))
        const whole = evidence(pieces)
        const oneByOne = [...pieces, ...pieces]
          .toReversed()
          .reduce((sum, piece) => joinEvidence(evidence([piece]), sum), evidence([]))
        expect(oneByOne).toEqual(whole)
        expect(shown(oneByOne)).toEqual(shown(whole))
      }),
    ))

  test('a fork brings its heads along, and takes on what is learnt of them later', async () => {
    const world = {
      commons: [12, 3],
      sightings: [
        { branch: 0, size: 5, cosigners: [] },
        { branch: 1, size: 5, cosigners: [0] },
      ],
    }
    const pieces = await everything(world)
    const forks = evidence(pieces.filter((piece) => 'fork' in piece))
    expect(forks.heads).toHaveLength(2)
    const [more] = await everything({
      ...world,
      sightings: [{ branch: 0, size: 5, cosigners: [1, 2] }],
    })
    const joined = joinEvidence(forks, evidence(more === undefined ? [] : [more]))
    expect(joined.heads).toHaveLength(2)
    expect(joined.forks[0]?.heads.toSorted()).toEqual(joined.heads.toSorted())
    const cosigned = joined.forks[0]?.heads.map(({ signatures }) => signatures.length).sort()
    expect(cosigned).toEqual([2, 3])
  })

  test('of two proofs of one fork it keeps what the one with the place shows', async () => {
    const world = {
      commons: [12, 3],
      sightings: [
        { branch: 0, size: 5, cosigners: [] },
        { branch: 1, size: 9, cosigners: [] },
      ],
    }
    const fork = (await everything(world)).find((piece) => 'fork' in piece)?.fork
    if (fork === undefined) throw new Error('no fork')
    const { divergence, ...less } = fork
    expect(trustedPrefix(evidence([{ fork: less }]), open)).toMatchObject({ size: 0n })
    for (const both of [
      [{ fork }, { fork: less }],
      [{ fork: less }, { fork }],
    ]) {
      expect(evidence(both).forks).toEqual([fork])
      expect(trustedPrefix(evidence(both), open)).toMatchObject({ size: divergence?.size })
    }
  })

  test('of one log: another one is refused', async () => {
    const other = logSigner('other.example/log')
    const head = await signedHead(
      'other.example/log',
      { size: 1n, root: rootOf(entriesOf(1)) },
      [other],
      policyOf([other]),
    )
    const mix = (): Evidence => evidenceOf(origin, { heads: [head] })
    expect(mix).toThrow(FederationError)
    expect(mix).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
    const theirs = evidenceOf('other.example/log', { heads: [head] })
    expect(() => joinEvidence(evidence([]), theirs)).toThrow(FederationError)
  })
})

describe('a link', () => {
  test('is proven by a consistency proof', async () => {
    const [small, large] = [await treeOf(entriesOf(5)), await treeOf(entriesOf(9))]
    const proof = await large.tiles.consistency(5n)
    if (!proof.ok) throw new Error(proof.detail)
    const { hashes } = proof
    expect(proveLink(small, large, hashes)).toEqual({
      ok: true,
      link: {
        earlier: { size: 5n, root: small.root },
        later: { size: 9n, root: large.root },
        hashes,
      },
    })
    expect(proveLink({ ...small, size: 4n }, large, hashes)).toMatchObject({ ok: false })
    expect(proveLink(large, small, hashes)).toMatchObject({ ok: false })
    expect(proveLink(small, small, [])).toMatchObject({ ok: false })
    expect(proveLink({ size: 0n, root: rootOf([]) }, small, [])).toMatchObject({ ok: false })
  })
})
