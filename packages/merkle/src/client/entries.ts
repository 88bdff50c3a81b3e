/** Reads the entries of a log one after the other, some bundles ahead. */
import { MerkleError } from '../errors.ts'
import type { TileFailure } from '../tiles/source.ts'
import type { VerifiedTiles } from '../tiles/verified.ts'
import { tileWidth } from '../tiles/width.ts'
import { unlessAborted } from './until.ts'

/** Which entries to read, and how. */
export interface EntriesOptions {
  /** The first index: 0 by default. */
  readonly from?: bigint
  /** The index to stop before: the head's size by default. */
  readonly to?: bigint
  /** How many bundles (at most 16 MiB each) are asked for or held at once: 1 to 64, by default 4. */
  readonly prefetch?: number
  /** Ends the reading. */
  readonly signal?: AbortSignal
}

/** An entry that is in the tree. */
export interface LogEntry {
  readonly ok: true
  readonly index: bigint
  readonly entry: Uint8Array
}

const wide = BigInt(tileWidth)
const defaultPrefetch = 4
const maxPrefetch = 64

/**
 * The entries from `from` up to `to`, which the caller has held against the size, in order. A
 * failure is the last thing that comes. No more is asked for than the reader has room for, and
 * what is under way is aborted when the reader stops. Rejects with INVALID_ARGUMENT for a bad
 * `prefetch`.
 */
export async function* entriesOf(
  tiles: VerifiedTiles,
  from: bigint,
  to: bigint,
  { prefetch = defaultPrefetch, signal }: EntriesOptions,
): AsyncGenerator<LogEntry | TileFailure, void, void> {
  if (!(prefetch >= 1 && prefetch <= maxPrefetch)) {
    throw new MerkleError('INVALID_ARGUMENT', `prefetch is 1 to ${maxPrefetch}, not ${prefetch}`)
  }
  const stop = new AbortController()
  const ahead: ReturnType<VerifiedTiles['bundle']>[] = []
  let next = from / wide
  try {
    for (let index = from; index < to; ) {
      while (ahead.length < prefetch && next * wide < to) {
        ahead.push(tiles.bundle(next, stop.signal))
        next += 1n
      }
      const bundle = ahead.shift() ?? tiles.bundle(index / wide, stop.signal)
      const read = await unlessAborted(() => bundle, signal)
      if (!read.ok) return yield read
      for (const entry of read.entries.slice(Number(index % wide))) {
        if (index === to || signal?.aborted === true) break
        // A copy, so that keeping one entry does not keep its whole bundle.
        yield { ok: true, index, entry: entry.slice() }
        index += 1n
      }
    }
  } finally {
    stop.abort()
  }
}
