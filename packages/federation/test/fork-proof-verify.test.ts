import { encodeUtf8, maxUint64 } from '@vaultmesh/merkle/bytes'
import { nodeHasher, nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import {
  buildConsistency,
  buildInclusion,
  buildRoot,
  type NodeReader,
} from '@vaultmesh/merkle/proof'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Branch,
  encodeForkProof,
  type ForkProof,
  type ForkVerdict,
  forkCheckIds,
  forkId,
  maxForkProofBytes,
  openHead,
  parseForkProof,
  trustIn,
  verifyForkProof,
} from '../src/index.ts'
import { makeFork } from './kit/fork.ts'
import { logSigner, policyOf, witnessSigner } from './kit/keys.ts'
import { entriesOf, signHead, type TestTree, treeOf } from './kit/trees.ts'

const origin = 'example.com/log'
const log = logSigner(origin)
const witnesses = ['w0.example', 'w1.example', 'w2.example'].map((name) => witnessSigner(name))
const plain = policyOf([log])
const quorum = policyOf([log], witnesses, 2)

function verify(proof: ForkProof | Uint8Array, policy = plain): Promise<ForkVerdict> {
  const bytes = proof instanceof Uint8Array ? proof : encodeForkProof(proof)
  const trustOf = (name: string) => (name === origin ? policy : undefined)
  return verifyForkProof(bytes, trustOf, { verify: nodeVerifyEd25519 })
}

function statuses({ checks }: ForkVerdict): Record<string, string> {
  return Object.fromEntries(checks.map(({ id, status }) => [id, status]))
}

/** The first check that does not hold. */
function refusal(verdict: ForkVerdict): string {
  const { ok, checks, fork, standing } = verdict
  expect(checks.map(({ id }) => id)).toEqual(forkCheckIds)
  const wrong = checks.find(({ status }) => status !== 'pass' && status !== 'warn')
  expect({ ok, isProven: fork !== undefined, isJudged: standing !== undefined }).toEqual({
    ok: wrong === undefined,
    isProven: wrong === undefined,
    isJudged: wrong === undefined,
  })
  return wrong === undefined ? 'none' : `${wrong.id} ${wrong.status}: ${wrong.detail}`
}

describe('a fork proof verifies', () => {
  test('with what it proves, and what the policy says of each head', async () => {
    const { proof } = await makeFork(log, [5, 9], 3, [witnesses.slice(0, 2), witnesses.slice(2)])
    const verdict = await verify(proof, quorum)
    expect(refusal(verdict)).toBe('none')
    expect(verdict.proof).toEqual(proof)
    expect(verdict.fork).toMatchObject({ origin, id: forkId(proof) })
    expect(verdict.fork?.divergence).toEqual(proof.divergence)
    for (const [i, head] of (verdict.fork?.heads ?? []).entries()) {
      const opened = await openHead(proof.heads[i]?.checkpoint ?? '', origin, quorum)
      expect(opened).toEqual({ ok: true, head })
    }
    expect(verdict.standing?.map(({ witnessed }) => witnessed)).toEqual([true, false])
    expect(verdict.checks.map(({ detail }) => detail)).toEqual([
      'two heads of example.com/log',
      'there is a policy for example.com/log',
      'the log signed both heads, of sizes 5 and 9',
      'the tree of size 9 has another root at size 5',
      '3 leaves are common, and the leaf at 3 is not',
      'a quorum cosigned the first head, and not the second',
    ])
    expect(verdict.checks.every(({ reference }) => reference !== '')).toBe(true)
  })

  test.each([
    ['the second', [0, 2], 'pass', 'a quorum cosigned the second head, and not the first'],
    ['neither', [1, 1], 'pass', 'no quorum cosigned either head'],
    ['both', [2, 3], 'warn', 'a quorum cosigned both heads: witnesses were deceived, or took part'],
  ] as const)('and says where a quorum cosigned %s', async (_, [a, b], status, detail) => {
    const cosigners = [witnesses.slice(0, a), witnesses.slice(0, b)] as const
    const { proof } = await makeFork(log, [5, 5], 0, cosigners)
    expect((await verify(proof, quorum)).checks.at(-1)).toMatchObject({ status, detail })
  })

  test('and warns where no quorum is asked for, or the place of the fork is not shown', async () => {
    const { divergence, ...proof } = (await makeFork(log, [5, 9], 3)).proof
    expect(divergence).toBeDefined()
    const verdict = await verify(proof)
    expect(refusal(verdict)).toBe('none')
    expect(statuses(verdict)).toMatchObject({ 'fork.divergence': 'warn', 'fork.witnessed': 'warn' })
  })

  test('of trees as large as there can be', async () => {
    const leaf = (text: string) => nodeHasher.hashLeaf(encodeUtf8(text))
    const even = [leaf('same')]
    for (let level = 0; level < 64; level += 1) {
      const below = even[level] ?? new Uint8Array()
      even.push(nodeHasher.hashNode(below, below))
    }
    const at = 2n ** 64n - 3n
    const readerOf = (own: Uint8Array): NodeReader => {
      const hashOf = (level: number, index: bigint): Uint8Array => {
        if (at >> BigInt(level) !== index) return even[level] ?? new Uint8Array()
        if (level === 0) return own
        return nodeHasher.hashNode(
          hashOf(level - 1, 2n * index),
          hashOf(level - 1, 2n * index + 1n),
        )
      }
      return hashOf
    }
    const side = async (size: bigint, own: Uint8Array) => {
      const read = readerOf(own)
      const branch: Branch = {
        consistency: await buildConsistency(at, size, read),
        inclusion: await buildInclusion(at, size, read),
        leafHash: own,
      }
      const head = await signHead(origin, { size, root: await buildRoot(size, read) }, [log])
      return { read, branch, head: { ...head, text: '' } }
    }
    const first = await side(maxUint64 - 1n, leaf('one'))
    const second = await side(maxUint64, leaf('other'))
    const proof: ForkProof = {
      origin,
      heads: [first.head, second.head],
      contradiction: {
        root: await buildRoot(maxUint64 - 1n, second.read),
        hashes: await buildConsistency(maxUint64 - 1n, maxUint64, second.read),
      },
      divergence: {
        size: at,
        root: await buildRoot(at, first.read),
        branches: [first.branch, second.branch],
      },
    }
    expect(refusal(await verify(proof))).toBe('none')
  })
})

