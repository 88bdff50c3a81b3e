import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeHex } from '../src/bytes.ts'
import { nodeHasher } from '../src/node.ts'
import { foldHashes, requireHashes } from '../src/range.ts'
import { emptyRoot, hashLeaf, hashNode, sha256, sha256Hasher } from '../src/rfc6962.ts'
import { codeOf } from './support.ts'

test('a leaf, a node and the empty tree are hashed as RFC 6962 says', () => {
  expect(encodeHex(emptyRoot())).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  )
  // The leaf without content, as RFC 6962 implementations have it in their tests.
  expect(encodeHex(hashLeaf(new Uint8Array()))).toBe(
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  )
  const [left, right] = [hashLeaf(Uint8Array.of(1)), hashLeaf(Uint8Array.of(2))]
  expect(hashNode(left, right)).toEqual(sha256(Uint8Array.of(1, ...left, ...right)))
})

test('a node can not be passed off as a leaf', () => {
  const [left, right] = [hashLeaf(Uint8Array.of(1)), hashLeaf(Uint8Array.of(2))]
  expect(hashLeaf(Uint8Array.of(...left, ...right))).not.toEqual(hashNode(left, right))
})

test('Node and noble hash alike, into plain arrays', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (entry) => {
      const leaf = nodeHasher.hashLeaf(entry)
      expect(leaf).toEqual(sha256Hasher.hashLeaf(entry))
      expect(leaf.constructor).toBe(Uint8Array)
      expect(nodeHasher.hashNode(leaf, leaf)).toEqual(sha256Hasher.hashNode(leaf, leaf))
    }),
  )
})

test('nothing folds to nothing, and a short hash is refused', () => {
  expect(foldHashes([], sha256Hasher)).toBeUndefined()
  expect(codeOf(() => requireHashes([new Uint8Array(31)], 'this'))).toBe('INVALID_ARGUMENT')
})
