/** A node: its own logs, the mirrors of others, evidence, and a witness. */
import { decodeUtf8, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { type NoteSigner, parseVkey } from '@vaultmesh/merkle/note'
import type { TlogPolicy } from '@vaultmesh/merkle/policy'
import type { LogVerifiers } from '@vaultmesh/merkle/witness'
import type { TileReader } from '@vaultmesh/tlog'
import { FederationError } from '../errors.ts'
import { type FederationConfig, parseFederationConfig, policyOf } from './config.ts'
import type { NodeContext } from './context.ts'
import {
  maxDescriptionLength,
  type NodeDescription,
  readDescription,
  signDescription,
} from './descriptor.ts'
import { type EvidenceStore, openEvidenceStore } from './evidence-store.ts'
import { getFile, putFile, removeFile } from './files.ts'
import type { HeadsDocument } from './heads.ts'
import { type Knowledge, knowledgeOf, offeredHeads, sharedTiles, statusOf } from './knowledge.ts'
import { openMirror } from './mirror.ts'
import type { Mirror } from './mirror-types.ts'
import { tilesOf } from './own-log.ts'
import {
  type FederationPaths,
  federationPaths,
  mirrorDirectory,
  witnessStorePath,
} from './paths.ts'
import { withWitnesses } from './policies.ts'
import { catchUp, logVerifiersOf, type PullWitness } from './pull-witness.ts'
import { keepRefused } from './refused.ts'
import { ownLogSeenBy, syncPeers } from './sync.ts'
import { TileLinks } from './tile-links.ts'
import type {
  Federation,
  FederationOptions,
  FederationStatus,
  FederationWitness,
  OwnLog,
  OwnLogSighting,
  PeerSync,
  SyncOptions,
} from './types.ts'
import { openWitnessStore } from './witness-store.ts'

const maxConfigBytes = 4 * 1024 * 1024

/** Reads the configuration of a node. Rejects with CONFIG_MISSING, CONFIG_INVALID or FEDERATION_IO. */
export async function readFederationConfig(path: string): Promise<FederationConfig> {
  const bytes = await getFile(path, maxConfigBytes)
  if (bytes === undefined) {
    throw new FederationError(
      'CONFIG_MISSING',
      `there is no ${path}: this workspace federates with nobody yet`,
    )
  }
  const text = decodeUtf8(bytes)
  const parsed = parseFederationConfig(text ?? '')
  if (text !== undefined && parsed.ok) return parsed.config
  const why = text === undefined || parsed.ok ? 'it is not UTF-8' : parsed.problems.join('; ')
  throw new FederationError('CONFIG_INVALID', `${path} can't be used: ${why}`)
}

/** The policy of each log. Of an own log that is mirrored too, the own one counts. */
function policiesOf(
  config: FederationConfig,
  ownLogs: readonly OwnLog[],
): ReadonlyMap<string, TlogPolicy> {
  const mirrored = config.peers.flatMap(({ logs }) =>
    logs.map((log) => [log.origin, policyOf(log)] as const),
  )
  return new Map([...mirrored, ...ownLogs.map(({ origin, policy }) => [origin, policy] as const)])
}

function witnessesOf(
  { witness }: FederationConfig,
  policies: ReadonlyMap<string, TlogPolicy>,
): readonly string[] {
  const named = [...policies.values()].flatMap((policy) => policy.witnesses)
  return [
    ...new Set([...(witness === undefined ? [] : [witness]), ...named].map(({ vkey }) => vkey)),
  ]
}

/** The witness, where there are keys to sign with. Rejects as `openWitnessStore` does. */
async function openWitness(
  { witness }: FederationConfig,
  { witnessSigners = [], stateHome }: FederationOptions,
): Promise<PullWitness | undefined> {
  if (witnessSigners.length === 0) return undefined
  const key = witness && parseVkey(witness.vkey)
  const isOurs = witnessSigners.some(({ name, keyId }) => name === key?.name && keyId === key.keyId)
  if (witness === undefined || !isOurs) {
    throw new FederationError(
      'INVALID_ARGUMENT',
      `the signers of the witness are not those of ${witness?.vkey ?? 'a witness in the configuration'}`,
    )
  }
  const store = await openWitnessStore(witnessStorePath(stateHome, witness.vkey))
  return { store, signers: witnessSigners }
}

class OpenFederation implements Federation {
  readonly config: FederationConfig
  readonly paths: FederationPaths
  readonly evidence: EvidenceStore
  readonly mirrors: readonly Mirror[]
  readonly #node: NodeContext

  constructor(node: NodeContext) {
    this.config = node.config
    this.paths = node.paths
    this.evidence = node.evidence
    this.mirrors = [...node.mirrors.values()]
    this.#node = node
  }

  get witness(): FederationWitness | undefined {
    const { witness, mirrors, policies } = this.#node
    if (witness === undefined) return undefined
    const verifiersOf: LogVerifiers = async (origin) => {
      const [mirror, policy] = [mirrors.get(origin), policies.get(origin)]
      if (mirror === undefined || policy === undefined) return undefined
      await catchUp(witness, mirror, policy)
      return logVerifiersOf(policy, origin)
    }
    return { ...witness, verifiersOf, onRefused: (opened) => keepRefused(this.#node, opened) }
  }

  knowledgeOf(origin: string): Promise<Knowledge | undefined> {
    return knowledgeOf(this.#node, origin)
  }

  sharedTiles(origin: string): TileReader | undefined {
    return sharedTiles(this.#node, origin)
  }

  heads(): Promise<HeadsDocument> {
    return offeredHeads(this.#node)
  }

  async description(): Promise<string | undefined> {
    const bytes = await getFile(this.paths.description, maxDescriptionLength)
    const read = await readDescription(bytes ?? new Uint8Array())
    if (!read.ok) return undefined
    // It may be older than the configuration, or have come with git.
    const shared = new Set(this.config.share)
    const isShared = read.description.logs.every((vkey) => shared.has(parseVkey(vkey)?.name ?? ''))
    return isShared && bytes !== undefined ? decodeUtf8(bytes) : undefined
  }

  async describe(signers: readonly NoteSigner[]): Promise<NodeDescription | undefined> {
    const { config, ownLogs } = this.#node
    const shared = [...ownLogs.values()].filter(({ origin }) => config.share.includes(origin))
    if (shared.length === 0) {
      await removeFile(this.paths.description)
      return undefined
    }
    const description = {
      name: config.name,
      logs: shared.flatMap(({ policy }) => policy.logs.map(({ vkey }) => vkey)),
      witnesses: config.witness === undefined ? [] : [config.witness.vkey],
    }
    const note = await signDescription(description, signers)
    await putFile(this.paths.description, encodeUtf8(note))
    return description
  }

  sync(options: SyncOptions = {}): Promise<readonly PeerSync[]> {
    return syncPeers(this.#node, options)
  }

  status(): Promise<FederationStatus> {
    return statusOf(this.#node)
  }

  ownLogSeenBy(options: SyncOptions = {}): Promise<readonly OwnLogSighting[]> {
    return ownLogSeenBy(this.#node, options)
  }

  async close(): Promise<void> {
    this.#node.witness?.store.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/**
 * Opens a node: what its workspace federates with. Nothing is asked or written yet.
 *
 * Rejects with CONFIG_MISSING, CONFIG_INVALID, INVALID_ARGUMENT for signers of another witness,
 * WITNESS_STATE_MISSING or WITNESS_STATE_DAMAGED where signers are given and what the witness
 * remembers is gone, FEDERATION_IO or FEDERATION_NO_SPACE.
 */
export async function openFederation(options: FederationOptions): Promise<Federation> {
  const { workspaceRoot, stateHome, ownLogs, clock } = options
  const paths = federationPaths(workspaceRoot, stateHome)
  const config = options.config ?? (await readFederationConfig(paths.config))
  const policies = policiesOf(config, ownLogs)
  const witnesses = witnessesOf(config, policies)
  const keys = new Map(
    [...policies].map(([origin, policy]) => [origin, withWitnesses(policy, witnesses)]),
  )
  const evidence = openEvidenceStore({
    directory: paths.evidence,
    // As the mirrors do, so that cosignatures that count elsewhere are passed on with a fork proof too.
    trustOf: (origin) => keys.get(origin),
  })
  const mirrored = new Set(config.peers.flatMap(({ logs }) => logs.map(({ origin }) => origin)))
  const mirrors = [...policies]
    .filter(([origin]) => mirrored.has(origin))
    .map(([origin, policy]) => {
      const directory = mirrorDirectory(paths, origin)
      return [origin, openMirror({ origin, policy, evidence, witnesses, directory })] as const
    })
  const ownTiles = ownLogs.map((own) => [own.origin, tilesOf(own)] as const)
  const tiles = new Map([
    ...mirrors.map(([origin, it]) => [origin, it.tiles] as const),
    ...ownTiles,
  ])
  const witness = await openWitness(config, options)
  return new OpenFederation({
    workspaceRoot,
    config,
    paths,
    policies,
    ownLogs: new Map(ownLogs.map((own) => [own.origin, own])),
    mirrors: new Map(mirrors),
    links: new Map([...tiles].map(([origin, reader]) => [origin, new TileLinks(reader)])),
    witnesses,
    evidence,
    witness,
    clock,
  })
}
