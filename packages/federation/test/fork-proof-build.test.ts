import { decodeUtf8 } from '@vaultmesh/merkle/bytes'
import { nodeHasher, nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { VerifiedTiles } from '@vaultmesh/merkle/tiles'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type BuiltForkProof,
  buildForkProof,
  encodeForkProof,
  FederationError,
  type ForkProof,
  forkId,
  parseForkProof,
  verifyForkProof,
} from '../src/index.ts'
import { makeFork, partedTrees } from './kit/fork.ts'
import { logSigner, policyOf, witnessSigner } from './kit/keys.ts'
import { entriesOf, rootOf, signHead, type TestTree, treeOf } from './kit/trees.ts'

const origin = 'example.com/log'
const log = logSigner(origin)
const policy = policyOf([log])

function proofOf(built: BuiltForkProof): ForkProof {
  if (!built.ok) throw new Error(`${built.code}: ${built.detail}`)
  return built.proof
}

async function isProof(proof: ForkProof): Promise<boolean> {
  const verdict = await verifyForkProof(encodeForkProof(proof), () => policy, {
    verify: nodeVerifyEd25519,
  })
  return verdict.ok
}

describe('a fork proof is made', () => {
  test('of two heads of one size alone', async () => {
    const [a, b] = await partedTrees([5, 5], 3)
    const proof = proofOf(
      await buildForkProof(await signHead(origin, a, [log]), await signHead(origin, b, [log])),
    )
    expect(Object.keys(proof)).toEqual(['origin', 'heads'])
    expect(await isProof(proof)).toBe(true)
  })

  test('of heads of two sizes with the tiles of the later one', async () => {
    const [a, b] = await partedTrees([5, 9], 3)
    const [small, large] = [await signHead(origin, a, [log]), await signHead(origin, b, [log])]
    const proof = proofOf(await buildForkProof(small, large, undefined, b.tiles))
    expect(Object.keys(proof)).toEqual(['origin', 'heads', 'contradiction'])
    expect(proof.contradiction?.root).toEqual(rootOf(b.entries.slice(0, 5)))
    expect(await isProof(proof)).toBe(true)
    expect(await buildForkProof(small, large, a.tiles)).toMatchObject({ code: 'TILES_NEEDED' })
  })

  test('with the place where they part, where both trees are at hand', async () => {
    const { proof } = await makeFork(log, [5, 9], 3)
    expect(proof.divergence).toMatchObject({ size: 3n, root: rootOf(entriesOf(3)) })
    expect(await isProof(proof)).toBe(true)
  })

  test('of trees of several tiles', async () => {
    const { proof } = await makeFork(log, [1000, 1100], 900)
    expect(proof.divergence?.size).toBe(900n)
    expect(await isProof(proof)).toBe(true)
  })

  test('of a head of size 0 that has the root of no tree', async () => {
    const tree = await treeOf(entriesOf(4))
    const large = await signHead(origin, tree, [log])
    const none = await signHead(origin, { size: 0n, root: rootOf(entriesOf(1)) }, [log])
    const proof = proofOf(await buildForkProof(large, none))
    expect(Object.keys(proof)).toEqual(['origin', 'heads'])
    expect(await isProof(proof)).toBe(true)
    const empty = await signHead(origin, { size: 0n, root: rootOf([]) }, [log])
    expect(await buildForkProof(empty, large)).toMatchObject({ code: 'CONSISTENT' })
    expect(await isProof(proofOf(await buildForkProof(empty, none)))).toBe(true)
  })

  test('the same, whichever head was seen first', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(39),
        async (one, other, common) => {
          fc.pre(common < Math.min(one, other))
          const { trees, heads, proof, bytes } = await makeFork(log, [one, other], common)
          const again = await buildForkProof(heads[1], heads[0], trees[1].tiles, trees[0].tiles)
          expect(encodeForkProof(proofOf(again))).toEqual(bytes)
          expect(proof.divergence?.size).toBe(BigInt(common))
          expect(parseForkProof(bytes)).toEqual({ ok: true, proof })
          expect(await isProof(proof)).toBe(true)
        },
      ),
    ))
})

