/** Writes fork proofs. */
import { encodeBase64, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { type Branch, type ForkProof, forkMediaType } from './types.ts'

function branchValue({ consistency, inclusion, leafHash }: Branch): object {
  return {
    consistency: consistency.map(encodeBase64),
    inclusion: inclusion.map(encodeBase64),
    leafHash: encodeBase64(leafHash),
  }
}

/**
 * The bytes of a fork proof: one sequence for one proof. `parseForkProof` reads them, up to
 * `maxForkProofBytes`.
 */
export function encodeForkProof(proof: ForkProof): Uint8Array<ArrayBuffer> {
  const { origin, heads, contradiction, divergence } = proof
  // Members stand in the order of RFC 8785, and all are text, which JSON.stringify writes as it asks.
  const value = {
    contradiction: contradiction && {
      hashes: contradiction.hashes.map(encodeBase64),
      root: encodeBase64(contradiction.root),
    },
    divergence: divergence && {
      branches: divergence.branches.map(branchValue),
      root: encodeBase64(divergence.root),
      size: divergence.size.toString(),
    },
    heads: heads.map(({ checkpoint }) => checkpoint),
    mediaType: forkMediaType,
    origin,
  }
  return encodeUtf8(JSON.stringify(value))
}
