/** What the commands about tokens share. */
import { keyringDirectory } from '@vaultmesh/remembrancer/workspace'
import { listTokens, tokenDirectory } from '@vaultmesh/server/tokens'
import type { Context } from './command.ts'
import { VmError } from './errors.ts'
import { withWorkspace } from './with-workspace.ts'

/** The folder with the tokens of the workspace of an origin. */
export function tokensOf({ env }: Context, origin: string): string {
  return tokenDirectory(keyringDirectory(env), origin)
}

/** Works on the tokens of the workspace that holds the working folder. */
export function withTokens<T>(context: Context, work: (directory: string) => T): Promise<T> {
  return withWorkspace(context, undefined, async ({ origin }) => work(tokensOf(context, origin)))
}

/**
 * Refuses an address that others can reach while nobody could show who they are.
 *
 * @throws {VmError} `VM_NOT_ALLOWED`
 */
export function requireTokens(directory: string, host: string): void {
  const now = new Date()
  if (listTokens(directory).some(({ expiresAt }) => now < expiresAt)) return
  throw new VmError('VM_NOT_ALLOWED', `others can reach ${host}, and there is no token`, {
    hint: 'make one with `vm token create NAME --scope memories:read`, or serve 127.0.0.1',
  })
}
