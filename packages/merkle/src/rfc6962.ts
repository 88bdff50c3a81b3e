/** The hashes of a Merkle tree as RFC 6962 section 2.1 defines them, over SHA-256. */
export { type BatchHasher, batchHasherFrom } from './rfc6962/batch.ts'
export {
  emptyRoot,
  type Hasher,
  hasherFrom,
  hashLeaf,
  hashLength,
  hashNode,
  sha256,
  sha256Hasher,
} from './rfc6962/hasher.ts'
