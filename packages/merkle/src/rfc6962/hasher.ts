/** The hashes of a Merkle tree as RFC 6962 section 2.1 defines them, over SHA-256. */
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'

/** The length of every hash in a tree, in bytes. */
export const hashLength = 32

/**
 * How leaves and nodes are hashed. The two prefixes differ, so that a node can't be passed off as
 * a leaf (RFC 6962 section 2.1, second-preimage resistance).
 */
export interface Hasher {
  /** SHA-256(0x00 || entry): 32 bytes. */
  hashLeaf(entry: Uint8Array): Uint8Array
  /** SHA-256(0x01 || left || right): 32 bytes. */
  hashNode(left: Uint8Array, right: Uint8Array): Uint8Array
}

/** SHA-256 of `bytes`: 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return nobleSha256(bytes)
}

/** Makes a {@link Hasher} from a SHA-256 function. */
export function hasherFrom(digest: (bytes: Uint8Array) => Uint8Array): Hasher {
  return {
    hashLeaf(entry) {
      const input = new Uint8Array(1 + entry.length)
      input.set(entry, 1)
      return digest(input)
    },
    hashNode(left, right) {
      const input = new Uint8Array(1 + left.length + right.length)
      input[0] = 1
      input.set(left, 1)
      input.set(right, 1 + left.length)
      return digest(input)
    },
  }
}

/** The {@link Hasher} that runs anywhere, by `@noble/hashes`. */
export const sha256Hasher: Hasher = hasherFrom(sha256)

/** SHA-256(0x00 || entry): what the tree holds for an entry. */
export function hashLeaf(entry: Uint8Array): Uint8Array {
  return sha256Hasher.hashLeaf(entry)
}

/** SHA-256(0x01 || left || right): what the tree holds for two children. */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256Hasher.hashNode(left, right)
}

/** The root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array())
}
