/** Brings the files that a log has more to a mirror, each verified first. */
import {
  encodeEntryBundle,
  entryBundlePath,
  type TileFailure,
  type TilePlace,
  tileCount,
  tilePath,
  tileWidth,
  type VerifiedTiles,
  widthOfTile,
} from '@vaultmesh/merkle/tiles'
import type { TileStore, TreeFile } from '@vaultmesh/tlog'
import { orAborted } from './abort.ts'
import type { LayeredSource } from './layered-source.ts'

/** A tile, or the bundle of a tile of level 0. */
interface Missing extends TilePlace {
  readonly kind: 'tile' | 'entries'
}

/** How many files are asked for, and held in memory, at once. */
const groupSize = 16

const wide = BigInt(tileWidth)

/**
 * The files that a tree of `size` leaves has and one of `from` leaves has not: from the top down, so
 * that what verifies a file comes before it.
 */
export function* filesBetween(from: bigint, size: bigint): Generator<Missing> {
  for (let level = 7; level >= 0; level -= 1) {
    const shift = BigInt(8 * level)
    if (size >> shift === from >> shift) continue
    const count = tileCount(size, level)
    for (let index = (from >> shift) / wide; index < count; index += 1n) {
      const width = widthOfTile(size, level, index)
      yield { kind: 'tile', level, index, width }
      if (level === 0) yield { kind: 'entries', level, index, width }
    }
  }
}

function pathOf({ kind, level, index, width }: Missing): string {
  const partial = width === tileWidth ? undefined : width
  return kind === 'tile' ? tilePath(level, index, partial) : entryBundlePath(index, partial)
}

async function readOne(
  tiles: VerifiedTiles,
  layers: LayeredSource,
  file: Missing,
): Promise<{ readonly ok: true; readonly file: TreeFile } | TileFailure> {
  const path = pathOf(file)
  if (file.kind === 'tile') {
    const read = await layers.verified(() => tiles.tile(file.level, file.index))
    return read.ok ? { ok: true, file: { path, bytes: read.hashes } } : read
  }
  const read = await layers.verified(() => tiles.bundle(file.index))
  return read.ok ? { ok: true, file: { path, bytes: encodeEntryBundle(read.entries) } } : read
}

/** What {@link grow} works on. */
export interface Growth {
  readonly store: TileStore
  readonly layers: LayeredSource
  /** The new tree, over `layers`. */
  readonly tiles: VerifiedTiles
  /** The size of the tree that the mirror has. */
  readonly from: bigint
  /** Called after each group of files, with the number of entries that are there. */
  readonly onGroup: (done: bigint) => void
  /** Ends it: rejects with the reason. */
  readonly signal: AbortSignal
}

/** The files, some at a time. */
function* groupsOf(files: Iterable<Missing>): Generator<readonly Missing[]> {
  let group: Missing[] = []
  for (const file of files) {
    group.push(file)
    if (group.length < groupSize) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}

async function readGroup(
  { tiles, layers }: Growth,
  group: readonly Missing[],
): Promise<readonly TreeFile[] | TileFailure> {
  const files: TreeFile[] = []
  for (const read of await Promise.all(group.map((file) => readOne(tiles, layers, file)))) {
    if (!read.ok) return read
    files.push(read.file)
  }
  return files
}

async function writeGroup(
  { store, layers, onGroup }: Growth,
  group: readonly Missing[],
  files: readonly TreeFile[],
): Promise<void> {
  // A store never overwrites. Where this is cut off, the file is missing, as good as wrong.
  await store.delete(files.map(({ path }) => path).filter((path) => layers.wrong.has(path)))
  await store.put(files)
  const last = group.findLast(({ kind }) => kind === 'entries')
  if (last !== undefined) onGroup(last.index * wide + BigInt(last.width))
}

/**
 * Writes every file that is missing, durably, and reads the next ones meanwhile. Files that an
 * advance which was cut off has left are verified, and written again: they may not have got to the
 * disk. A failure is the source's. However it ends, nothing is written any more.
 */
export async function grow(growth: Growth): Promise<TileFailure | undefined> {
  const { tiles, from, signal } = growth
  let writing = Promise.resolve()
  try {
    for (const group of groupsOf(filesBetween(from, tiles.size))) {
      const read = await orAborted(readGroup(growth, group), signal)
      if ('ok' in read) return read
      await writing
      writing = writeGroup(growth, group, read)
      // Waited for below, whatever comes before.
      writing.catch(() => undefined)
    }
    return undefined
  } finally {
    await writing
  }
}
