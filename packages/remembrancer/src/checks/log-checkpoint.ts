import type { Checkpoint } from '@vaultmesh/merkle/checkpoint'
import type { Ed25519Verify } from '@vaultmesh/merkle/ed25519'
import { evaluateCheckpoint } from '@vaultmesh/merkle/policy'
import type { Bundle } from '../bundle.ts'
import type { TrustedLog } from '../trust-policy.ts'
import { type Outcome, pass, stop } from './check.ts'

/** A checkpoint that a key of the log signed. */
export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint
  /** Whether the quorum of the log's policy cosigned it. */
  readonly witnessed: boolean | 'none-required'
  readonly cosigners: readonly string[]
}

/** The signature of the log binds root, size and origin together. */
export async function checkLogCheckpoint(
  { proof }: Bundle,
  { policy }: TrustedLog,
  verify: Ed25519Verify,
): Promise<Outcome<SignedCheckpoint>> {
  const { checkpoint, witnessed, cosigners, failure } = await evaluateCheckpoint(
    proof.checkpoint,
    policy,
    verify,
  )
  if (checkpoint === undefined) {
    return stop('fail', failure?.detail ?? 'no key of the log signed the checkpoint')
  }
  if (checkpoint.extensions.length > 0) {
    return stop('fail', 'the checkpoint has extension lines, which v0 does not know')
  }
  const signed = { checkpoint, witnessed, cosigners }
  return pass(`signed by the log at size ${checkpoint.size}`, signed)
}
