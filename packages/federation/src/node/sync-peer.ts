/** One round with one peer. */
import { FederationError } from '../errors.ts'
import type { PeerConfig, PeerLog } from './config.ts'
import type { EvidenceStore } from './evidence-store.ts'
import type { HeadsDocument } from './heads.ts'
import type { Mirror, MirrorProgress } from './mirror-types.ts'
import type { Peer } from './peer.ts'
import type { LogSync, OwnLogSighting, PeerSync } from './types.ts'

/** What a round needs of the node. */
export interface SyncContext {
  readonly peer: Peer
  readonly config: PeerConfig
  readonly mirrorOf: (origin: string) => Mirror | undefined
  readonly evidence: EvidenceStore
  /** Lets the node's witness cosign what a mirror has; says whether its cosignature is on it. */
  readonly cosign: (mirror: Mirror) => Promise<boolean>
  /** Whether the keys of a log are known here: of any other, fork proofs can't be verified. */
  readonly isKnown: (origin: string) => boolean
  /** Whether a fork proof about a log may be given to this peer. */
  readonly mayTell: (origin: string) => boolean
  /** Looks at heads of the node's own logs. */
  readonly sightingsIn: (document: HeadsDocument, peer: Peer) => Promise<readonly OwnLogSighting[]>
  /** A name for what the node has of what it syncs with the peer. */
  readonly fingerprint: () => Promise<string>
  readonly signal: AbortSignal
  readonly onProgress: ((progress: MirrorProgress) => void) | undefined
}

/** What a round gave, without when the peer is asked again. */
export type Round = Omit<PeerSync, 'retryAt' | 'name'> & {
  /** To ask with the next time. */
  readonly etag?: string | undefined
  /** What the node had when it gave the peer what that had not; as before where it gave nothing. */
  readonly seenBy?: string
}

/** So many fork proofs go each way in one round, so that a peer can't keep this node busy. */
const maxProofsOfRound = 64

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

class PeerRound {
  readonly #context: SyncContext
  readonly #problems: string[] = []
  /** Whether nothing was left for the next round. */
  #isWhole = true

  constructor(context: SyncContext) {
    this.#context = context
  }

  async run(etag: string | undefined): Promise<Round> {
    const { peer, config } = this.#context
    const byNode = config.logs.filter(({ url }) => url === undefined)
    const elsewhere = config.logs.filter(({ url }) => url !== undefined)
    const isNode = byNode.length > 0 || elsewhere.length === 0
    const heads = isNode ? await peer.heads(etag) : undefined
    const others = await this.#logs(elsewhere, undefined)
    if (heads?.status !== 'changed') {
      const isQuiet = others.every(({ outcome }) => outcome.status === 'in-sync')
      return this.#finish(isQuiet ? 'in-sync' : 'synced', others, etag)
    }
    const { document } = heads
    const logs = [...(await this.#logs(byNode, document)), ...others]
    const ownLogs = await this.#ownLogs(document)
    const proofsReceived = await this.#receive(document)
    // Before it is looked at: a proof that comes meanwhile is one for the next round.
    const seenBy = await this.#context.fingerprint()
    const proofsSent = await this.#send(document)
    const exchanged = { ownLogs, proofsReceived, proofsSent, seenBy }
    return { ...this.#finish('synced', logs, heads.etag), ...exchanged }
  }

  async #ownLogs(document: HeadsDocument): Promise<readonly OwnLogSighting[]> {
    const { sightingsIn, peer, signal } = this.#context
    try {
      return await sightingsIn(document, peer)
    } catch (error) {
      signal.throwIfAborted()
      this.#problems.push(describe(error))
      return []
    }
  }

  #finish(status: 'in-sync' | 'synced', logs: readonly LogSync[], etag?: string): Round {
    const isRight = this.#problems.length === 0
    return {
      status: isRight ? status : 'partial',
      requests: this.#context.peer.requests,
      logs,
      ownLogs: [],
      proofsReceived: [],
      proofsSent: [],
      problems: this.#problems,
      // What was not had whole is asked for anew.
      etag: isRight && this.#isWhole ? etag : undefined,
    }
  }

  async #logs(
    logs: readonly PeerLog[],
    document: HeadsDocument | undefined,
  ): Promise<readonly LogSync[]> {
    const done: LogSync[] = []
    for (const log of logs) {
      const { origin } = log
      const isOffered = document?.heads.some((head) => head.origin === origin) ?? true
      const mirror = this.#context.mirrorOf(origin)
      if (mirror === undefined || !isOffered) {
        done.push({ origin, outcome: { status: 'not-offered' }, isCosigned: false })
      } else {
        done.push(await this.#log(mirror, log))
      }
    }
    return done
  }

  async #log(mirror: Mirror, log: PeerLog): Promise<LogSync> {
    const { peer, signal, onProgress, cosign } = this.#context
    const { origin } = log
    try {
      const outcome = await mirror.advance(peer.tiles(log), { signal, onProgress })
      if (outcome.status === 'failed' && outcome.code !== 'NO_QUORUM') {
        this.#problems.push(`${origin}: ${outcome.detail}`)
      }
      const isCosigned = await cosign(mirror)
      return { origin, outcome, isCosigned }
    } catch (error) {
      signal.throwIfAborted()
      const detail = describe(error)
      const code = error instanceof FederationError ? error.code : 'FEDERATION_IO'
      this.#problems.push(`${origin}: ${detail}`)
      return { origin, outcome: { status: 'broken', code, detail }, isCosigned: false }
    }
  }

