/** What a fork is called. */
import { encodeHex, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import type { ForkProof } from './types.ts'

/**
 * The id of a fork: SHA-256, in hex, over the texts of its two heads. It does not depend on who
 * cosigned them, nor on whether the divergence is known.
 */
export function forkId({ heads: [first, second] }: Pick<ForkProof, 'heads'>): string {
  // No text has an empty line, so this one parts them.
  return encodeHex(sha256(encodeUtf8(`${first.text}\n${second.text}`)))
}
