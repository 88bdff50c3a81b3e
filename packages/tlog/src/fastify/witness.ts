/** A witness over HTTP (C2SP tlog-witness). */
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import type { NoteSigner } from '@vaultmesh/merkle/note'
import {
  addCheckpoint,
  cosignCheckpoint,
  formatWitnessSize,
  type LogVerifiers,
  maxAddCheckpointLength,
  type OpenedAddCheckpoint,
  openAddCheckpoint,
  parseAddCheckpoint,
  type WitnessAdvance,
  type WitnessRefusal,
  type WitnessState,
  witnessCheckpointPath,
  witnessSizeType,
} from '@vaultmesh/merkle/witness'
import type { FastifyPluginAsync, FastifyReply } from 'fastify'

/** What a witness remembers, for ever. */
export interface WitnessStore {
  /**
   * Gives `decide` the state of a log (undefined where there is none), and where it is ok, stores
   * `next` in its place; then gives its decision back. Reading and storing are one step that no
   * other update of the origin comes between, and `next` is durable when this resolves: the
   * cosignature leaves right after. A store that rejects has stored nothing, or is not used again.
   */
  update(
    origin: string,
    decide: (state: WitnessState | undefined) => WitnessAdvance | WitnessRefusal,
  ): Promise<WitnessAdvance | WitnessRefusal>
  /** Keeps a cosigned checkpoint, for monitors. One that is lost is replaced by the next. */
  keep(path: string, checkpoint: string): Promise<void>
  /** The checkpoint that was kept last at a path of `witnessCheckpointPath`. */
  kept(path: string): Promise<string | undefined>
}

/** What {@link witness} is made of. */
export interface WitnessPluginOptions {
  /** The keys of each log that may ask. */
  readonly verifiersOf: LogVerifiers
  /** The witness's keys: each cosigns (`ed25519Cosigner`). */
  readonly signers: readonly NoteSigner[]
  readonly store: WitnessStore
  /**
   * Told of a checkpoint that a known log signed and that does not follow what was cosigned, before
   * the answer: it may be evidence against the log. What it rejects with is ignored.
   */
  readonly onRefused?: (opened: OpenedAddCheckpoint, refusal: WitnessRefusal) => Promise<void>
}

function refuse(reply: FastifyReply, refusal: { status: number; detail: string }): FastifyReply {
  return reply.code(refusal.status).type('text/plain').send(`${refusal.detail}\n`)
}

/**
 * A Fastify plugin that answers `POST add-checkpoint` below its `prefix`, and gives monitors the
 * last cosigned checkpoint of a log at `GET <SHA-256 of the origin>/checkpoint`.
 *
 * A checkpoint is stored before its cosignature is made. Where the store fails the answer is 500,
 * without a cosignature.
 */
export const witness: FastifyPluginAsync<WitnessPluginOptions> = async (app, options) => {
  const { verifiersOf, signers, store, onRefused } = options

  // Only within this plugin: every body is bytes, whatever its type is said to be.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: maxAddCheckpointLength },
    (_request, body, done) => done(null, body),
  )

  app.post('/add-checkpoint', async (request, reply) => {
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array()
    const parsed = parseAddCheckpoint(body)
    if (!parsed.ok) return refuse(reply, parsed)
    const opened = await openAddCheckpoint(parsed.request, verifiersOf)
    if (!opened.ok) return refuse(reply, opened)
    const { origin } = opened.head
    const decision = await store.update(origin, (state) => addCheckpoint(state, opened))
    if (!decision.ok) {
      await onRefused?.(opened, decision).catch(() => undefined)
      if (decision.status !== 409) return refuse(reply, decision)
      return reply.code(409).type(witnessSizeType).send(formatWitnessSize(decision.size))
    }
    const cosigned = await cosignCheckpoint(opened, signers)
    await store.keep(witnessCheckpointPath(origin), cosigned.checkpoint)
    return reply.type('text/plain; charset=utf-8').send(encodeUtf8(cosigned.body))
  })

  app.get<{ Params: { log: string } }>('/:log/checkpoint', async (request, reply) => {
    const { log } = request.params
    // What was percent-encoded in it is decoded here, and a store may be a folder.
    const isDigest = /^[0-9a-f]{64}$/.test(log)
    const kept = isDigest ? await store.kept(`${log}/checkpoint`) : undefined
    if (kept === undefined) return refuse(reply, { status: 404, detail: 'not found' })
    return reply
      .type('text/plain; charset=utf-8')
      .header('cache-control', 'public, max-age=1, must-revalidate')
      .send(kept)
  })
}
