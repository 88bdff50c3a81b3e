/** What the routes share. */

import type { Router } from '@vaultmesh/aurora-router/router'
import type { Federation } from '@vaultmesh/federation/node'
import type { Workspace } from '@vaultmesh/remembrancer/workspace'
import type { ServerMetrics } from './metrics/metrics.ts'

/** What the routes share. */
export interface ServerContext {
  readonly workspace: Workspace
  readonly router: Router | undefined
  readonly federation: Federation | undefined
  readonly metrics: ServerMetrics
  /** True where nothing is written. */
  readonly readOnly: boolean
  readonly clock: () => Date
  /** Whether the server is about to end. */
  readonly isDraining: () => boolean
}
