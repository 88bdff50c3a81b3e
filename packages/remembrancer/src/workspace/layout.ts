/** Where the parts of a workspace, its keys and its log's state live. */
import { createHash } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { RemembrancerError } from '../errors.ts'
import type { WorkspaceEnvironment } from './types.ts'

/** The name of the folder that makes a folder a workspace. */
export const folderName = '.vaultmesh'

/** The paths inside a `.vaultmesh`, or inside the staging folder that becomes one. */
export interface Layout {
  readonly folder: string
  readonly config: string
  readonly gitignore: string
  readonly policy: string
  /** The certificate of the embedded time authority, PEM. */
  readonly certificate: string
  readonly blobs: string
  readonly index: string
  /** The C2SP tree of the log. */
  log(namespace: string): string
}

/** The layout of a folder. */
export function layoutOf(folder: string): Layout {
  return {
    folder,
    config: join(folder, 'config.yaml'),
    gitignore: join(folder, '.gitignore'),
    policy: join(folder, 'trust', 'policy.yaml'),
    certificate: join(folder, 'trust', 'time-authority.crt'),
    blobs: join(folder, 'blobs', 'sha256'),
    index: join(folder, 'index.sqlite'),
    log: (namespace) => join(folder, 'logs', namespace),
  }
}

function baseDirectory(
  name: 'XDG_CONFIG_HOME' | 'XDG_STATE_HOME',
  env: WorkspaceEnvironment,
): string {
  const chosen = env[name]
  // The XDG specification: a relative path is to be ignored.
  if (chosen !== undefined && isAbsolute(chosen)) return chosen
  const home = env.HOME
  if (home !== undefined && isAbsolute(home)) {
    return join(home, ...(name === 'XDG_CONFIG_HOME' ? ['.config'] : ['.local', 'state']))
  }
  throw new RemembrancerError(
    'HOME_MISSING',
    `Neither ${name} nor HOME is an absolute path, so there is no place for keys and state. Set one of them.`,
  )
}

/** The folder for what programs of this user remember: `$XDG_STATE_HOME`, or its default. */
export function stateHome(env: WorkspaceEnvironment): string {
  return baseDirectory('XDG_STATE_HOME', env)
}

/** The folder with the user's secret keys. */
export function keyringDirectory(env: WorkspaceEnvironment): string {
  return join(baseDirectory('XDG_CONFIG_HOME', env), 'vaultmesh', 'keyring')
}

/** The folder with the last signed checkpoint and the lock of a log: never inside the workspace. */
export function stateDirectory(env: WorkspaceEnvironment, origin: string): string {
  const name = createHash('sha256').update(origin).digest('hex')
  return join(stateHome(env), 'vaultmesh', 'logs', name)
}

/** The file that says which keys a log of this user has, apart from any workspace. */
export function logConfigFile(env: WorkspaceEnvironment, origin: string): string {
  const name = createHash('sha256').update(origin).digest('hex')
  return join(baseDirectory('XDG_CONFIG_HOME', env), 'vaultmesh', 'logs', `${name}.yaml`)
}

/** The folder with the public parts of a time authority that the user runs. */
export function authorityDirectory(env: WorkspaceEnvironment, name: string): string {
  return join(baseDirectory('XDG_CONFIG_HOME', env), 'vaultmesh', 'tsa', name)
}

/** The folder with the serial numbers that a time authority gave out; `key` is its key's pin in hex. */
export function authorityStateDirectory(env: WorkspaceEnvironment, key: string): string {
  return join(stateHome(env), 'vaultmesh', 'tsa', key)
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/**
 * The nearest folder, from `directory` upwards, that holds a `.vaultmesh`.
 *
 * @throws RemembrancerError WORKSPACE_MISSING
 */
export async function findRoot(directory: string): Promise<string> {
  const start = await realpath(directory).catch(() => directory)
  for (let folder = start; ; folder = dirname(folder)) {
    if (await isDirectory(join(folder, folderName))) return folder
    if (dirname(folder) === folder) break
  }
  throw new RemembrancerError(
    'WORKSPACE_MISSING',
    `There is no ${folderName} in ${start} or any folder above it. Make one with: vm init`,
  )
}
