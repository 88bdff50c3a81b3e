import { createHash } from 'node:crypto'
import type { RecordDraft } from '@vaultmesh/remembrancer/workspace'
import type { Manifest } from '@vaultmesh/spawn-core'

/**
 * What is recorded about a spawn: its manifest by digest, so that every file it names is meant.
 *
 * @param bytes of `.vm/manifest.json`
 * @param gitCommit 40 or 64 hex digits, where it is known
 */
export function spawnDraft(
  manifest: Manifest,
  bytes: Uint8Array,
  gitCommit: string | undefined,
): RecordDraft {
  const { service, template } = manifest
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const { digest, id, version } = template
  return {
    kind: 'spawn',
    title: `Spawn ${service} from ${id} ${version}`,
    subject: [{ name: `${service}/.vm/manifest.json`, digest: { sha256 } }],
    details: {
      ...(gitCommit === undefined ? {} : { gitCommit }),
      service,
      template: { digest, id, version },
    },
  }
}