describe('no fork proof is made', () => {
  test('of heads of one tree that only grew', () =>
    fc.assert(
      fc.asyncProperty(fc.nat(40), fc.nat(40), async (one, other) => {
        const a = await treeOf(entriesOf(one))
        const b = await treeOf(entriesOf(other))
        const [x, y] = [await signHead(origin, a, [log]), await signHead(origin, b, [log])]
        expect(await buildForkProof(x, y, a.tiles, b.tiles)).toMatchObject({ code: 'CONSISTENT' })
      }),
    ))

  test('of one head with two texts: it says nothing of the tree', async () => {
    const tree = await treeOf(entriesOf(3))
    const plain = await signHead(origin, tree, [log])
    const extended = await signHead(origin, tree, [log], ['more'])
    expect(await buildForkProof(plain, extended)).toMatchObject({ code: 'CONSISTENT' })
  })

  test('that others would refuse for its length', async () => {
    const [a, b] = await partedTrees([5, 5], 3)
    const crowd = Array.from({ length: 80 }, (_, i) => witnessSigner(`${i}${'é'.repeat(1000)}`))
    const loud = await signHead(origin, a, [log, ...crowd])
    const loudToo = await signHead(origin, b, [log, ...crowd])
    expect(await buildForkProof(loud, loudToo)).toMatchObject({
      code: 'TOO_LARGE',
      detail: 'it is longer than 262144 bytes',
    })
    const long = await signHead(origin, a, [log], ['x'.repeat(20_000)])
    expect(await buildForkProof(long, loudToo)).toMatchObject({ code: 'TOO_LARGE' })
  })

  test.each([256, 300])('where tiles can not be read, below leaf %i', async (common) => {
    const [a, b] = await partedTrees([600, 700], common)
    const [x, y] = [await signHead(origin, a, [log]), await signHead(origin, b, [log])]
    // One tile is kept, so that some are read again; after so many reads they are gone.
    const failing = async (tree: TestTree, after: number): Promise<VerifiedTiles> => {
      const { files } = tree
      let left = after
      const source = async (path: string) => (left-- > 0 ? files.get(path) : undefined)
      const opened = await VerifiedTiles.open(tree, source, { hasher: nodeHasher, maxTiles: 1 })
      if (!opened.ok) throw new Error(opened.detail)
      return opened.tiles
    }
    const outcomes: string[] = []
    for (let after = 2; after < 16; after += 1) {
      const withX = await buildForkProof(x, y, await failing(a, after), b.tiles)
      const withY = await buildForkProof(x, y, a.tiles, await failing(b, after))
      outcomes.push(...[withX, withY].map((built) => (built.ok ? 'ok' : built.code)))
    }
    expect([...new Set(outcomes)].sort()).toEqual(['TILE_MISSING', 'ok'])
  })

  test('for a caller who mixes things up', async () => {
    const [a, b] = await partedTrees([5, 5], 3)
    const head = await signHead(origin, a, [log])
    const mixed = [
      buildForkProof(head, await signHead('other.example/log', b, [log])),
      buildForkProof(head, { ...head, checkpoint: 'no note' }),
      buildForkProof(head, { ...head, checkpoint: head.checkpoint.replace(origin, 'x') }),
      buildForkProof(head, await signHead(origin, b, [log]), b.tiles),
    ]
    for (const one of mixed) {
      const error = await one.catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(FederationError)
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
  })
})

test('the id is of what the heads say, whoever cosigned them and whatever else is shown', async () => {
  const plain = await makeFork(log, [5, 9], 3)
  const cosigned = await makeFork(log, [5, 9], 3, [[witnessSigner('w')], []])
  const { divergence, ...less } = cosigned.proof
  expect(divergence).toBeDefined()
  expect(cosigned.bytes).not.toEqual(plain.bytes)
  expect(forkId(less)).toBe(forkId(plain.proof))
  expect(forkId(plain.proof)).toMatch(/^[0-9a-f]{64}$/)
  expect(forkId((await makeFork(log, [5, 10], 3)).proof)).not.toBe(forkId(plain.proof))
})

test('the file is canonical JSON, with its members in this order', async () => {
  const { proof, bytes } = await makeFork(log, [2, 3], 1)
  const b64 = (hash: Uint8Array | undefined) => Buffer.from(hash ?? []).toString('base64')
  const list = (hashes: readonly Uint8Array[] | undefined) =>
    `[${hashes?.map((hash) => `"${b64(hash)}"`).join(',')}]`
  const branches = proof.divergence?.branches.map(
    ({ consistency, inclusion, leafHash }) =>
      `{"consistency":${list(consistency)},"inclusion":${list(inclusion)},"leafHash":"${b64(leafHash)}"}`,
  )
  const heads = proof.heads.map(({ checkpoint }) => `"${checkpoint.replaceAll('\n', '\\n')}"`)
  expect(decodeUtf8(bytes)).toBe(
    `{"contradiction":{"hashes":${list(proof.contradiction?.hashes)},"root":"${b64(proof.contradiction?.root)}"},` +
      `"divergence":{"branches":[${branches?.join(',')}],"root":"${b64(proof.divergence?.root)}","size":"1"},` +
      `"heads":[${heads.join(',')}],` +
      `"mediaType":"application/vnd.vaultmesh.fork.v0+json","origin":"example.com/log"}`,
  )
})
