/** The checks of the workspace around the working folder. */
import type { Workspace } from '@vaultmesh/remembrancer/workspace'
import { inspectLog } from '@vaultmesh/tlog'
import type { Context } from '../command.ts'
import { failureOf } from '../errors.ts'
import { withWorkspace } from '../with-workspace.ts'
import type { Finding } from './finding.ts'

/** Opens the workspace as every command does, reads its records, and looks for the state of its log. */
export async function checkWorkspace(context: Context): Promise<readonly Finding[]> {
  const name = 'workspace'
  try {
    return await withWorkspace(context, undefined, async (workspace) => {
      await workspace.timeline({ limit: 1 })
      const detail = `${workspace.namespace} in ${workspace.root}`
      return [{ name, status: 'ok', detail }, await checkLogState(workspace)]
    })
  } catch (error) {
    context.signal.throwIfAborted()
    const { code, message, hint } = failureOf(error)
    return code === 'WORKSPACE_MISSING'
      ? [{ name, status: 'warn', detail: 'none here or above', mend: 'vm init' }]
      : [{ name, status: 'fail', detail: hint === undefined ? message : `${message}; ${hint}` }]
  }
}

/** Whether the log could be written to, as far as that shows without its keys and its lock. */
async function checkLogState(workspace: Workspace): Promise<Finding> {
  const name = 'log state'
  try {
    const { signed, isUnderWay } = await inspectLog(await workspace.log())
    const more = isUnderWay ? ', and a batch that the next record ends or another writer has' : ''
    return { name, status: 'ok', detail: `${signed} records${more}` }
  } catch (error) {
    const { message, hint } = failureOf(error)
    return { name, status: 'fail', detail: message, ...(hint === undefined ? {} : { mend: hint }) }
  }
}
