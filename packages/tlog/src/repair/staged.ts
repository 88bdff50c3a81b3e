/** The entries that a writer still has in its stage, as bundles. */
import { encodeEntryBundle, parseTilePath, readEntries, tileWidth } from '@vaultmesh/merkle/tiles'
import type { Stage, StagedRange, TileReader } from '../storage.ts'
import { sourceOf } from '../tree-source.ts'

const wide = BigInt(tileWidth)

async function* stagedFrom(stage: Stage, from: bigint): AsyncGenerator<Uint8Array, void, void> {
  for (let at = from; ; ) {
    const entries = await stage.read(at)
    if (entries.length === 0) return
    yield* entries
    at += BigInt(entries.length)
  }
}

/** The entries `from` up to, not including, `to`, as far as they are staged. */
async function stagedEntries(stage: Stage, from: bigint, to: bigint): Promise<Uint8Array[]> {
  const entries: Uint8Array[] = []
  for await (const entry of stagedFrom(stage, from)) {
    if (BigInt(entries.length) === to - from) break
    entries.push(entry)
  }
  return entries
}

/**
 * Gives entry bundles whose last entries are staged; what is before them in the bundle comes from
 * narrower ones in `tiles`. Only for the holder of the lock. Nothing is verified.
 */
export function stagedBundles(stage: Stage, range: StagedRange, tiles: TileReader): TileReader {
  return {
    name: stage.name,
    async read(path) {
      const place = parseTilePath(path)
      if (place?.kind !== 'entries') return undefined
      const begin = place.index * wide
      const end = begin + BigInt(place.width)
      if (end <= range.first || end > range.next) return undefined
      const from = begin > range.first ? begin : range.first
      const before = Number(from - begin)
      const older =
        before === 0
          ? { ok: true as const, entries: [] }
          : await readEntries(sourceOf(tiles), place.index, before)
      if (!older.ok) return undefined
      return encodeEntryBundle([...older.entries, ...(await stagedEntries(stage, from, end))])
    },
  }
}
