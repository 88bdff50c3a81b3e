/** Syncs with all peers, none of which can stop the others. */
import { resolve } from 'node:path'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import type { TileReader } from '@vaultmesh/tlog'
import { orAborted, withDeadline } from './abort.ts'
import type { PeerConfig } from './config.ts'
import type { NodeContext } from './context.ts'
import { folderPeer } from './folder-peer.ts'
import type { HeadsDocument } from './heads.ts'
import { httpPeer } from './http-peer.ts'
import type { Mirror } from './mirror-types.ts'
import { sightingOf } from './own-log.ts'
import type { Peer, PeerHeads } from './peer.ts'
import {
  fingerprint,
  type PeerMemory,
  readPeerMemory,
  retryAt,
  waitsUntil,
  writePeerMemory,
} from './peer-memory.ts'
import { cosignMirror } from './pull-witness.ts'
import { type Round, syncPeer } from './sync-peer.ts'
import { inTurns } from './turns.ts'
import type { OwnLogSighting, PeerSync, SyncOptions } from './types.ts'

/** For one peer with all its logs, in milliseconds. */
const defaultTimeoutMs = 600_000

/** How many peers are asked at once, at most. */
const peersAtOnce = 8

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function peerOf(node: NodeContext, config: PeerConfig, signal: AbortSignal): Peer {
  const { url, folder = '', allowHttp = false, logs } = config
  if (url !== undefined) return httpPeer({ url, allowHttp, signal })
  const origins = new Set([...logs.map(({ origin }) => origin), ...node.ownLogs.keys()])
  return folderPeer(resolve(node.workspaceRoot, folder), origins)
}

/** The peers that are meant. */
function chosen({ config }: NodeContext, { peers }: SyncOptions): readonly PeerConfig[] {
  return config.peers.filter(({ name }) => peers?.includes(name) ?? true)
}

/** Does it for each item, some at once, and gives what came of them in their order. */
async function forEach<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const left = items.entries()
  const work = async (): Promise<void> => {
    for (const [i, item] of left) results[i] = await act(item)
  }
  await Promise.all(Array.from({ length: peersAtOnce }, work))
  return results
}

/**
 * What this node has of what it syncs with a peer: an entity tag counts only as long as this is the
 * same, so that what was lost here is asked for again.
 */
async function fingerprintFor(node: NodeContext, config: PeerConfig): Promise<string> {
  // Logs that are elsewhere are looked at in any case.
  const byNode = config.logs.filter(({ url }) => url === undefined)
  const heads = await Promise.all(
    byNode.map(async ({ origin }) => {
      // What is wrong with a mirror is told where it is advanced.
      const head = await node.mirrors
        .get(origin)
        ?.head()
        .catch(() => undefined)
      return [origin, String(head?.size), head && encodeHex(head.root)]
    }),
  )
  const proofs = (await node.evidence.list()).map(({ id }) => id)
  const own = [...node.ownLogs.keys()]
  const canCosign = node.witness !== undefined
  return fingerprint([config, node.config.share, own, canCosign, heads, proofs])
}

async function cosign(node: NodeContext, mirror: Mirror): Promise<boolean> {
  const policy = node.policies.get(mirror.origin)
  if (node.witness === undefined || policy === undefined) return false
  return cosignMirror(node.witness, mirror, policy)
}

/**
 * Heads of own logs in a peer's answer. A log that is mirrored as well is asked for as such. The
 * signal ends only the wait for tiles, without which a head is what it is: signed by the log.
 */
async function sightingsIn(
  node: NodeContext,
  name: string,
  peer: Peer,
  { heads }: HeadsDocument,
  signal: AbortSignal,
): Promise<OwnLogSighting[]> {
  const seen: OwnLogSighting[] = []
  for (const { origin, checkpoint } of heads) {
    const own = node.ownLogs.get(origin)
    if (own === undefined) continue
    const theirs = peer.tiles({ origin, policy: '' })
    const read: TileReader['read'] = (path, limit) => orAborted(theirs.read(path, limit), signal)
    const tiles = { name: theirs.name, read }
    const sighting = await sightingOf(own, { where: name, checkpoint, tiles }, node.evidence)
    if (sighting !== undefined) seen.push(sighting)
  }
  return seen
}

interface Synced {
  readonly result: PeerSync
  readonly memory: PeerMemory
}

function failed(node: NodeContext, name: string, known: PeerMemory, detail: string): Synced {
  const count = (known.failure?.count ?? 0) + 1
  const memory = { ...known, failure: { at: node.clock().getTime(), detail, count } }
  const nothing = { requests: 0, logs: [], ownLogs: [], proofsReceived: [], proofsSent: [] }
  const result = { name, status: 'failed', ...nothing, problems: [detail] } as const
  return { result: { ...result, retryAt: new Date(retryAt(memory) ?? 0) }, memory }
}

