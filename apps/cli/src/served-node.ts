/** The node of a federation, as `vm serve` runs it. */
import type { Federation } from '@vaultmesh/federation/node'
import { VmError } from './errors.ts'

/** Peers that don't answer must not keep the server from starting. */
const patienceMs = 10_000

/**
 * Refuses to go on with a log of which others have seen more than is here, or something else: an old
 * copy was restored, and what it signs next would be a second history.
 *
 * @throws {VmError} `VM_NOT_ALLOWED`, `VM_FORKED`
 */
export async function requireNewest(
  federation: Pick<Federation, 'ownLogSeenBy'>,
  signal: AbortSignal,
): Promise<void> {
  const sightings = await federation.ownLogSeenBy({ signal, timeoutMs: patienceMs, isForced: true })
  for (const { origin, where, size, ownSize, relation } of sightings) {
    if (relation === 'ahead') {
      const seen = `${where} has ${size} entries of ${origin}, and here are ${ownSize}`
      throw new VmError('VM_NOT_ALLOWED', `${seen}: this is an old copy`, {
        hint: 'bring the newer files back, from where they are or from a mirror, or serve with --read-only',
      })
    }
    if (relation === 'forked') {
      throw new VmError('VM_FORKED', `${where} has another history of ${origin} than is here`, {
        hint: 'run `vm federation sync`, which keeps the proof, and write nothing more',
      })
    }
  }
}
