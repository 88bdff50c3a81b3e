/** A time authority over HTTP (RFC 3161 section 3.4). */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { TspError } from '../errors.ts'
import { type AuthorityOptions, createAuthority } from './authority.ts'
import { openSerials } from './serials.ts'
import { writeRejection } from './token.ts'

/** What {@link createTsa} is told. */
export interface TsaOptions extends Omit<AuthorityOptions, 'serial'> {
  /** Where serial numbers are counted; made if it is not there. */
  readonly serialFile: string
  /** The longest request that is read, in bytes; 4,096 if absent. Real ones have about 100. */
  readonly maxRequestBytes?: number | undefined
  /**
   * Told what failed where a client sees `systemFailure` (a disk that is full) or, for a clock that
   * throws, `timeNotAvailable`.
   */
  readonly onFailure?: ((error: unknown) => void) | undefined
}

/** Where an authority listens. */
export interface TsaAddress {
  /** 127.0.0.1 if absent: whoever can reach it can have anything stamped. */
  readonly host?: string | undefined
  /** Any free one if absent. */
  readonly port?: number | undefined
}

/** An authority that listens. */
export interface RunningTsa {
  /** Where requests go, such as `http://127.0.0.1:3161/`. */
  readonly url: string
  /**
   * Takes no more requests, and resolves once those under way are answered. One that takes longer
   * than a second to arrive is dropped.
   */
  close(): Promise<void>
}

/** An authority. */
export interface Tsa {
  /** Answers one HTTP request: for a server of the caller's own. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void
  /** Opens a server. Rejects with {@link TspError} `LISTEN_FAILED`. */
  listen(address?: TsaAddress): Promise<RunningTsa>
}

const queryType = 'application/timestamp-query'
const replyType = 'application/timestamp-reply'

/** Slow clients may hold few connections, and not for long; in milliseconds. */
const serverLimits = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 8_192,
} as const
const maxConnections = 128

/** How long a request that is under way may still take when the server is closed. */
const closeGrace = 1_000

/**
 * Makes an authority that answers `POST /`. Throws what `createAuthority` and `openSerials` throw.
 *
 * A request that is no TimeStampReq is answered with a rejection, in HTTP a success. Only what is no
 * request in the sense of section 3.4 gets an HTTP error: 404, 405, 413 or 415.
 */
export function createTsa(options: TsaOptions): Tsa {
  const { serialFile, maxRequestBytes = 4_096, onFailure = () => undefined } = options
  const { clock = () => new Date() } = options
  const authority = createAuthority({
    ...options,
    serial: openSerials(serialFile),
    clock() {
      try {
        return clock()
      } catch (error) {
        onFailure(error)
        // No time: the request is rejected with `timeNotAvailable`.
        return new Date(Number.NaN)
      }
    },
  })
  const respond = (query: Uint8Array): Uint8Array => {
    try {
      return authority.respond(query)
    } catch (error) {
      onFailure(error)
      return writeRejection({ failure: 'systemFailure', text: 'the authority has a failure' })
    }
  }
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const refusal = refusalOf(request, maxRequestBytes)
    if (refusal !== undefined) return refuse(response, refusal)
    const pieces: Buffer[] = []
    let length = 0
    request.on('data', (piece: Buffer) => {
      length += piece.length
      if (length <= maxRequestBytes) pieces.push(piece)
      else refuse(response, 413)
    })
    request.on('end', () => {
      if (!response.headersSent) reply(response, respond(Buffer.concat(pieces)))
    })
    // A client that goes away is not waited for.
    request.on('error', () => undefined)
  }
  return {
    handle,
    listen: ({ host = '127.0.0.1', port = 0 } = {}) => listen(handle, host, port),
  }
}

/** The HTTP status for what can't be a request to an authority. */
function refusalOf({ method, url, headers }: IncomingMessage, most: number): number | undefined {
  if (url !== '/') return 404
  if (method !== 'POST') return 405
  // Also what keeps the page of a stranger in a browser from asking without a preflight.
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  if (type.trim().toLowerCase() !== queryType) return 415
  return Number(headers['content-length'] ?? 0) > most ? 413 : undefined
}

function refuse(response: ServerResponse, status: number): void {
  if (response.headersSent) return
  // The rest of the request is not read, so the connection can't be used again.
  response.writeHead(status, { connection: 'close', ...(status === 405 ? { allow: 'POST' } : {}) })
  response.end()
}

function reply(response: ServerResponse, body: Uint8Array): void {
  const headers = { 'content-type': replyType, 'content-length': body.length }
  response.writeHead(200, { ...headers, 'cache-control': 'no-store' }).end(body)
}

async function listen(handle: Tsa['handle'], host: string, port: number): Promise<RunningTsa> {
  // Loaded here: whoever stamps without a server would wait for it in vain.
  const { createServer } = await import('node:http')
  const server = createServer(serverLimits, handle)
  server.maxConnections = maxConnections
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  }).catch((cause: unknown) => {
    throw new TspError('LISTEN_FAILED', `can't listen on ${host}, port ${port}`, { cause })
  })
  return {
    url: urlOf(server),
    close: () =>
      new Promise((resolve) => {
        // From here on Node no longer enforces its limits, and who sends nothing would be waited for.
        const end = setTimeout(() => server.closeAllConnections(), closeGrace)
        server.close(() => {
          clearTimeout(end)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}

function urlOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('no address')
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  return `http://${host}:${address.port}/`
}
