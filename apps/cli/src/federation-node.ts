/** The federated node of a workspace: its configuration on disk, and the open node. */
import { existsSync } from 'node:fs'
import {
  encodeFederationConfig,
  type Federation,
  type FederationConfig,
  type FederationPaths,
  federationPaths,
  type OwnLog,
  openFederation,
  parseFederationConfig,
  readFederationConfig,
} from '@vaultmesh/federation/node'
import type { NoteSigner } from '@vaultmesh/merkle/note'
import { noQuorum, parsePolicy, type TlogPolicy } from '@vaultmesh/merkle/policy'
import { readWitnessSigner, stateHome, type Workspace } from '@vaultmesh/remembrancer/workspace'
import type { Context } from './command.ts'
import { failureOf, VmError } from './errors.ts'
import { writeNamed } from './files.ts'
import { existingPassphrase } from './passphrase.ts'
import { toned } from './text.ts'
import { withWorkspace } from './with-workspace.ts'

/** Where the parts of the node of a workspace are. */
export function nodePaths({ env }: Context, { root }: Workspace): FederationPaths {
  return federationPaths(root, stateHome(env))
}

/**
 * The text of a configuration; `path` is for the message.
 *
 * @throws {VmError} `VM_USAGE` for what could not be read back, such as a name that can be none
 */
export function configText(path: string, config: FederationConfig): Uint8Array {
  const text = encodeFederationConfig(config)
  const parsed = parseFederationConfig(text)
  if (parsed.ok) return new TextEncoder().encode(text)
  throw new VmError('VM_USAGE', `${path} is left as it is: ${parsed.problems.join('; ')}`, {
    hint: 'run the same command with --help to see what it takes',
  })
}

/** Puts a configuration in its place, whole or not at all. @throws {VmError} as `configText` */
export async function writeNodeConfig(
  context: Context,
  path: string,
  config: FederationConfig,
): Promise<void> {
  await writeNamed(context, path, configText(path, config))
}

/** The log of a workspace, as its node shares and guards it. */
async function ownLogOf(workspace: Workspace): Promise<OwnLog> {
  const { origin, directory, keys, witnesses } = await workspace.log()
  const { log, retiringLog } = keys
  const vkeys = retiringLog === undefined ? [log] : [log, retiringLog]
  // A policy without the log would be one that an owner has damaged by hand.
  const policy = witnesses ?? {
    logs: vkeys.map((vkey) => ({ vkey })),
    witnesses: [],
    groups: [],
    quorum: noQuorum,
  }
  return { origin, directory, policy }
}

/** The signer of the node's witness; none where the node has none, or its key is elsewhere. */
async function witnessSigners(
  context: Context,
  { witness }: FederationConfig,
  passphraseFile: string | undefined,
): Promise<NoteSigner[]> {
  if (witness === undefined) return []
  try {
    const signer = await readWitnessSigner({
      vkey: witness.vkey,
      env: context.env,
      clock: () => new Date(),
      passphrase: () => existingPassphrase(context, passphraseFile),
    })
    return [signer]
  } catch (error) {
    if (failureOf(error).code !== 'KEYRING_KEY_MISSING') throw error
    context.talk.say([
      toned('warn', 'warning'),
      ': the key of the witness is not on this machine: nothing is cosigned',
    ])
    return []
  }
}

/** An open node, and the workspace that it is the node of. */
export interface OpenNode {
  readonly federation: Federation
  readonly workspace: Workspace
  /** The logs that the node knows: its own, and those of its peers, by origin. */
  readonly policies: ReadonlyMap<string, TlogPolicy>
}

/** How to open a node. */
interface NodeOptions {
  readonly passphraseFile?: string | undefined
  /** Whether its witness is needed: its key is read then, which may need a passphrase. */
  readonly cosigns?: boolean
  /** The configuration, where it is not in its place yet. */
  readonly config?: FederationConfig
}

/** Opens the node of a workspace. The caller closes its `federation`. */
export async function openNode(
  context: Context,
  workspace: Workspace,
  { passphraseFile, cosigns = false, config: given }: NodeOptions = {},
): Promise<OpenNode> {
  const config = given ?? (await readFederationConfig(nodePaths(context, workspace).config))
  const own = await ownLogOf(workspace)
  const federation = await openFederation({
    workspaceRoot: workspace.root,
    stateHome: stateHome(context.env),
    ownLogs: [own],
    witnessSigners: cosigns ? await witnessSigners(context, config, passphraseFile) : [],
    config,
    clock: () => new Date(),
  })
  const pinned = config.peers.flatMap(({ logs }) =>
    logs.flatMap(({ origin, policy }) => {
      const parsed = parsePolicy(policy)
      return parsed.ok ? [[origin, parsed.policy] as const] : []
    }),
  )
  return { federation, workspace, policies: new Map([...pinned, [own.origin, own.policy]]) }
}

/** As {@link openNode}; undefined where the workspace is no node. */
export async function openNodeIfAny(
  context: Context,
  workspace: Workspace,
  options: NodeOptions,
): Promise<OpenNode | undefined> {
  const isNode = existsSync(nodePaths(context, workspace).config)
  return isNode ? openNode(context, workspace, options) : undefined
}

/** Works on the node of the workspace around the working folder, and closes both. */
export function withNode<T>(
  context: Context,
  options: NodeOptions,
  work: (node: OpenNode) => Promise<T>,
): Promise<T> {
  return withWorkspace(context, options.passphraseFile, async (workspace) => {
    const node = await openNode(context, workspace, options)
    try {
      return await work(node)
    } finally {
      await node.federation.close()
    }
  })
}
