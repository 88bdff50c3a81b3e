import { verifyInclusion } from '@vaultmesh/merkle/proof'
import { hashLeaf } from '@vaultmesh/merkle/rfc6962'
import type { Bundle } from '../bundle.ts'
import { type Outcome, pass, stop } from './check.ts'
import type { SignedCheckpoint } from './log-checkpoint.ts'

/** Where in its log an entry was found. */
export interface Included {
  readonly index: bigint
}

/** The entry must be in the tree that the log signed, not beside it. */
export function checkLogInclusion(
  { entry, proof }: Bundle,
  { checkpoint: { size, root } }: SignedCheckpoint,
): Outcome<Included> {
  const { index, hashes } = proof
  const result = verifyInclusion({ index, size, leafHash: hashLeaf(entry), hashes, root })
  return result.ok ? pass(`entry ${index} of ${size}`, { index }) : stop('fail', result.detail)
}
