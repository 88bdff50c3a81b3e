/** Reads one log from an untrusted source, and gives out nothing that was not verified. */
import { equalBytes } from '../bytes.ts'
import { sha256Hasher } from '../rfc6962.ts'
import { readFile, type TileFailure, type TileSource } from '../tiles/source.ts'
import { VerifiedTiles, type VerifiedTilesOptions } from '../tiles/verified.ts'
import { tileWidth } from '../tiles/width.ts'
import { formatTlogProof } from '../tlog-proof.ts'
import {
  compareHeads,
  type HistoryFailure,
  type RememberedHead,
  requireRemembered,
} from './compare.ts'
import { type EntriesOptions, entriesOf, type LogEntry } from './entries.ts'
import { type HeadFailure, type LogTrust, type TrustedHead, verifyHead } from './trust.ts'
import { unlessAborted } from './until.ts'

/** Where a log is and whom to believe. */
export interface LogOptions extends LogTrust, VerifiedTilesOptions {
  /** Gives the log's files; see `httpTileSource`. */
  readonly source: TileSource
}

/** How a log is opened. */
export interface OpenOptions {
  /** The last head that was trusted; the log must contain its tree. */
  readonly remembered?: RememberedHead | undefined
  /** Ends the opening. */
  readonly signal?: AbortSignal
}

/** Why something can't be had of a log, or is not so. */
export interface RequestFailure {
  readonly ok: false
  readonly code: 'CHECKPOINT_MISSING' | 'INDEX_BEYOND_SIZE' | 'NOT_INCLUDED' | 'SIZE_ORDER'
  readonly detail: string
}

/** All that can be wrong. */
export type LogFailure = HeadFailure | HistoryFailure | RequestFailure | TileFailure

type Result<T> = Promise<({ readonly ok: true } & T) | LogFailure>

/**
 * A log as it is at one head. Indexes and sizes are those of that head. No method rejects because
 * of what the source gives; each can be ended by a signal, with ABORTED.
 */
export interface TrustedLog {
  /** What to remember, and to give to the next `openLog`. */
  readonly head: TrustedHead
  /** The bytes of an entry. */
  entry(index: bigint, signal?: AbortSignal): Result<{ readonly entry: Uint8Array }>
  /** Whether the entry at an index is `entry`: `ok`, or NOT_INCLUDED. Reads hashes only. */
  includes(index: bigint, entry: Uint8Array, signal?: AbortSignal): Result<object>
  /** A C2SP tlog-proof, for others, that the head covers the entry at an index. */
  prove(index: bigint, signal?: AbortSignal): Result<{ readonly proof: string }>
  /** A proof, for others, that the tree of `size` leaves is a prefix of the head's. */
  consistency(
    size: bigint,
    signal?: AbortSignal,
  ): Result<{ readonly hashes: readonly Uint8Array[] }>
  /** The entries in order, each once. A failure, if any, comes last. */
  entries(options?: EntriesOptions): AsyncGenerator<LogEntry | LogFailure, void, void>
}

const wide = BigInt(tileWidth)

function beyond(index: bigint, size: bigint): RequestFailure {
  const detail = `there is no entry ${index} in a log of ${size} entries`
  return { ok: false, code: 'INDEX_BEYOND_SIZE', detail }
}

class OpenedLog implements TrustedLog {
  readonly head: TrustedHead
  readonly #options: LogOptions
  #opened: ReturnType<typeof VerifiedTiles.open> | undefined

  constructor(head: TrustedHead, options: LogOptions) {
    this.head = head
    this.#options = options
  }

