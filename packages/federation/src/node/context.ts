/** What the parts of an open node share. */
import type { TlogPolicy } from '@vaultmesh/merkle/policy'
import type { FederationConfig } from './config.ts'
import type { EvidenceStore } from './evidence-store.ts'
import type { Mirror } from './mirror-types.ts'
import type { FederationPaths } from './paths.ts'
import type { PullWitness } from './pull-witness.ts'
import type { TileLinks } from './tile-links.ts'
import type { OwnLog } from './types.ts'

/** An open node. */
export interface NodeContext {
  readonly workspaceRoot: string
  readonly config: FederationConfig
  readonly paths: FederationPaths
  /** Of own logs and of those that are mirrored, by origin. */
  readonly policies: ReadonlyMap<string, TlogPolicy>
  /** By origin. */
  readonly ownLogs: ReadonlyMap<string, OwnLog>
  /** By origin. */
  readonly mirrors: ReadonlyMap<string, Mirror>
  /** What the tiles of each log prove: its own, else those of its mirror. By origin. */
  readonly links: ReadonlyMap<string, TileLinks>
  /** The vkeys of all witnesses that any policy or this node has: their cosignatures are passed on. */
  readonly witnesses: readonly string[]
  readonly evidence: EvidenceStore
  /** The witness of this node, where it can sign. */
  readonly witness: PullWitness | undefined
  readonly clock: () => Date
}
