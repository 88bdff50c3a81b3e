/** A node over HTTP. */
import { createHash } from 'node:crypto'
import { witnessCheckpointPath } from '@vaultmesh/merkle/witness'
import { TlogError } from '@vaultmesh/tlog'
import { matchesTag, staticLog, type WitnessStore, witness } from '@vaultmesh/tlog/fastify'
import type { FastifyError, FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify'
import { FederationError } from '../errors.ts'
import { parseForkProof } from '../fork-proof/parse.ts'
import { forkMediaType, maxForkProofBytes } from '../fork-proof/types.ts'
import { encodeHeads, headsMediaType, isDigest } from '../node/heads.ts'
import { originDigest } from '../node/paths.ts'
import type { Federation } from '../node/types.ts'

/** What {@link federation} serves. */
export interface FederationPluginOptions {
  /** An open node; whoever opened it closes it. */
  readonly federation: Federation
}

/** What of a node is served here. */
type Served = Pick<
  Federation,
  'config' | 'description' | 'evidence' | 'heads' | 'sharedTiles' | 'witness'
>

function refuse(reply: FastifyReply, status: number, detail: string): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('text/plain')
    .send(`${detail}\n`)
}

/** The same failure without its message, which is for the owner: it names paths of this machine. */
function untold(cause: unknown): Error {
  const detail = 'the node could not answer; its log says why'
  if (cause instanceof FederationError) return new FederationError(cause.code, detail, { cause })
  if (cause instanceof TlogError) return new TlogError(cause.code, detail, { cause })
  return new Error(detail, { cause })
}

function headsRoute(app: FastifyInstance, node: Served): void {
  app.get('/federation/v1/heads', async (request, reply) => {
    const bytes = encodeHeads(await node.heads())
    const tag = `"${createHash('sha256').update(bytes).digest('base64url')}"`
    reply.header('etag', tag).header('cache-control', 'no-cache')
    if (matchesTag(request.headers['if-none-match'], tag)) return reply.code(304).send()
    return reply.type(headsMediaType).send(Buffer.from(bytes))
  })
}

function evidenceRoutes(app: FastifyInstance, node: Served): void {
  const isShared = (origin: string): boolean => node.config.share.includes(origin)

  app.get('/federation/v1/evidence', async (_request, reply) => {
    const { proofs } = await node.heads()
    return reply.header('cache-control', 'no-cache').send({ proofs })
  })

  app.get<{ Params: { id: string } }>('/federation/v1/evidence/:id', async (request, reply) => {
    const { id } = request.params
    const kept = isDigest(id) ? await node.evidence.list() : []
    const proof = kept.find((it) => it.id === id)
    const isGiven = proof !== undefined && isShared(proof.fork.origin)
    const bytes = isGiven ? await node.evidence.read(id) : undefined
    if (bytes === undefined) return refuse(reply, 404, 'not found')
    return reply
      .type(forkMediaType)
      .header('cache-control', 'public, max-age=31536000, immutable')
      .send(Buffer.from(bytes))
  })

  app.post('/federation/v1/evidence', { bodyLimit: maxForkProofBytes }, async (request, reply) => {
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array()
    const parsed = parseForkProof(body)
    if (!parsed.ok) return refuse(reply, 422, parsed.detail)
    // Before anything is verified: a private log is as unknown here as one that does not exist.
    if (!isShared(parsed.proof.origin)) return refuse(reply, 404, 'this log is not known here')
    const receipt = await node.evidence.add(body)
    if (receipt.status === 'refused') {
      return refuse(reply, receipt.code === 'UNKNOWN_LOG' ? 404 : 422, receipt.detail)
    }
    const { status, id } = receipt
    return reply.code(status === 'kept' ? 201 : 200).send({ id, status })
  })
}

/** A witness's store that shows what was cosigned of these logs, and of no others. */
function showing(store: WitnessStore, origins: readonly string[]): WitnessStore {
  const shown = new Set(origins.map(witnessCheckpointPath))
  return {
    update: (...asked) => store.update(...asked),
    keep: (...kept) => store.keep(...kept),
    kept: async (path) => (shown.has(path) ? store.kept(path) : undefined),
  }
}

/**
 * A Fastify plugin that serves a node below its `prefix`: register it at the root, for
 * `/.well-known/vm-federation` to be where others look for it.
 *
 * - `GET /.well-known/vm-federation`: the node's signed description; 404 where none was made
 * - `GET /federation/v1/heads`: shared logs and their fork proofs, with an ETag; 304 where nothing
 *   changed
 * - `GET /federation/v1/evidence`: which fork proofs these are; `…/evidence/<id>`: one of them
 * - `POST /federation/v1/evidence`: takes a fork proof: 201 where it is kept, 200 where that changes
 *   nothing, 404 for a log that is not shared here, 422 for what proves nothing, 413 for too many
 *   bytes
 * - `GET /m/<SHA-256 of the origin>/checkpoint` and `…/tile/…`: each shared log (C2SP tlog-tiles)
 * - `POST /w/add-checkpoint`: the witness (C2SP tlog-witness), where the node has one, for every log
 *   that it mirrors; `GET /w/<SHA-256 of the origin>/checkpoint`: what it cosigned of a shared one
 *
 * Which logs are shared is read from the configuration once. Bodies are bounded. It limits no rates
 * and asks nobody who they are: the application does.
 */
export const federation: FastifyPluginAsync<FederationPluginOptions> = async (app, options) => {
  const { federation: node } = options

  // Only within this plugin: a body is bytes, whatever its type is said to be.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  // The application's handler, or Fastify's, has the last word.
  app.setErrorHandler((error: FastifyError) => {
    throw (error.statusCode ?? 500) < 500 ? error : untold(error)
  })

  app.get('/.well-known/vm-federation', async (_request, reply) => {
    const note = await node.description()
    if (note === undefined) return refuse(reply, 404, 'not found')
    return reply.type('text/plain; charset=utf-8').header('cache-control', 'no-cache').send(note)
  })
  headsRoute(app, node)
  evidenceRoutes(app, node)
  for (const origin of node.config.share) {
    const tiles = node.sharedTiles(origin)
    if (tiles === undefined) continue
    await app.register(staticLog, { tiles, prefix: `/m/${originDigest(origin)}` })
  }
  if (node.witness === undefined) return
  const store = showing(node.witness.store, node.config.share)
  await app.register(witness, { ...node.witness, store, prefix: '/w' })
}
