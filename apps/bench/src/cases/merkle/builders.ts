/** Ways to build the RFC 6962 tree of entries, ours and others'; each keeps every hash. */
import { hash } from 'node:crypto'
import { sha256 } from '@noble/hashes/sha2.js'
import { SimpleMerkleTree } from '@openzeppelin/merkle-tree'
import { TreeBuilder } from '@vaultmesh/merkle/build'
import { nodeHasher } from '@vaultmesh/merkle/node'
import { type BatchHasher, batchHasherFrom } from '@vaultmesh/merkle/rfc6962'
import { loadSimdHasher } from '@vaultmesh/merkle/simd'
import { MerkleTree } from 'merkletreejs'
import type { Role } from '../../harness/result.ts'

/** SHA-256 of `bytes`. */
export type Digest = (bytes: Uint8Array) => Uint8Array

/** SHA-256 by `crypto.hash`, Node's quickest way to hash one message. */
export const cryptoHash = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer')

/** SHA-256(0x00 || entry), with a buffer that is used again for entries of the same length. */
function leafHasher(digest: Digest): Digest {
  let input = new Uint8Array(1)
  return (entry) => {
    if (input.length !== entry.length + 1) input = new Uint8Array(entry.length + 1)
    input.set(entry, 1)
    return digest(input)
  }
}

/** SHA-256(0x01 || left || right), with one buffer. */
export function pairHasher(digest: Digest): (left: Uint8Array, right: Uint8Array) => Uint8Array {
  const input = new Uint8Array(65)
  input[0] = 1
  return (left, right) => {
    input.set(left, 1)
    input.set(right, 33)
    return digest(input)
  }
}

/** What anyone would write: level by level, one hash after the other. The last level is the root. */
export function naiveLevels(entries: readonly Uint8Array[], digest: Digest): Uint8Array[][] {
  const pair = pairHasher(digest)
  let level = entries.map(leafHasher(digest))
  const levels = [level]
  while (level.length > 1) {
    const above: Uint8Array[] = []
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i], level[i + 1]]
      if (left !== undefined) above.push(right === undefined ? left : pair(left, right))
    }
    level = above
    levels.push(level)
  }
  return levels
}

/** How merkletreejs is told to hash nodes as RFC 6962 does; leaves are hashed before. */
export function merkletreejsOptions(digest: Digest) {
  return {
    hash: (bytes: Buffer): Buffer => Buffer.from(digest(bytes)),
    options: {
      concatenator: ([left = Buffer.alloc(0), right = Buffer.alloc(0)]: Buffer[]): Buffer =>
        Buffer.concat([Uint8Array.of(1), left, right]),
    },
  }
}

/** A merkletreejs tree over the hashes of entries. */
export function merkletreejsTree(entries: readonly Uint8Array[]): MerkleTree {
  const { hash: digest, options } = merkletreejsOptions(cryptoHash)
  return new MerkleTree(entries.map(leafHasher(cryptoHash)), digest, options)
}

/** An OpenZeppelin tree over the hashes of entries. */
function openzeppelinTree(entries: readonly Uint8Array[]): SimpleMerkleTree {
  const pair = pairHasher(cryptoHash)
  const bytes = (hex: string): Uint8Array => Buffer.from(hex.slice(2), 'hex')
  return SimpleMerkleTree.of(entries.map(leafHasher(cryptoHash)), {
    sortLeaves: false,
    // It stores the leaves from right to left, so what it calls left stands right.
    nodeHash: (a, b) =>
      `0x${Buffer.from(pair(bytes(String(b)), bytes(String(a)))).toString('hex')}`,
  })
}

/** The hasher that whole logs are built with here, and its name. */
export async function ourBatchHasher(): Promise<{ hasher: BatchHasher; name: string }> {
  const simd = await loadSimdHasher()
  return simd === undefined
    ? { hasher: batchHasherFrom(nodeHasher), name: 'crypto.hash' }
    : { hasher: simd, name: 'WebAssembly SIMD' }
}

/** How many entries are handed to the builder at once: what a log reads from one bundle. */
export const batchSize = 256

/** Builds with `TreeBuilder`. Every tile is kept, as the others keep their levels. */
function ourRoot(entries: readonly Uint8Array[], hasher: BatchHasher): Uint8Array {
  const builder = TreeBuilder.empty(hasher)
  const tiles = []
  for (let at = 0; at < entries.length; at += batchSize) {
    tiles.push(...builder.append(entries.slice(at, at + batchSize)))
  }
  return builder.root()
}

/** One way to build a tree: gives its root. */
export interface Builder {
  readonly name: string
  readonly role: Role
  readonly note: string
  readonly build: (entries: readonly Uint8Array[]) => Uint8Array
}

function naiveRoot(entries: readonly Uint8Array[], digest: Digest): Uint8Array {
  return naiveLevels(entries, digest).at(-1)?.[0] ?? new Uint8Array()
}

/** All builders, ours first. */
export async function builders(): Promise<Builder[]> {
  const { hasher, name } = await ourBatchHasher()
  return [
    {
      name: 'ours',
      role: 'ours',
      note: `\`TreeBuilder\` with ${name}, ${batchSize} entries at a time, all tiles kept`,
      build: (entries) => ourRoot(entries, hasher),
    },
    {
      name: 'crypto.hash',
      role: 'peer',
      note: 'level by level, one call per hash',
      build: (entries) => naiveRoot(entries, cryptoHash),
    },
    {
      name: 'noble',
      role: 'peer',
      note: 'the same loop with `sha256` of @noble/hashes',
      build: (entries) => naiveRoot(entries, sha256),
    },
    {
      name: 'merkletreejs',
      role: 'peer',
      note: "over leaf hashes, with `crypto.hash` and RFC 6962's prefix for nodes",
      build: (entries) => merkletreejsTree(entries).getRoot(),
    },
    {
      name: '@openzeppelin/merkle-tree',
      role: 'peer',
      note: '`SimpleMerkleTree` over leaf hashes, with `crypto.hash` in `nodeHash`',
      build: (entries) => Buffer.from(openzeppelinTree(entries).root.slice(2), 'hex'),
    },
  ]
}
