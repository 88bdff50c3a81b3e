/** What the MCP server is bound to. */
import type { Router } from '@vaultmesh/aurora-router/router'
import type { RecordDraft, Recorded, Workspace } from '@vaultmesh/remembrancer/workspace'

/** The half of a workspace that needs no secret key and no lock. */
export type Memory = Pick<
  Workspace,
  'agents' | 'decisions' | 'exportPolicy' | 'log' | 'namespace' | 'origin' | 'search' | 'show'
>

/** What writes records in an agent's name. */
export interface Recorder {
  /** The name of the agent, as the policy has it. */
  readonly agent: string
  /** Signs with the agent's key, timestamps and logs. */
  record(draft: RecordDraft): Promise<Recorded>
}

/** What the MCP server is bound to. */
export interface McpDependencies {
  readonly memory: Memory
  /** The version that the server states of itself. */
  readonly version: string
  /** Without one there are no tools about routing. */
  readonly router?: Pick<Router, 'decide' | 'route'>
  /** Without one nothing can be written, and the tools that write are not there. */
  readonly recorder?: Recorder
  /** Told of every failure that an agent is not told the whole of. */
  readonly onerror?: (error: unknown) => void
}

/** Records in the name of an agent of the workspace. */
export function agentRecorder(workspace: Pick<Workspace, 'record'>, agent: string): Recorder {
  return { agent, record: (draft) => workspace.record(draft, { agent }) }
}
