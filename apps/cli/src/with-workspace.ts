import { openWorkspace, type Workspace } from '@vaultmesh/remembrancer/workspace'
import type { Context } from './command.ts'
import { existingPassphrase } from './passphrase.ts'

/**
 * Works on the workspace that holds the working folder, and closes it whatever happens.
 * The passphrase is asked for only when a secret key is needed.
 */
export async function withWorkspace<T>(
  context: Context,
  passphraseFile: string | undefined,
  work: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const workspace = await openWorkspace({
    directory: context.cwd,
    env: context.env,
    clock: () => new Date(),
    passphrase: () => existingPassphrase(context, passphraseFile),
    signal: context.signal,
  })
  try {
    return await work(workspace)
  } finally {
    await workspace.close()
  }
}