test('names that would paint over a verdict are spelled out', async () => {
  const evil = `example.com/\u202e\u009b${'x'.repeat(500)}`
  const { bytes } = await makeFork(logSigner(evil), [1, 1], 0)
  const [format] = (await verify(bytes)).checks
  expect(format?.detail).toContain('example.com/\\u{202e}\\u{9b}x')
  expect(format?.detail).toHaveLength(401)
})

test('a policy is trusted for the logs that it names, and no others', async () => {
  const trust = trustIn(quorum)
  expect(trust(origin)).toBe(quorum)
  expect(trust('example.com')).toBeUndefined()
  expect(trust('w0.example')).toBeUndefined()
  // A caller that gives a policy of another log gets no proof either.
  const { bytes } = await makeFork(log, [5, 9], 3)
  expect(refusal(await verify(bytes, policyOf([logSigner('other.example/log')])))).toMatch(
    /^fork\.signatures fail/,
  )
})

test('bytes that are too many, or not UTF-8, are no proof', async () => {
  expect(refusal(await verify(new Uint8Array(maxForkProofBytes + 1)))).toMatch(/longer than/)
  expect(refusal(await verify(Uint8Array.of(0xff)))).toMatch(/not JSON/)
})

describe('an honest log is never accused', () => {
  const honest = entriesOf(64)
  const sizes = fc.tuple(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 64 }))
  const honestTree = (size: number): Promise<TestTree> => treeOf(honest.slice(0, size))

  test('no two of its heads, with whatever hashes there are, make a proof', () =>
    fc.assert(
      fc.asyncProperty(
        sizes,
        fc.nat(63),
        fc.infiniteStream(fc.nat(30)),
        async (both, common, picks) => {
          const [small, large] = both.toSorted((x, y) => x - y)
          if (small === undefined || large === undefined) throw new Error('two sizes')
          fc.pre(common < small)
          // A proof of another log that did fork, its heads replaced, its hashes mixed with true ones.
          const { proof } = await makeFork(log, [small, large], common)
          const [a, b] = [await honestTree(small), await honestTree(large)]
          const heads = await Promise.all(
            [a, b].map(async (tree) => ({ ...(await signHead(origin, tree, [log])), text: '' })),
          )
          const [first, second] = heads
          if (first === undefined || second === undefined) throw new Error('two heads')
          const truth = await b.tiles.consistency(BigInt(small))
          if (!truth.ok) throw new Error(truth.detail)
          const known = [
            a.root,
            b.root,
            ...truth.hashes,
            ...(proof.contradiction?.hashes ?? []),
            ...(proof.divergence?.branches.flatMap(({ inclusion }) => inclusion) ?? []),
          ]
          const mix = (hash: Uint8Array): Uint8Array => known[picks.next().value] ?? hash
          const { contradiction, divergence } = proof
          const attempts: ForkProof[] = [
            { ...proof, heads: [first, second] },
            { origin, heads: [first, second], ...(contradiction && { contradiction }) },
            {
              origin,
              heads: [first, second],
              ...(contradiction && {
                contradiction: { root: mix(contradiction.root), hashes: truth.hashes.map(mix) },
              }),
              ...(divergence && { divergence }),
            },
          ]
          for (const attempt of attempts) expect((await verify(attempt)).ok).toBe(false)
        },
      ),
    ))
})

describe('mutated proofs', () => {
  test('never throw, and what still verifies proves the same fork', async () => {
    const { bytes, proof } = await makeFork(log, [5, 9], 3, [[witnessSigner('stranger')], []])
    const id = forkId(proof)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(2)), {
          minLength: 1,
          maxLength: 3,
        }),
        async (changes) => {
          let mutated = [...bytes]
          for (const [at, byte, how] of changes)
            mutated = mutated.toSpliced(at, how % 2, ...(how === 2 ? [] : [byte]))
          const given = Uint8Array.from(mutated)
          const verdict = await verify(given)
          const parsed = parseForkProof(given)
          if (parsed.ok) expect(encodeForkProof(parsed.proof)).toEqual(given)
          if (!verdict.ok) return
          // Only what nobody verifies, such as a stranger's signature, can differ.
          expect(verdict.fork?.id).toBe(id)
          expect(verdict.fork?.heads.map(({ text }) => text)).toEqual(
            proof.heads.map(({ text }) => text),
          )
        },
      ),
    )
  })

  test('any bytes are a verdict', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        expect(refusal(await verify(bytes))).toMatch(/^fork\.format fail/)
      }),
    ))

  test('any JSON is a verdict', () =>
    fc.assert(
      fc.asyncProperty(fc.json(), async (json) => {
        expect(refusal(await verify(encodeUtf8(json)))).toMatch(/^fork\.format fail/)
      }),
    ))
})