  /** The tiles, their right edge checked when they are first needed. */
  async tiles(): ReturnType<typeof VerifiedTiles.open> {
    const { source } = this.#options
    this.#opened ??= VerifiedTiles.open(this.head, source, this.#options)
    const opening = this.#opened
    const opened = await opening
    // The next try may go better.
    if (!opened.ok && this.#opened === opening) this.#opened = undefined
    return opened
  }

  entry(index: bigint, signal?: AbortSignal): Result<{ entry: Uint8Array }> {
    return this.#at(index, signal, async (tiles, own) => {
      const bundle = await tiles.bundle(index / wide, own)
      if (!bundle.ok) return bundle
      // A copy, so that keeping one entry does not keep its whole bundle.
      return { ok: true, entry: Uint8Array.from(bundle.entries[Number(index % wide)] ?? []) }
    })
  }

  includes(index: bigint, entry: Uint8Array, signal?: AbortSignal): Result<object> {
    return this.#at(index, signal, async (tiles) => {
      const leaf = await tiles.leafHash(index)
      if (!leaf.ok) return leaf
      const { hasher = sha256Hasher } = this.#options
      if (equalBytes(hasher.hashLeaf(entry), leaf.hash)) return { ok: true }
      const detail = `entry ${index} of ${this.head.origin} is another one`
      return { ok: false, code: 'NOT_INCLUDED', detail }
    })
  }

  prove(index: bigint, signal?: AbortSignal): Result<{ proof: string }> {
    return this.#at(index, signal, async (tiles) => {
      const read = await tiles.inclusion(index)
      if (!read.ok) return read
      const { checkpoint } = this.head
      return { ok: true, proof: formatTlogProof({ index, hashes: read.hashes, checkpoint }) }
    })
  }

  async consistency(size: bigint, signal?: AbortSignal): Result<{ hashes: readonly Uint8Array[] }> {
    if (size < 0n || size > this.head.size) {
      const detail = `a tree of ${size} leaves is no prefix of one of ${this.head.size} leaves`
      return { ok: false, code: 'SIZE_ORDER', detail }
    }
    return this.#read(signal, (tiles) => tiles.consistency(size))
  }

  async *entries(options: EntriesOptions = {}): AsyncGenerator<LogEntry | LogFailure, void, void> {
    const { from = 0n, to = this.head.size } = options
    if (from < 0n || from > to) return yield beyond(from, this.head.size)
    if (to > this.head.size) return yield beyond(to - 1n, this.head.size)
    const opened = await unlessAborted(() => this.tiles(), options.signal)
    if (opened.ok) yield* entriesOf(opened.tiles, from, to, options)
    else yield opened
  }

  async #at<T extends { readonly ok: true }>(
    index: bigint,
    signal: AbortSignal | undefined,
    read: (tiles: VerifiedTiles, own: AbortSignal) => Promise<T | LogFailure>,
  ): Promise<T | LogFailure> {
    const isInside = index >= 0n && index < this.head.size
    return isInside ? this.#read(signal, read) : beyond(index, this.head.size)
  }

  #read<T extends { readonly ok: true }>(
    signal: AbortSignal | undefined,
    read: (tiles: VerifiedTiles, own: AbortSignal) => Promise<T | LogFailure>,
  ): Promise<T | LogFailure> {
    return unlessAborted(async (own) => {
      const opened = await this.tiles()
      return opened.ok ? read(opened.tiles, own) : opened
    }, signal)
  }
}

async function openAt(
  options: LogOptions,
  remembered: RememberedHead | undefined,
  signal: AbortSignal,
): Promise<{ readonly ok: true; readonly log: TrustedLog } | LogFailure> {
  if (remembered !== undefined) requireRemembered(remembered, options.origin)
  const file = await readFile(options.source, 'checkpoint', signal)
  if (file === undefined) {
    const detail = 'the source has no checkpoint: there is no log at this place'
    return { ok: false, code: 'CHECKPOINT_MISSING', detail }
  }
  if (!file.ok) return file
  const verified = await verifyHead(file.bytes, options)
  if (!verified.ok) return verified
  const log = new OpenedLog(verified.head, options)
  if (remembered === undefined) return { ok: true, log }
  const compared = await compareHeads(remembered, verified.head, () => log.tiles())
  return compared.ok ? { ok: true, log } : compared
}

/**
 * Fetches a log's checkpoint and verifies it: its signatures and the quorum of witnesses, then,
 * where a head is remembered, that the log still contains that tree.
 *
 * Never rejects because of what the source gives. Rejects with INVALID_ARGUMENT for a remembered
 * head that can't be one of this log.
 */
export function openLog(
  options: LogOptions,
  { remembered, signal }: OpenOptions = {},
): Promise<{ readonly ok: true; readonly log: TrustedLog } | LogFailure> {
  return unlessAborted((own) => openAt(options, remembered, own), signal)
}
