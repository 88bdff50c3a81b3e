/** The temporary folder in which the demo plays, and the environments of its processes. */
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Somebody with a workspace, a home and keys of their own. */
export interface Party {
  readonly workspace: string
  readonly home: string
  /** The environment of their processes. */
  readonly env: Environment
}

/** Where things are while the demo runs. */
export interface Scene {
  readonly root: string
  /** What of the caller's environment reaches the demo's processes. */
  readonly inherited: Environment
  /** Whose workspace the demo is about. */
  readonly first: Party
  /** Where the workspace is moved while a stranger verifies. */
  readonly away: string
  /** What is handed to the stranger. */
  readonly handed: string
  /** The stranger's home, with nothing in it. */
  readonly emptyHome: string
}

/** Makes the folder, with a first party in it. */
export async function makeScene(outer: Environment): Promise<Scene> {
  const root = await mkdtemp(join(await realpath(tmpdir()), 'vm-demo-'))
  try {
    const at = (name: string): string => join(root, name)
    for (const name of ['handed', 'empty-home']) await mkdir(at(name))
    const inherited = inheritedFrom(outer)
    return {
      root,
      inherited,
      first: await makeParty({ root, inherited }, 'first'),
      away: at('moved-away'),
      handed: at('handed'),
      emptyHome: at('empty-home'),
    }
  } catch (error) {
    await removeFolder(root)
    throw error
  }
}

type Ground = Pick<Scene, 'root' | 'inherited'>

/** A party with an empty workspace: a home, XDG folders, a git configuration and a passphrase. */
export async function makeParty(ground: Ground, name: string): Promise<Party> {
  const party = partyAt(ground, name)
  const { workspace, home, env } = party
  for (const folder of [workspace, home]) await mkdir(folder, { recursive: true })
  await writeFile(join(home, '.gitconfig'), '[init]\n\tdefaultBranch = main\n')
  const passphrase = `${randomBytes(16).toString('base64url')}\n`
  await writeFile(env['VM_PASSPHRASE_FILE'] ?? '', passphrase, { mode: 0o600 })
  return party
}

/** A party with a copy of all that another has: workspace, keys and state. */
export async function copyParty(ground: Ground, from: Party, name: string): Promise<Party> {
  const party = partyAt(ground, name)
  await cp(dirname(from.home), dirname(party.home), { recursive: true, verbatimSymlinks: true })
  return party
}

function partyAt({ root, inherited }: Ground, name: string): Party {
  const home = join(root, name, 'home')
  const at = (...parts: string[]): string => join(home, ...parts)
  return {
    workspace: join(root, name, 'workspace'),
    home,
    env: {
      ...inherited,
      GIT_AUTHOR_EMAIL: 'demo@vaultmesh.invalid',
      GIT_AUTHOR_NAME: 'VaultMesh demo',
      GIT_COMMITTER_EMAIL: 'demo@vaultmesh.invalid',
      GIT_COMMITTER_NAME: 'VaultMesh demo',
      GIT_CONFIG_GLOBAL: at('.gitconfig'),
      GIT_CONFIG_NOSYSTEM: '1',
      HOME: home,
      // One for all parties: it holds what Node has made of our own sources.
      NODE_COMPILE_CACHE: inherited['NODE_COMPILE_CACHE'] ?? join(root, 'node-cache'),
      VM_PASSPHRASE_FILE: at('passphrase'),
      XDG_CACHE_HOME: at('.cache'),
      XDG_CONFIG_HOME: at('.config'),
      XDG_DATA_HOME: at('.local', 'share'),
      XDG_STATE_HOME: at('.local', 'state'),
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
function inheritedFrom(outer: Environment): Environment {
  const kept = Object.entries(outer).filter(
    ([name]) =>
      !/^(GIT_|XDG_|VM_|npm_|pnpm_|PNPM_|NODE_OPTIONS$|INIT_CWD$)/.test(name) ||
      registrySettings.test(name),
  )
  const userConfig = join(outer['HOME'] ?? homedir(), '.npmrc')
  const hasUserConfig = kept.some(([name]) => name.toLowerCase() === 'npm_config_userconfig')
  return {
    ...Object.fromEntries(kept),
    PATH: [dirname(process.execPath), outer['PATH']].filter(Boolean).join(delimiter),
    ...(existsSync(userConfig) && !hasUserConfig ? { npm_config_userconfig: userConfig } : {}),
  }
}
