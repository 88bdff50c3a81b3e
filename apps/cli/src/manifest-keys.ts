/** Whose signature of a manifest counts. */
import { createHash } from 'node:crypto'
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { parseTrustPolicy, type TrustPolicy } from '@vaultmesh/remembrancer/verify'
import type { ManifestVerifier } from '@vaultmesh/spawn-core'
import type { Context } from './command.ts'
import { failureOf, VmError } from './errors.ts'
import { readNamed } from './files.ts'
import { withWorkspace } from './with-workspace.ts'

const longestPolicy = 1024 * 1024

/** A policy out of a file that the user names. @throws {VmError} `VM_USAGE` when it is none. */
export async function readPolicy(context: Context, name: string): Promise<TrustPolicy> {
  const parsed = parseTrustPolicy(await readNamed(context, name, longestPolicy))
  if (parsed.ok) return parsed.policy
  throw new VmError('VM_USAGE', `${name} is no policy: ${parsed.problems.join('; ')}`, {
    hint: 'give a file that `vm trust export` wrote',
  })
}

/**
 * The keys that a policy trusts to sign, as verifiers of manifests. A manifest bears no time, so a
 * key that is trusted for a while only does not count: nobody could say when it signed.
 */
function manifestKeys({ keys }: TrustPolicy): ManifestVerifier[] {
  return keys
    .filter(
      ({ algorithm, roles, validUntil }) =>
        algorithm === 'ed25519' && roles.includes('record') && validUntil === undefined,
    )
    .map(({ publicKey }) => ({
      keyid: `ed25519:${createHash('sha256').update(publicKey).digest('hex')}`,
      verify: (pae, signature) => nodeVerifyEd25519(publicKey, pae, signature),
    }))
}

/** The keys of a policy file, else of the workspace around the working folder, else none. */
export async function trustedManifestKeys(
  context: Context,
  policy: string | undefined,
): Promise<ManifestVerifier[]> {
  if (policy !== undefined) return manifestKeys(await readPolicy(context, policy))
  try {
    return await withWorkspace(context, undefined, async (workspace) => {
      const parsed = parseTrustPolicy(await workspace.exportPolicy())
      return parsed.ok ? manifestKeys(parsed.policy) : []
    })
  } catch (error) {
    if (failureOf(error).code === 'WORKSPACE_MISSING') return []
    throw error
  }
}
