/** Fork proofs that verify. */
import { encodeForkProof } from '../../src/index.ts'
import { makeFork } from '../kit/fork.ts'
import { entriesOf, rootOf, signHead, treeOf } from '../kit/trees.ts'
import { changed, fork, log, origin, type VectorCase, without, witnesses } from './case.ts'

const [w0, w1, w2] = witnesses
if (w0 === undefined || w1 === undefined || w2 === undefined) throw new Error('three witnesses')

export const goodCases: readonly VectorCase[] = [
  {
    name: 'parted',
    policy: 'open',
    why: 'two sizes, and where the trees part',
    make: async () => (await fork()).bytes,
  },
  {
    name: 'one-size',
    policy: 'open',
    why: 'two roots for one size say it all',
    make: async () => (await makeFork(log, [6, 6], 4)).bytes,
  },
  {
    name: 'from-the-first',
    policy: 'open',
    why: 'the trees have no leaf in common',
    make: async () => (await makeFork(log, [1, 7], 0)).bytes,
  },
  {
    name: 'last-leaf',
    policy: 'open',
    why: 'the last leaf of the earlier head is the first that differs',
    make: async () => (await makeFork(log, [8, 300], 7)).bytes,
  },
  {
    name: 'without-divergence',
    policy: 'open',
    why: 'where the trees part is not shown: the tiles of the earlier one were not at hand',
    make: () => changed(without('divergence')),
  },
  {
    name: 'one-size-without-divergence',
    policy: 'open',
    why: 'nothing but the two heads is needed where they have one size',
    make: async () => {
      const { divergence: _, ...proof } = (await makeFork(log, [6, 6], 4)).proof
      return encodeForkProof(proof)
    },
  },
  {
    name: 'root-of-nothing',
    policy: 'open',
    why: 'a head of size 0 has a root that no tree without leaves has',
    make: async () => {
      const tree = await treeOf(entriesOf(4))
      const none = { size: 0n, root: rootOf(entriesOf(1)) }
      const heads = [
        { ...(await signHead(origin, none, [log])), text: '' },
        { ...(await signHead(origin, tree, [log])), text: '' },
      ] as const
      return encodeForkProof({ origin, heads })
    },
  },
  {
    name: 'extension-lines',
    policy: 'open',
    why: 'checkpoints of other logs may have extension lines',
    make: async () => {
      const { trees, proof } = await fork()
      const extended = await signHead(origin, trees[1], [log], ['an extension'])
      const [first, second] = proof.heads
      const heads = [first, { ...second, checkpoint: extended.checkpoint }] as const
      return encodeForkProof({ ...proof, heads })
    },
  },
  {
    name: 'stranger-cosigns',
    policy: 'open',
    why: 'a cosignature by a witness that the policy does not name says nothing',
    make: async () => (await makeFork(log, [5, 9], 3, [[w0], []])).bytes,
  },
  {
    name: 'first-witnessed',
    policy: 'quorum',
    why: 'a quorum cosigned the earlier head, which stays trusted',
    make: async () => (await makeFork(log, [5, 9], 3, [[w0, w1], [w2]])).bytes,
  },
  {
    name: 'second-witnessed',
    policy: 'quorum',
    why: 'a quorum cosigned the later head, which stays trusted',
    make: async () => (await makeFork(log, [5, 9], 3, [[], [w1, w2, w0]])).bytes,
  },
  {
    name: 'none-witnessed',
    policy: 'quorum',
    why: 'no quorum cosigned either head',
    make: async () => (await makeFork(log, [5, 9], 3, [[w0], [w1]])).bytes,
  },
  {
    name: 'both-witnessed',
    policy: 'quorum',
    why: 'a quorum cosigned both heads, so it contradicts itself',
    make: async () =>
      (
        await makeFork(log, [5, 9], 3, [
          [w0, w1],
          [w1, w2],
        ])
      ).bytes,
  },
]
