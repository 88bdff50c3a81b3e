/** What a node knows of its logs and of those that it mirrors. */
import { encodeHex } from '@vaultmesh/merkle/bytes'
import type { TileReader } from '@vaultmesh/tlog'
import { evidenceOf } from '../evidence/join.ts'
import type { Evidence, Link } from '../evidence/types.ts'
import type { ProvenFork } from '../fork-proof/types.ts'
import { compareText, type SignedHead } from '../head.ts'
import { type TrustedPrefix, trustedPrefix } from '../trusted-prefix.ts'
import { frontierOf, frontierRoot } from '../view/frontier.ts'
import type { NodeContext } from './context.ts'
import { type HeadsDocument, maxProofs, type OfferedHead } from './heads.ts'
import { mirrorDamaged } from './mirror-damaged.ts'
import { ownDamaged, ownHead } from './own-log.ts'
import { mirrorDirectory } from './paths.ts'
import { readPeerMemory, retryAt } from './peer-memory.ts'
import { sharedFiles } from './shared-files.ts'
import type { FederationStatus, LogStatus, PeerStatus } from './types.ts'

/** What is known of one log. */
export interface Knowledge {
  readonly evidence: Evidence
  readonly prefix: TrustedPrefix
  /** What this machine has of it: its own tree, else its mirror. */
  readonly head: SignedHead | undefined
  /** The ids of its fork proofs. */
  readonly proofs: readonly string[]
}

/** The origins of all logs that a node has, sorted. */
function originsOf({ ownLogs, mirrors }: NodeContext): string[] {
  return [...new Set([...ownLogs.keys(), ...mirrors.keys()])].toSorted(compareText)
}

/** The head that a node has of a log: that of its own tree, else of its mirror. */
async function headOf(node: NodeContext, origin: string): Promise<SignedHead | undefined> {
  const own = node.ownLogs.get(origin)
  return own === undefined ? node.mirrors.get(origin)?.head() : ownHead(own, node.witnesses)
}

/** Rejects with LOG_DAMAGED or MIRROR_DAMAGED where the tiles don't lead to the head. */
async function linksOf(
  { links, mirrors, ownLogs }: NodeContext,
  origin: string,
  head: SignedHead | undefined,
  forks: readonly ProvenFork[],
): Promise<readonly Link[]> {
  const found = await links.get(origin)?.of(head, forks)
  if (found === undefined || found.ok) return found?.links ?? []
  const own = ownLogs.get(origin)
  if (own !== undefined) throw ownDamaged(own.directory, found.detail)
  const place = mirrors.get(origin)?.tiles.name ?? ''
  throw mirrorDamaged(origin, place, found.detail)
}

async function knowledgeWith(
  node: NodeContext,
  origin: string,
  head: SignedHead | undefined,
): Promise<Knowledge | undefined> {
  const { evidence, policies } = node
  const policy = policies.get(origin)
  if (policy === undefined) return undefined
  const kept = await evidence.list(origin)
  const forks = kept.map(({ fork }) => fork)
  const links = await linksOf(node, origin, head, forks)
  const heads = head === undefined ? [] : [head]
  const known = evidenceOf(origin, { heads, forks, links })
  const proofs = kept.map(({ id }) => id)
  return { evidence: known, prefix: trustedPrefix(known, policy), head, proofs }
}

/** What is known of a log; undefined for one that the node does not have. */
export async function knowledgeOf(
  node: NodeContext,
  origin: string,
): Promise<Knowledge | undefined> {
  return knowledgeWith(node, origin, await headOf(node, origin))
}

/** The published files of a log, if the node shares it. */
export function sharedTiles(node: NodeContext, origin: string): TileReader | undefined {
  if (!node.config.share.includes(origin)) return undefined
  const own = node.ownLogs.get(origin)
  if (own !== undefined) return sharedFiles(own.directory)
  return node.mirrors.has(origin) ? sharedFiles(mirrorDirectory(node.paths, origin)) : undefined
}

/** What is wrong with one log on this machine does not stand in the way of the others. */
async function attempt<T>(
  read: () => Promise<T>,
): Promise<{ readonly value?: T; readonly problem?: string }> {
  try {
    return { value: await read() }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * What a node gives to others: of private logs, nothing, fork proofs included. A log that is damaged
 * on this machine is left out.
 */
export async function offeredHeads(node: NodeContext): Promise<HeadsDocument> {
  const { config, evidence } = node
  const heads: OfferedHead[] = []
  for (const origin of config.share.toSorted(compareText)) {
    const { value } = await attempt(() => headOf(node, origin))
    if (value !== undefined) heads.push({ origin, checkpoint: value.checkpoint })
  }
  const kept = await evidence.list()
  const proofs = kept
    .map(({ id, fork: { origin } }) => ({ id, origin }))
    .filter(({ origin }) => config.share.includes(origin))
  return { heads, proofs: proofs.slice(0, maxProofs) }
}

async function logStatus(
  node: NodeContext,
  origin: string,
): Promise<{ readonly status: LogStatus; readonly known: Knowledge | undefined }> {
  const head = await attempt(() => headOf(node, origin))
  const found = await attempt(() => knowledgeWith(node, origin, head.value))
  // Without a tree that is damaged, there are still the fork proofs.
  const known = found.value ?? (await knowledgeWith(node, origin, undefined))
  const problem = head.problem ?? found.problem
  const cosigned = await node.witness?.store.state(origin)
  const status: LogStatus = {
    origin,
    role: node.ownLogs.has(origin) ? 'own' : 'mirror',
    isShared: node.config.share.includes(origin),
    head: head.value,
    trustedSize: known?.prefix.size ?? 0n,
    isQuarantined: known?.prefix.basis === 'divided',
    forkProofs: known?.proofs ?? [],
    ...(cosigned === undefined ? {} : { cosignedSize: cosigned.size }),
    ...(problem === undefined ? {} : { problem }),
  }
  return { status, known }
}

async function peerStatuses({ config, paths }: NodeContext): Promise<PeerStatus[]> {
  const memory = await readPeerMemory(paths.peers)
  return config.peers.map(({ name, url, folder }) => {
    const known = memory.get(name) ?? {}
    const again = retryAt(known)
    const { succeededAt, failure } = known
    return {
      name,
      location: url ?? folder ?? '',
      ...(succeededAt === undefined ? {} : { lastSuccess: new Date(succeededAt) }),
      ...(failure === undefined || again === undefined
        ? {}
        : {
            lastFailure: {
              at: new Date(failure.at),
              detail: failure.detail,
              retryAt: new Date(again),
            },
          }),
    }
  })
}

/** All that a node knows. */
export async function statusOf(node: NodeContext): Promise<FederationStatus> {
  const { config, witness } = node
  const logs = await Promise.all(originsOf(node).map((origin) => logStatus(node, origin)))
  const frontier = frontierOf(logs.flatMap(({ known }) => (known === undefined ? [] : [known])))
  return {
    name: config.name,
    logs: logs.map(({ status }) => status),
    peers: await peerStatuses(node),
    frontier: encodeHex(frontierRoot(frontier)),
    ...(config.witness === undefined
      ? {}
      : { witness: { vkey: config.witness.vkey, canSign: witness !== undefined } }),
  }
}