function waiting(name: string, known: PeerMemory, again: number): Synced {
  const nothing = { requests: 0, logs: [], ownLogs: [], proofsReceived: [], proofsSent: [] }
  const problems = known.failure === undefined ? [] : [known.failure.detail]
  const result = {
    name,
    status: 'waiting',
    ...nothing,
    problems,
    retryAt: new Date(again),
  } as const
  return { result, memory: known }
}

async function syncOne(
  node: NodeContext,
  config: PeerConfig,
  known: PeerMemory,
  options: SyncOptions,
): Promise<Synced> {
  const { name } = config
  const again = waitsUntil(known, node.clock().getTime())
  if (again !== undefined && options.isForced !== true) return waiting(name, known, again)
  const signal = withDeadline(options.signal, options.timeoutMs ?? defaultTimeoutMs)
  try {
    const peer = peerOf(node, config, signal)
    const before = await fingerprintFor(node, config)
    const round: Round = await orAborted(
      syncPeer(
        {
          peer,
          config,
          mirrorOf: (origin) => node.mirrors.get(origin),
          evidence: node.evidence,
          cosign: (mirror) => cosign(node, mirror),
          isKnown: (origin) => node.policies.has(origin),
          mayTell: (origin) =>
            node.config.share.includes(origin) || config.logs.some((log) => log.origin === origin),
          sightingsIn: (document, from) => sightingsIn(node, name, from, document, signal),
          fingerprint: () => fingerprintFor(node, config),
          signal,
          onProgress: options.onProgress,
        },
        known.seenBy === before ? known.etag : undefined,
      ),
      signal,
    )
    const { etag, seenBy = before, ...result } = round
    return {
      result: { name, ...result },
      memory: { etag, seenBy, succeededAt: node.clock().getTime() },
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    return failed(node, name, known, describe(error))
  }
}

/**
 * Syncs with peers, some at once, those that have a log in common one after the other. What one does
 * wrong is in its result; one that fails is left alone for a while, longer each time. Rejects with the
 * signal's reason, and with FEDERATION_IO where what is remembered of peers can't be kept.
 */
export async function syncPeers(
  node: NodeContext,
  options: SyncOptions,
): Promise<readonly PeerSync[]> {
  options.signal?.throwIfAborted()
  const memory = await readPeerMemory(node.paths.peers)
  const peers = chosen(node, options)
  const turns = inTurns(peers, ({ name }) => memory.get(name)?.failure !== undefined)
  const results = new Map<string, PeerSync>()
  await forEach(turns, async (turn) => {
    for (const config of turn) {
      const synced = await syncOne(node, config, memory.get(config.name) ?? {}, options)
      memory.set(config.name, synced.memory)
      results.set(config.name, synced.result)
    }
  })
  const names = new Set(node.config.peers.map(({ name }) => name))
  const kept = new Map([...memory].filter(([name]) => names.has(name)))
  if (peers.length > 0) await writePeerMemory(node.paths.peers, kept)
  return peers.flatMap(({ name }) => results.get(name) ?? [])
}

/** What the own mirrors hold of own logs: a copy of one may be newer than the log after a restore. */
async function sightingsInMirrors(node: NodeContext): Promise<OwnLogSighting[]> {
  const seen: OwnLogSighting[] = []
  for (const own of node.ownLogs.values()) {
    const mirror = node.mirrors.get(own.origin)
    const head = await mirror?.head()
    if (mirror === undefined || head === undefined) continue
    const sighted = { where: 'mirror', checkpoint: head.checkpoint, tiles: mirror.tiles }
    const sighting = await sightingOf(own, sighted, node.evidence)
    if (sighting !== undefined) seen.push(sighting)
  }
  return seen
}

/**
 * Asks the peers and mirrors which heads of the own logs they hold. Rejects with LOG_DAMAGED,
 * MIRROR_DAMAGED, FEDERATION_IO, FEDERATION_NO_SPACE, or the signal's reason.
 */
export async function ownLogSeenBy(
  node: NodeContext,
  options: SyncOptions,
): Promise<readonly OwnLogSighting[]> {
  const asked = await forEach(chosen(node, options), async (config) => {
    const signal = withDeadline(options.signal, options.timeoutMs ?? defaultTimeoutMs)
    let peer: Peer
    let heads: PeerHeads
    try {
      peer = peerOf(node, config, signal)
      heads = await orAborted(peer.heads(undefined), signal)
    } catch {
      options.signal?.throwIfAborted()
      // That a peer can't be asked says nothing.
      return []
    }
    const seen =
      heads.status === 'changed'
        ? await sightingsIn(node, config.name, peer, heads.document, signal)
        : []
    options.signal?.throwIfAborted()
    return seen
  })
  return [...(await sightingsInMirrors(node)), ...asked.flat()]
}
