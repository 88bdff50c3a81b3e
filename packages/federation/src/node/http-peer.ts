/** A peer that answers HTTP. */
import { httpMirror, type TileReader } from '@vaultmesh/tlog'
import { askHttp, type HttpAnswer, parsePrefix } from '@vaultmesh/tlog/http'
import { maxForkProofBytes } from '../fork-proof/types.ts'
import { withDeadline } from './abort.ts'
import type { PeerLog } from './config.ts'
import { maxDescriptionLength, type ReadDescription, readDescription } from './descriptor.ts'
import { maxHeadsBytes, parseHeads } from './heads.ts'
import { originDigest } from './paths.ts'
import type { Peer, PeerHeads } from './peer.ts'

/** How long one request may take, in milliseconds. */
const requestTimeoutMs = 20_000
const maxAnswerLength = 4096
const maxTagLength = 200

/** Where a peer is, and what ends asking it. */
export interface HttpPeerOptions {
  readonly url: string
  readonly allowHttp: boolean
  readonly signal: AbortSignal
}

/** An entity tag that can be sent back as it is (RFC 9110 section 8.8.3). */
function tagOf(answer: HttpAnswer): string | undefined {
  const tag = answer.headers.get('etag') ?? ''
  return tag.length <= maxTagLength && /^(W\/)?"[!#-~]*"$/.test(tag) ? tag : undefined
}

function unexpected(url: URL, status: number): Error {
  return new Error(`${url.href} answers ${status}`)
}

class HttpPeer implements Peer {
  readonly location: string
  requests = 0
  readonly #prefix: URL
  readonly #options: HttpPeerOptions

  constructor(options: HttpPeerOptions) {
    this.#prefix = parsePrefix(options.url, 'a peer', options.allowHttp)
    this.#options = options
    this.location = this.#prefix.href
  }

  async #ask(
    path: string,
    question: {
      readonly limit: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: Uint8Array<ArrayBuffer>
    },
  ): Promise<{ readonly url: URL; readonly answer: HttpAnswer }> {
    this.requests += 1
    const url = new URL(path, this.#prefix)
    const signal = withDeadline(this.#options.signal, requestTimeoutMs)
    return { url, answer: await askHttp(url, { ...question, signal }) }
  }

  async heads(etag: string | undefined): Promise<PeerHeads> {
    const headers = etag === undefined ? {} : { 'if-none-match': etag }
    const { url, answer } = await this.#ask('federation/v1/heads', {
      limit: maxHeadsBytes,
      headers,
    })
    if (answer.status === 304 && etag !== undefined) return { status: 'unchanged' }
    if (answer.status !== 200) throw unexpected(url, answer.status)
    const parsed = parseHeads(answer.body)
    if (!parsed.ok) throw new Error(`${url.href} gives no document of heads: ${parsed.detail}`)
    return { status: 'changed', document: parsed.document, etag: tagOf(answer) }
  }

  tiles({ origin, url }: PeerLog): TileReader {
    const { allowHttp, signal } = this.#options
    // Not where the peer says: an answer must not choose which host or path is asked next.
    const prefix = url ?? new URL(`m/${originDigest(origin)}/`, this.#prefix).href
    const reader = httpMirror(prefix, { allowHttp, signal, timeoutMs: requestTimeoutMs })
    return {
      name: reader.name,
      read: (path, limit) => {
        this.requests += 1
        return reader.read(path, limit)
      },
    }
  }

  async proof(id: string): Promise<Uint8Array | undefined> {
    const path = `federation/v1/evidence/${id}`
    const { url, answer } = await this.#ask(path, { limit: maxForkProofBytes })
    if (answer.status === 404) return undefined
    if (answer.status !== 200) throw unexpected(url, answer.status)
    return answer.body
  }

  async offer(proof: Uint8Array): Promise<boolean> {
    const { answer } = await this.#ask('federation/v1/evidence', {
      limit: maxAnswerLength,
      body: Uint8Array.from(proof),
      headers: { 'content-type': 'application/json' },
    })
    return answer.status === 200 || answer.status === 201
  }
}

/** A peer at a URL. Throws LOG_OPTIONS of tlog for one that is not to be used. */
export function httpPeer(options: HttpPeerOptions): Peer {
  return new HttpPeer(options)
}

/** How a node is asked about itself. */
export interface AskOptions {
  /** Takes http also from another machine. */
  readonly allowHttp?: boolean
  readonly signal?: AbortSignal
  /** In milliseconds: 20,000 by default. */
  readonly timeoutMs?: number
}

/**
 * Asks the node at a URL how it describes itself. What it says is for a person, who compares the
 * keys with what their owner says elsewhere: nothing of it is to be trusted because of this answer.
 *
 * Rejects with LOG_OPTIONS of tlog for a URL that is not to be used, with an Error that says what
 * happened where there is no answer, and with the signal's reason.
 */
export async function askDescription(
  url: string,
  options: AskOptions = {},
): Promise<ReadDescription> {
  const { allowHttp = false, signal, timeoutMs = requestTimeoutMs } = options
  const place = new URL('.well-known/vm-federation', parsePrefix(url, 'the node', allowHttp))
  const answer = await askHttp(place, {
    limit: maxDescriptionLength,
    signal: withDeadline(signal, timeoutMs),
  })
  if (answer.status !== 200) throw unexpected(place, answer.status)
  return readDescription(answer.body)
}
