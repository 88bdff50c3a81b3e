/** The temporary folder in which the demo plays, and the environment of its processes. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Where things are while the demo runs. */
export interface Scene {
  readonly root: string
  /** The workspace's folder. */
  readonly workspace: string
  /** Where the workspace is moved before the proof is verified. */
  readonly away: string
  /** What is handed to the verifier. */
  readonly handed: string
  /** A home with nothing in it, for the verifier. */
  readonly emptyHome: string
  /** The environment of every process but the verifier. */
  readonly env: Environment
}

/** Makes the folder, with a home, XDG folders, a git configuration and a passphrase of its own. */
export async function makeScene(outer: Environment): Promise<Scene> {
  const root = await mkdtemp(join(await realpath(tmpdir()), 'vm-demo-'))
  try {
    return await fillScene(root, outer)
  } catch (error) {
    await removeFolder(root)
    throw error
  }
}

async function fillScene(root: string, outer: Environment): Promise<Scene> {
  const at = (...parts: string[]): string => join(root, ...parts)
  for (const name of ['workspace', 'handed', 'empty-home', 'home']) await mkdir(at(name))
  await writeFile(at('home', '.gitconfig'), '[init]\n\tdefaultBranch = main\n')
  const passphraseFile = at('home', 'passphrase')
  await writeFile(passphraseFile, `${randomBytes(16).toString('base64url')}\n`, { mode: 0o600 })
  return {
    root,
    workspace: at('workspace'),
    away: at('moved-away'),
    handed: at('handed'),
    emptyHome: at('empty-home'),
    env: {
      ...inherited(outer),
      GIT_AUTHOR_EMAIL: 'demo@vaultmesh.invalid',
      GIT_AUTHOR_NAME: 'VaultMesh demo',
      GIT_COMMITTER_EMAIL: 'demo@vaultmesh.invalid',
      GIT_COMMITTER_NAME: 'VaultMesh demo',
      GIT_CONFIG_GLOBAL: at('home', '.gitconfig'),
      GIT_CONFIG_NOSYSTEM: '1',
      HOME: at('home'),
      NODE_COMPILE_CACHE: at('home', '.cache', 'node'),
      PATH: [dirname(process.execPath), outer['PATH']].filter(Boolean).join(delimiter),
      VM_PASSPHRASE_FILE: passphraseFile,
      XDG_CACHE_HOME: at('home', '.cache'),
      XDG_CONFIG_HOME: at('home', '.config'),
      XDG_DATA_HOME: at('home', '.local', 'share'),
      XDG_STATE_HOME: at('home', '.local', 'state'),
    },
  }
}

/** Removes everything that the demo made. */
export function removeScene(scene: Scene): Promise<void> {
  return removeFolder(scene.root)
}

async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

// A registry behind a proxy or with its own certificates must stay reachable for `npm`.
const registrySettings =
  /^npm_config_(registry|userconfig|globalconfig|cafile|ca|proxy|https_proxy|http_proxy|noproxy|strict_ssl)$/i

/**
 * What of the caller's environment reaches the demo's processes: all but what would point them at
 * the caller's own git repository, keys, package manager or Node options.
 */
function inherited(outer: Environment): Environment {
  const kept = Object.entries(outer).filter(
    ([name]) =>
      !/^(GIT_|XDG_|VM_|npm_|pnpm_|PNPM_|NODE_OPTIONS$|INIT_CWD$)/.test(name) ||
      registrySettings.test(name),
  )
  const userConfig = join(outer['HOME'] ?? homedir(), '.npmrc')
  const hasUserConfig = kept.some(([name]) => name.toLowerCase() === 'npm_config_userconfig')
  return {
    ...Object.fromEntries(kept),
    ...(existsSync(userConfig) && !hasUserConfig ? { npm_config_userconfig: userConfig } : {}),
  }
}
