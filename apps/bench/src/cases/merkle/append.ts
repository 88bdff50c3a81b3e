/** Adding one leaf to a tree in memory, and its new root. */
import { CompactRange } from '@vaultmesh/merkle/compact'
import { nodeHasher } from '@vaultmesh/merkle/node'
import type { MerkleTree } from 'merkletreejs'
import type { BenchCase, Scale } from '../../harness/case.ts'
import { fixedBytes, fixedEntries } from '../entries.ts'
import { cryptoHash, merkletreejsTree } from './builders.ts'

function hex(root: unknown): string {
  if (!(root instanceof Uint8Array)) throw new Error('a root is bytes')
  return Buffer.from(root).toString('hex')
}

function appendCase(title: string, sizes: Readonly<Record<Scale, number>>): BenchCase {
  return {
    title,
    async prepare({ scale }) {
      const size = sizes[scale]
      const entry = fixedBytes(256, 1)
      const entries = fixedEntries(size, 32)
      const base = CompactRange.empty(nodeHasher)
      for (const each of entries) base.append(nodeHasher.hashLeaf(each))
      let range = base
      let tree: MerkleTree | undefined
      return {
        input: `A tree of ${size.toLocaleString('en')} leaves in memory; hash one entry of 256 bytes, add it, give the root.`,
        isIsolated: true,
        variants: [
          {
            kind: 'call',
            name: 'ours',
            role: 'ours',
            note: '`CompactRange` with `crypto.hash`: it holds the right edge, not the leaves',
            before() {
              range = CompactRange.from(base.size, base.hashes, nodeHasher)
            },
            run() {
              range.append(nodeHasher.hashLeaf(entry))
              return range.root()
            },
            result: hex,
          },
          {
            kind: 'call',
            name: 'merkletreejs',
            role: 'peer',
            note: '`addLeaf`, `getRoot`: it computes all levels again',
            single: true,
            setup() {
              tree = merkletreejsTree(entries)
            },
            run() {
              tree?.addLeaf(cryptoHash(Buffer.concat([Uint8Array.of(0), entry])))
              return tree?.getRoot()
            },
            result: hex,
          },
        ],
        absent: [{ name: '@openzeppelin/merkle-tree', why: 'has no append: a tree is built once' }],
      }
    },
  }
}

/** At 100,000 leaves. */
export const append100k: BenchCase = appendCase('Append one leaf at 100,000', {
  smoke: 1000,
  normal: 100_000,
  full: 100_000,
})

/** At a million leaves. */
export const append1m: BenchCase = appendCase('Append one leaf at 1,000,000', {
  smoke: 2000,
  normal: 1_000_000,
  full: 1_000_000,
})
