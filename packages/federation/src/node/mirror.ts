/** A verified copy of one log, which only grows. */
import { resolve } from 'node:path'
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { maxNoteLength } from '@vaultmesh/merkle/note'
import type { TlogPolicy } from '@vaultmesh/merkle/policy'
import { tileWidth, type VerifiedTiles } from '@vaultmesh/merkle/tiles'
import { collectPartials, posixStorage, type TileReader, TlogError } from '@vaultmesh/tlog'
import type { FederationError } from '../errors.ts'
import { evidenceOf } from '../evidence/join.ts'
import { joinHeads, openHead, type SignedHead, standingOf } from '../head.ts'
import { type TrustedPrefix, trustedPrefix } from '../trusted-prefix.ts'
import { orAborted } from './abort.ts'
import { compare, openTiles, type Relation, type Seen } from './compare.ts'
import { Exclusive } from './exclusive.ts'
import { toFederationError } from './files.ts'
import { proveFork } from './fork.ts'
import { grow } from './grow.ts'
import { LayeredSource, sourceOf } from './layered-source.ts'
import { mirrorDamaged } from './mirror-damaged.ts'
import type { AdvanceOptions, Mirror, MirrorAdvance, MirrorOptions } from './mirror-types.ts'
import { withWitnesses } from './policies.ts'
import { SourceError, sourceError } from './source-error.ts'
import { TileLinks } from './tile-links.ts'

const defaultLockTimeoutMs = 10_000

/** A signal that is never aborted. */
const never: AbortSignal = new AbortController().signal

type Place = Exclude<MirrorOptions['directory'], string>

class FileMirror implements Mirror {
  readonly origin: string
  readonly tiles: TileReader
  readonly #options: MirrorOptions
  /** Its files and its lock; anew for each advance, as the folder may be moved away in between. */
  readonly #place: () => Place
  /** Also knows the witnesses whose cosignatures are only passed on. */
  readonly #keys: TlogPolicy
  /** The last checkpoint that was verified: it is read far more often than it changes. */
  #known: { readonly bytes: Uint8Array; readonly head: SignedHead } | undefined
  readonly #links: TileLinks
  readonly #exclusive: Exclusive

