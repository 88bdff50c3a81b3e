/** The checks of the workspace around the working folder. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { stateDirectory, type Workspace } from '@vaultmesh/remembrancer/workspace'
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
      return [{ name, status: 'ok', detail }, await checkLogState(context, workspace)]
    })
  } catch (error) {
    context.signal.throwIfAborted()
    const { code, message, hint } = failureOf(error)
    return code === 'WORKSPACE_MISSING'
      ? [{ name, status: 'warn', detail: 'none here or above', mend: 'vm init' }]
      : [{ name, status: 'fail', detail: hint === undefined ? message : `${message}; ${hint}` }]
  }
}

/** A log whose last signed checkpoint is not on this machine can be read and not written. */
async function checkLogState({ env }: Context, { origin }: Workspace): Promise<Finding> {
  const name = 'log state'
  const folder = stateDirectory(env, origin)
  try {
    await access(join(folder, 'checkpoint'))
    return { name, status: 'ok', detail: folder }
  } catch {
    return {
      name,
      status: 'fail',
      detail: `${folder} does not say what was signed last, so nothing can be recorded here`,
      mend: 'vm log recover --expected-size N   # if this copy is the latest and the only one',
    }
  }
}
