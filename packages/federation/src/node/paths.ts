/** Where the parts of a federated node are on this machine. */
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'

/** The files and folders of a node. */
export interface FederationPaths {
  /** `federation.yaml`, committed. */
  readonly config: string
  /** The signed description of this node, committed: it is public. */
  readonly description: string
  /** Fork proofs that were verified. */
  readonly evidence: string
  /** The mirrors, a folder each, named by {@link originDigest}. Not committed. */
  readonly mirrors: string
  /** What peers answered last. May be lost. */
  readonly peers: string
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function stateOf(stateHome: string): string {
  return join(resolve(stateHome), 'vaultmesh', 'federation')
}

/** The SHA-256 of an origin, in lower-case hex: its name in paths and URLs. */
export function originDigest(origin: string): string {
  return digest(origin)
}

/**
 * The file in which the witness with this vkey remembers what it has cosigned. It goes with the key
 * and not with a workspace, which can be moved or copied: the witness would forget.
 */
export function witnessStorePath(stateHome: string, vkey: string): string {
  return join(stateOf(stateHome), 'witness', `${digest(vkey)}.sqlite`)
}

/** The paths of the node in a workspace. `stateHome` is `$XDG_STATE_HOME` or its default. */
export function federationPaths(workspaceRoot: string, stateHome: string): FederationPaths {
  const root = resolve(workspaceRoot)
  const folder = join(root, '.vaultmesh')
  const state = join(stateOf(stateHome), 'peers')
  return {
    config: join(folder, 'federation.yaml'),
    description: join(folder, 'federation.note'),
    evidence: join(folder, 'evidence'),
    mirrors: join(folder, 'mirrors'),
    peers: join(state, `${digest(root)}.json`),
  }
}

/** The folder of the mirror of a log. */
export function mirrorDirectory({ mirrors }: FederationPaths, origin: string): string {
  return join(mirrors, originDigest(origin))
}