  constructor(options: MirrorOptions) {
    const { origin, directory, policy, witnesses = [], lockTimeoutMs } = options
    this.origin = origin
    this.#options = options
    this.#place = () => (typeof directory === 'string' ? placeIn(directory, origin) : directory)
    this.#keys = withWitnesses(policy, witnesses)
    this.tiles = this.#place().tiles
    this.#links = new TileLinks(this.tiles)
    this.#exclusive = new Exclusive({
      what: `the mirror of ${origin}`,
      lockOf: () => this.#place().lock,
      timeoutMs: lockTimeoutMs ?? defaultLockTimeoutMs,
    })
  }

  async head(): Promise<SignedHead | undefined> {
    const { tiles } = this
    let bytes: Uint8Array | undefined
    try {
      bytes = await tiles.read('checkpoint', maxNoteLength)
    } catch (error) {
      throw toFederationError(error, `reading the checkpoint of ${tiles.name}`)
    }
    if (bytes === undefined) return undefined
    if (this.#known !== undefined && equalBytes(this.#known.bytes, bytes)) return this.#known.head
    const opened = await this.#open(bytes)
    if (opened.ok) {
      this.#known = { bytes, head: opened.head }
      return opened.head
    }
    throw this.#damaged(`its checkpoint is not to be believed (${opened.detail})`)
  }

  async trusted(): Promise<TrustedPrefix> {
    return this.#trustedWith(await this.head())
  }

  async isQuarantined(): Promise<boolean> {
    return (await this.trusted()).basis === 'divided'
  }

  advance(source: TileReader, options: AdvanceOptions = {}): Promise<MirrorAdvance> {
    const { signal = never } = options
    return this.#exclusive.run(signal, async () => {
      const ours = await this.head()
      if ((await this.#trustedWith(ours)).basis === 'divided') {
        return { status: 'quarantined', head: ours }
      }
      try {
        return await this.#advance(ours, source, options)
      } catch (error) {
        signal.throwIfAborted()
        if (!(error instanceof SourceError)) throw error
        const { code, message } = error
        return { status: 'failed', head: ours, code, detail: message }
      }
    })
  }

  addCosignatures(checkpoint: string): Promise<boolean> {
    return this.#exclusive.run(never, async () => {
      const [ours, opened] = [await this.head(), await this.#open(checkpoint)]
      if (ours === undefined || !opened.ok) return false
      return (await this.#publishJoined(ours, opened.head)) !== ours
    })
  }

  #open(checkpoint: Uint8Array | string): ReturnType<typeof openHead> {
    return openHead(checkpoint, this.origin, this.#keys, nodeVerifyEd25519)
  }

  #damaged(why: string): FederationError {
    return mirrorDamaged(this.origin, this.tiles.name, why)
  }

  async #trustedWith(head: SignedHead | undefined): Promise<TrustedPrefix> {
    const { evidence, policy } = this.#options
    const forks = (await evidence.list(this.origin)).map(({ fork }) => fork)
    const found = await this.#links.of(head, forks)
    if (!found.ok) throw this.#damaged(found.detail)
    const heads = head === undefined ? [] : [head]
    return trustedPrefix(evidenceOf(this.origin, { heads, forks, links: found.links }), policy)
  }

  async #advance(
    ours: SignedHead | undefined,
    source: TileReader,
    options: AdvanceOptions,
  ): Promise<MirrorAdvance> {
    const { signal = never } = options
    const layers = new LayeredSource(this.tiles, source)
    const theirs = { head: await this.#readHead(source, signal), source: layers.source }
    if (ours === undefined) return this.#take(ours, theirs, layers, options)
    const mine = { head: ours, source: sourceOf(this.tiles) }
    const found = await orAborted(this.#compare(mine, theirs, layers), signal)
    switch (found.relation) {
      case 'same':
        return { status: 'in-sync', head: await this.#publishJoined(ours, theirs.head) }
      case 'behind':
        return { status: 'behind', head: ours, sourceSize: theirs.head.size }
      case 'ahead':
        return this.#take(ours, theirs, layers, options, found.tiles)
      case 'forked':
        return this.#keepFork(mine, { head: theirs.head, source: sourceOf(source) }, signal)
    }
  }

  async #readHead(source: TileReader, signal: AbortSignal): Promise<SignedHead> {
    let bytes: Uint8Array | undefined
    try {
      bytes = await orAborted(source.read('checkpoint', maxNoteLength), signal)
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error)
      throw new SourceError('SOURCE_UNREADABLE', said)
    }
    if (bytes === undefined) {
      throw new SourceError('CHECKPOINT_MISSING', `${source.name} has no checkpoint`)
    }
    const opened = await this.#open(bytes)
    if (opened.ok) return opened.head
    const detail = `the checkpoint of ${source.name} is refused: ${opened.detail}`
    throw new SourceError('CHECKPOINT_REFUSED', detail)
  }

  async #compare(
    ours: Seen,
    theirs: Seen,
    layers: LayeredSource,
  ): Promise<Exclude<Relation, { relation: 'unknown' }>> {
    const compared = await layers.verified(async () => {
      const found = await compare(ours, theirs)
      return found.relation === 'unknown' ? found.failure : { ok: true, found }
    })
    if (compared.ok) return compared.found
    if (theirs.head.size > ours.head.size) throw sourceError(compared)
    throw this.#damaged(compared.detail)
  }

  /** Brings the mirror to a head whose tree contains the one that is here. */
  async #take(
    ours: SignedHead | undefined,
    { head, source }: Seen,
    layers: LayeredSource,
    { signal = never, onProgress }: AdvanceOptions,
    known?: VerifiedTiles,
  ): Promise<MirrorAdvance> {
    const { origin, policy } = this.#options
    if (standingOf(head, policy).witnessed === false) {
      const detail = `the policy's quorum did not cosign the checkpoint of ${head.size} entries`
      throw new SourceError('NO_QUORUM', detail)
    }
    const store = this.#place().tiles
    const from = ours?.size ?? 0n
    await store.prepare()
    const tiles = known ?? (await this.#openTiles({ head, source }, layers, signal))
    const onGroup = (done: bigint): void => onProgress?.({ origin, done, size: head.size })
    const failure = await grow({ store, layers, tiles, from, onGroup, signal })
    if (failure !== undefined) throw sourceError(failure)
    signal.throwIfAborted()
    await store.publish(head.checkpoint)
    await this.#dropPartials(store, head, from, signal)
    return { status: 'advanced', from, head, fetched: layers.fetched }
  }

  /**
   * Drops the partial files whose full ones are there now, but for those of this head and of the one
   * before, which a reader may be about to ask for. What is left where this is cut off goes the next
   * time.
   */
  async #dropPartials(
    tiles: Place['tiles'],
    head: SignedHead,
    from: bigint,
    signal: AbortSignal,
  ): Promise<void> {
    const wide = BigInt(tileWidth)
    if (from / wide === head.size / wide) return
    try {
      await collectPartials(head, { tiles, keepSizes: [from], signal })
    } catch (error) {
      const isDamaged = error instanceof TlogError && error.code === 'LOG_TREE_DAMAGED'
      throw isDamaged ? this.#damaged(error.message) : error
    }
  }

  async #openTiles(seen: Seen, layers: LayeredSource, signal: AbortSignal): Promise<VerifiedTiles> {
    const opened = await orAborted(
      layers.verified(() => openTiles(seen)),
      signal,
    )
    if (opened.ok) return opened.tiles
    throw sourceError(opened)
  }

  async #keepFork(ours: Seen, theirs: Seen, signal: AbortSignal): Promise<MirrorAdvance> {
    const { evidence } = this.#options
    const proven = await orAborted(proveFork(ours, theirs), signal)
    if (!proven.ok) throw new SourceError('TILES_REFUSED', proven.detail)
    const receipt = await evidence.add(proven.bytes)
    if (receipt.status === 'refused') throw new SourceError('TILES_REFUSED', receipt.detail)
    const { basis } = await this.#trustedWith(ours.head)
    const isQuarantined = basis === 'divided'
    return { status: 'forked', head: ours.head, proof: receipt.id, isQuarantined }
  }

  /** Publishes the cosignatures that another checkpoint of this very tree has more. */
  async #publishJoined(ours: SignedHead, theirs: SignedHead): Promise<SignedHead> {
    if (ours.text !== theirs.text) return ours
    const joined = joinHeads(ours, theirs)
    if (joined.checkpoint === ours.checkpoint) return ours
    await this.#place().tiles.publish(joined.checkpoint)
    return joined
  }
}

/** A mirror in a folder; its lock is beside it, where no web server that hosts the folder looks. */
function placeIn(directory: string, origin: string): Place {
  const path = resolve(directory)
  return posixStorage({ directory: path, stateDirectory: `${path}.lock` }, origin)
}

/** A mirror, which need not be there yet. Nothing is read or written before it is asked. */
export function openMirror(options: MirrorOptions): Mirror {
  return new FileMirror(options)
}
