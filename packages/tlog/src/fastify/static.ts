/** The published files of a log over HTTP (C2SP tlog-tiles, "APIs"). */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip as gzipWithCallback } from 'node:zlib'
import { maxNoteLength } from '@vaultmesh/merkle/note'
import { parseTilePath, type TilePath, tileWidth } from '@vaultmesh/merkle/tiles'
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { endIndex } from '../archive/order.ts'
import type { TileReader } from '../storage.ts'
import { maxTreeFileLength } from '../tree-files.ts'
import { acceptsGzip, matchesTag } from './negotiation.ts'
import { parseRange } from './range.ts'

/** What {@link staticLog} serves. */
export interface StaticLogOptions {
  readonly tiles: TileReader
  /** Full tiles and bundles that end at or before this index are not given out. 0 by default. */
  readonly minimumIndex?: bigint
  /** For how many seconds caches may keep the checkpoint: 1 by default. */
  readonly checkpointMaxAge?: number
}

const gzip = promisify(gzipWithCallback)

const year = 31_536_000
const day = 86_400

/** Below this, in bytes, compressing costs more than it spares. */
const minGzipLength = 1024

/** How a file is given out. */
interface Served {
  readonly type: string
  readonly cacheControl: string
  /** Whether parts of it may be asked for: only what never changes. */
  readonly isImmutable: boolean
  readonly mayGzip: boolean
}

function tagOf(bytes: Uint8Array, suffix: string): string {
  return `"${createHash('sha256').update(bytes).digest('base64url')}${suffix}"`
}

function servedTile({ kind, width }: TilePath): Served {
  // A log may delete a partial tile later, and few ask for one twice, so it is not kept for long.
  const age = width === tileWidth ? `max-age=${year}, immutable` : `max-age=${day}`
  return {
    type: 'application/octet-stream',
    cacheControl: `public, ${age}`,
    isImmutable: true,
    mayGzip: kind === 'entries',
  }
}

function notFound(reply: FastifyReply): FastifyReply {
  // What is not there yet may be soon.
  return reply.code(404).header('cache-control', 'no-store').type('text/plain').send('not found\n')
}

function one(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  bytes: Uint8Array,
  served: Served,
): Promise<FastifyReply> {
  const { headers } = request
  const range = served.isImmutable ? one(headers.range) : undefined
  const canGzip = served.mayGzip && bytes.length >= minGzipLength
  // A range is one of the bytes as they are.
  const isGzip = canGzip && range === undefined && acceptsGzip(one(headers['accept-encoding']))
  const tag = tagOf(bytes, isGzip ? '-gzip' : '')
  reply.header('cache-control', served.cacheControl).header('etag', tag)
  reply.header('x-content-type-options', 'nosniff')
  if (canGzip) reply.header('vary', 'accept-encoding')
  if (matchesTag(one(headers['if-none-match']), tag)) return reply.code(304).send()
  reply.type(served.type)
  if (isGzip) return reply.header('content-encoding', 'gzip').send(await gzip(bytes))
  if (served.isImmutable) reply.header('accept-ranges', 'bytes')
  const isSame = headers['if-range'] === undefined || headers['if-range'] === tag
  const part = isSame && request.method === 'GET' ? parseRange(range, bytes.length) : undefined
  if (part === undefined) return reply.send(Buffer.from(bytes))
  if (part === 'unsatisfiable') {
    return reply.code(416).header('content-range', `bytes */${bytes.length}`).send()
  }
  const { first, last } = part
  reply.code(206).header('content-range', `bytes ${first}-${last}/${bytes.length}`)
  return reply.send(Buffer.from(bytes.subarray(first, last + 1)))
}

/**
 * A Fastify plugin that serves `checkpoint` and `tile/…` of a log below its `prefix`, to GET and
 * HEAD. Everything there is public; nothing else below the log's folder can be reached.
 *
 * Full tiles may be cached for ever, partial ones for a day, the checkpoint for a second. Entry
 * bundles are compressed for whoever accepts it. It does not limit rates: the application does.
 */
export const staticLog: FastifyPluginAsync<StaticLogOptions> = async (app, options) => {
  const { tiles, minimumIndex = 0n, checkpointMaxAge = 1 } = options
  const checkpoint: Served = {
    type: 'text/plain; charset=utf-8',
    cacheControl: `public, max-age=${checkpointMaxAge}, must-revalidate`,
    isImmutable: false,
    mayGzip: false,
  }

  app.get('/checkpoint', async (request, reply) => {
    const bytes = await tiles.read('checkpoint', maxNoteLength)
    return bytes === undefined ? notFound(reply) : sendFile(request, reply, bytes, checkpoint)
  })

  app.get<{ Params: { '*': string } }>('/tile/*', async (request, reply) => {
    const path = `tile/${request.params['*']}`
    const place = parseTilePath(path)
    // One tile has one URL: no percent sign is needed in it.
    if (place === undefined || request.url.includes('%')) return notFound(reply)
    const isPruned = place.width === tileWidth && endIndex(place.level, place.index) <= minimumIndex
    const bytes = isPruned ? undefined : await tiles.read(path, maxTreeFileLength)
    if (bytes === undefined) return notFound(reply)
    return sendFile(request, reply, bytes, servedTile(place))
  })
}