  /** Takes the fork proofs of known logs that are not here yet, each verified before it is kept. */
  async #receive({ proofs }: HeadsDocument): Promise<readonly string[]> {
    const { evidence, isKnown, peer, signal } = this.#context
    const here = new Set((await evidence.list()).map(({ id }) => id))
    const missing = proofs.filter(({ id, origin }) => isKnown(origin) && !here.has(id))
    const received: string[] = []
    for (const { id } of this.#first(missing)) {
      try {
        const bytes = await peer.proof(id)
        const receipt = bytes && (await evidence.add(bytes))
        if (receipt?.status === 'kept') received.push(receipt.id)
      } catch (error) {
        signal.throwIfAborted()
        this.#problems.push(`the fork proof ${id}: ${describe(error)}`)
        break
      }
    }
    return received
  }

  /** As many as go one way in a round. The others are left for the next one. */
  #first<T>(items: readonly T[]): readonly T[] {
    if (items.length > maxProofsOfRound) this.#isWhole = false
    return items.slice(0, maxProofsOfRound)
  }

  /** Gives the fork proofs that the peer does not have. */
  async #send({ proofs }: HeadsDocument): Promise<readonly string[]> {
    const { evidence, peer, signal, mayTell } = this.#context
    const there = new Set(proofs.map(({ id }) => id))
    const kept = await evidence.list()
    const missing = kept.filter(({ id, fork }) => !there.has(id) && mayTell(fork.origin))
    const sent: string[] = []
    for (const { id } of this.#first(missing)) {
      try {
        const bytes = await evidence.read(id)
        if (bytes !== undefined && (await peer.offer(bytes))) sent.push(id)
      } catch (error) {
        signal.throwIfAborted()
        this.#problems.push(`giving it the fork proof ${id}: ${describe(error)}`)
        break
      }
    }
    return sent
  }
}

/**
 * Takes what a peer has: logs into mirrors, and fork proofs both ways. `etag` is of its last answer
 * that was taken in whole: where nothing changed since, one request is all.
 *
 * Rejects where the peer can't be asked what it has, and with the signal's reason. All else that goes
 * wrong is in the result.
 */
export function syncPeer(context: SyncContext, etag: string | undefined): Promise<Round> {
  return new PeerRound(context).run(etag)
}
