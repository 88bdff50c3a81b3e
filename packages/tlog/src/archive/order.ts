/** The files of a log, parents before children, so that each can be verified when it is read. */
import {
  encodeEntryBundle,
  entryBundlePath,
  partialTiles,
  type TileFailure,
  type TilePlace,
  tilePath,
  tileWidth,
  type VerifiedTiles,
} from '@vaultmesh/merkle/tiles'
import type { TreeFile } from '../edge.ts'

const wide = BigInt(tileWidth)

/** One past the last entry below a tile (tlog-tiles, "end index"). */
export function endIndex(level: number, index: bigint): bigint {
  return (index + 1n) << BigInt(8 * (level + 1))
}

function widthInPath(width: number): number | undefined {
  return width === tileWidth ? undefined : width
}

/** The path of a tile of hashes. */
export function pathOfTile({ level, index, width }: TilePlace): string {
  return tilePath(level, index, widthInPath(width))
}

/** The path of the entries of a tile of level 0. */
export function pathOfBundle({ index, width }: Omit<TilePlace, 'level'>): string {
  return entryBundlePath(index, widthInPath(width))
}

/** The tiles right below a tile of level 1 or more. */
export function* childrenOf({ level, index, width }: TilePlace): Generator<TilePlace> {
  for (let i = 0; i < width; i += 1) {
    yield { level: level - 1, index: index * wide + BigInt(i), width: tileWidth }
  }
}

/** What a verified tree gives; `toError` makes an error of what it gives instead. */
interface Walk {
  readonly tiles: VerifiedTiles
  /** Full tiles and bundles that end at or before it are left out. */
  readonly minimumIndex: bigint
  readonly toError: (failure: TileFailure) => Error
  readonly signal?: AbortSignal | undefined
}

async function tileFile({ tiles, toError }: Walk, place: TilePlace): Promise<TreeFile> {
  const tile = await tiles.tile(place.level, place.index)
  if (!tile.ok) throw toError(tile)
  return { path: pathOfTile(place), bytes: tile.hashes }
}

async function* filesBelow(walk: Walk, place: TilePlace): AsyncGenerator<TreeFile, void, void> {
  walk.signal?.throwIfAborted()
  if (place.level === 0) {
    const bundle = await walk.tiles.bundle(place.index)
    if (!bundle.ok) throw walk.toError(bundle)
    yield { path: pathOfBundle(place), bytes: encodeEntryBundle(bundle.entries) }
    return
  }
  for (const child of childrenOf(place)) {
    if (endIndex(child.level, child.index) <= walk.minimumIndex) continue
    yield await tileFile(walk, child)
    yield* filesBelow(walk, child)
  }
}

/**
 * Every tile and bundle of a tree: the partial tiles, highest level first; then, for each of them,
 * what is below it, each tile right before what is below that.
 *
 * Throws what `toError` makes of a file that is missing or wrong, and the signal's reason.
 */
export async function* treeFiles(walk: Walk): AsyncGenerator<TreeFile, void, void> {
  const places = partialTiles(walk.tiles.size)
  for (const place of places) yield await tileFile(walk, place)
  for (const place of places) yield* filesBelow(walk, place)
}
