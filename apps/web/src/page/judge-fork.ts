/** Judges fork proofs. */
import { verifyForkProof } from '@vaultmesh/federation'
import type { TrustPolicy } from '@vaultmesh/remembrancer/verify'
import type { HeldFile } from './held-file.ts'
import { isHolding, nobodyTrusted, objections, type Report, withoutPolicy } from './report.ts'

/** Judges a fork proof; without a policy, its form. */
export async function judgeFork(file: HeldFile, policy: TrustPolicy | undefined): Promise<Report> {
  const trustOf = (origin: string) => policy?.logs.find((log) => log.origin === origin)?.policy
  const { checks, proof } = await verifyForkProof(file.bytes, trustOf)
  const shown = proof && { fork: proof }
  if (policy === undefined) {
    return nobodyTrusted('A fork proof', withoutPolicy(checks, ['fork.format']), { ...shown })
  }
  if (!checks.every(isHolding)) {
    const headline = 'Not verified. This does not show that the log has forked.'
    return { outcome: 'failed', headline, notes: objections(checks), checks, ...shown }
  }
  const weak = checks.filter(({ status }) => status === 'warn')
  const notes = [
    'The log signed two histories of which neither can have grown into the other. Whoever holds its key has shown different people different logs, or the key was stolen.',
    ...weak.map(({ detail }) => `Weak: ${detail}.`),
  ]
  const headline = 'Verified: this log has forked.'
  return { outcome: 'verified', headline, notes, checks, ...shown }
}
