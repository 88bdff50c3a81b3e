/** Making and checking one inclusion proof. */
import { sha256 } from '@noble/hashes/sha2.js'
import { SimpleMerkleTree } from '@openzeppelin/merkle-tree'
import { nodeHasher } from '@vaultmesh/merkle/node'
import { buildInclusion, verifyInclusion } from '@vaultmesh/merkle/proof'
import { type Hasher, sha256Hasher } from '@vaultmesh/merkle/rfc6962'
import { MerkleTree } from 'merkletreejs'
import type { BenchCase, CallVariant } from '../../harness/case.ts'
import { fixedBytes, fixedEntries } from '../entries.ts'
import {
  cryptoHash,
  type Digest,
  merkletreejsOptions,
  merkletreejsTree,
  naiveLevels,
  pairHasher,
} from './builders.ts'

const noProofs = {
  name: '@openzeppelin/merkle-tree',
  why: "its proofs name no sides and need a hash of sorted pairs, so it can't make an RFC 6962 one",
}

function joined(hashes: unknown): string {
  if (!Array.isArray(hashes)) throw new Error('a proof is a list of hashes')
  return Buffer.concat(hashes).toString('hex')
}

/** A proof by index, out of a tree in memory. */
export const prove: BenchCase = {
  title: 'Make an inclusion proof by index',
  async prepare({ scale }) {
    const size = scale === 'smoke' ? 1000 : 100_000
    const entries = fixedEntries(size, 32)
    const levels = naiveLevels(entries, cryptoHash)
    const read = (level: number, index: bigint) =>
      levels[level]?.[Number(index)] ?? new Uint8Array()
    const at = Math.floor(size / 3)
    let tree: MerkleTree | undefined
    return {
      input: `Leaf ${at.toLocaleString('en')} of ${size.toLocaleString('en')}; all hashes are in memory.`,
      isIsolated: true,
      variants: [
        {
          kind: 'call',
          name: 'ours',
          role: 'ours',
          note: '`buildInclusion` over a node reader, which may be a disk or a network: it awaits',
          run: () => buildInclusion(BigInt(at), BigInt(size), read, nodeHasher),
          result: joined,
        },
        {
          kind: 'call',
          name: 'merkletreejs',
          role: 'peer',
          note: '`getProof` with the index: it looks hashes up and awaits nothing',
          setup() {
            tree = merkletreejsTree(entries)
          },
          run: () => tree?.getProof(tree.getLeaf(at), at),
          result: (proof) =>
            Array.isArray(proof) ? joined(proof.map(({ data }: { data: Buffer }) => data)) : '',
        },
      ],
      absent: [noProofs],
    }
  },
}

/** A path of random siblings, from the leaf up, and the root that it leads to. */
function fixedPath(
  levels: number,
  index: number,
  pair: (a: Uint8Array, b: Uint8Array) => Uint8Array,
) {
  const leaf = fixedBytes(32, 1)
  const siblings = fixedEntries(levels, 32, 2)
  const root = siblings.reduce(
    (hash, sibling, level) =>
      Uint8Array.from((index >> level) & 1 ? pair(sibling, hash) : pair(hash, sibling)),
    leaf,
  )
  return { leaf, siblings, root }
}

/** Checking a proof of 20 hashes. */
export const verify: BenchCase = {
  title: 'Verify an inclusion proof',
  async prepare() {
    const index = 0x5a5a5
    const { leaf, siblings, root } = fixedPath(20, index, pairHasher(cryptoHash))
    const result = (value: unknown) => (value === true ? 'holds' : 'fails')

    const ours = (name: string, note: string, hasher: Hasher): CallVariant => ({
      kind: 'call',
      name,
      role: 'ours',
      note,
      run: () => {
        const claim = {
          index: BigInt(index),
          size: 2n ** 20n,
          leafHash: leaf,
          hashes: siblings,
          root,
        }
        return verifyInclusion(claim, hasher).ok
      },
      result,
    })
    const merkletreejs = (name: string, note: string, digest?: Digest): CallVariant => {
      const { hash, options } = merkletreejsOptions(digest ?? cryptoHash)
      const tree = new MerkleTree([], digest === undefined ? undefined : hash, options)
      const proof = siblings.map((sibling, level) => ({
        position: (index >> level) & 1 ? ('left' as const) : ('right' as const),
        data: Buffer.from(sibling),
      }))
      const [target, expected] = [Buffer.from(leaf), Buffer.from(root)]
      return {
        kind: 'call',
        name,
        role: 'peer',
        note,
        run: () => tree.verify(proof, target, expected),
        result,
      }
    }

    const bytes = (hex: string): Uint8Array => Buffer.from(hex.slice(2), 'hex')
    const sorted = (a: Uint8Array, b: Uint8Array): Uint8Array =>
      Buffer.compare(a, b) < 0 ? pair(a, b) : pair(b, a)
    const pair = pairHasher(cryptoHash)
    const theirs = fixedPath(20, index, sorted)
    const hexProof = theirs.siblings.map((hash) => `0x${Buffer.from(hash).toString('hex')}`)
    const [hexLeaf, hexRoot] = [theirs.leaf, theirs.root].map(
      (hash) => `0x${Buffer.from(hash).toString('hex')}`,
    )
    return {
      input:
        'A proof of 20 hashes, as in a tree of 2^20 leaves; leaf hash, index and root are given.',
      isIsolated: true,
      variants: [
        ours('ours, crypto.hash', '`verifyInclusion` with `nodeHasher`', nodeHasher),
        ours('ours, noble', '`verifyInclusion` as it runs anywhere', sha256Hasher),
        merkletreejs('merkletreejs, crypto.hash', '`verify`, given the sides', cryptoHash),
        merkletreejs('merkletreejs, noble', 'the same with @noble/hashes', sha256),
        merkletreejs(
          'merkletreejs, its own hash',
          'the same with its default, SHA-256 of crypto-js',
        ),
        {
          kind: 'call',
          name: '@openzeppelin/merkle-tree, crypto.hash',
          role: 'peer',
          note: '`SimpleMerkleTree.verify` of a path of as many hashes in a tree of sorted pairs: it can check no other',
          run: () =>
            SimpleMerkleTree.verify(hexRoot ?? '', hexLeaf ?? '', hexProof, (a, b) => {
              const hash = sorted(bytes(String(a)), bytes(String(b)))
              return `0x${Buffer.from(hash).toString('hex')}`
            }),
          result,
        },
        {
          kind: 'call',
          name: 'the hashes alone, crypto.hash',
          role: 'floor',
          note: '20 times SHA-256 of 65 bytes by `crypto.hash`, in one buffer',
          run() {
            for (const sibling of siblings) pair(sibling, root)
            return true
          },
          result,
        },
      ],
      notes: ['merkletreejs is told the side of each hash; ours derives it from index and size.'],
    }
  },
}
