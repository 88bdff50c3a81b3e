/** How many entries are hashed together. */
import { nodeHasher } from '@vaultmesh/merkle/node'
import { type BatchHasher, batchHasherFrom } from '@vaultmesh/merkle/rfc6962'
import { loadSimdHasher } from '@vaultmesh/merkle/simd'

/** One hash after the other: for few, nothing needs to be loaded. */
export const oneByOne: BatchHasher = batchHasherFrom(nodeHasher)

let loading: Promise<BatchHasher> | undefined

/** The fastest that there is, for many. Loaded once for all logs of this process. */
export function loadBatchHasher(): Promise<BatchHasher> {
  loading ??= loadSimdHasher().then((simd) => simd ?? oneByOne)
  return loading
}
