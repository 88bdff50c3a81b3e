/** What is unsafe about the user's keyring, without reading a key. */
import { Keyring, type KeyringProblem } from './keyring.ts'
import { keyringDirectory } from './layout.ts'
import type { WorkspaceEnvironment } from './types.ts'

/**
 * What is unsafe about the keyring of this user: of the folder, or else of each file in it. Undefined where there is no keyring yet. Rejects as the file system does.
 */
export function keyringProblems(
  env: WorkspaceEnvironment,
): Promise<readonly KeyringProblem[] | undefined> {
  return new Keyring(keyringDirectory(env)).problems()
}
