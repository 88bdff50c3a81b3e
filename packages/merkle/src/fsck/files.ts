/** Which files a log of some size has, and reading them a few at a time. */
import { partialTiles, type TilePlace } from '../tiles/edge.ts'
import { entryBundlePath, tilePath } from '../tiles/path.ts'
import { tileCount, tileHeight, tileWidth, widthOfTile } from '../tiles/width.ts'

/** A tile or a bundle: `level` is 0 for a bundle. */
export interface LogFile extends TilePlace {
  readonly kind: 'tile' | 'entries'
}

/** The path of a file, with its width where it is partial. */
export function pathOf({ kind, level, index, width }: LogFile): string {
  const partial = width === tileWidth ? undefined : width
  return kind === 'tile' ? tilePath(level, index, partial) : entryBundlePath(index, partial)
}

/** The tile below a tile that its hash number `slot` stands for. */
export function childOf({ level, index }: TilePlace, slot: number): LogFile {
  const childIndex = index * BigInt(tileWidth) + BigInt(slot)
  return { kind: 'tile', level: level - 1, index: childIndex, width: tileWidth }
}

/** The partial tiles of a log, which together give its root; highest level first. */
export function edgeFiles(size: bigint): LogFile[] {
  return partialTiles(size).map((place) => ({ kind: 'tile', ...place }))
}

/**
 * The full tiles and all bundles of a log, from bundle `begin` on: each bundle after the tiles that
 * stand for it, and these from the top down, as far as they did not come before.
 */
export function* filesFrom(size: bigint, begin: bigint): Generator<LogFile> {
  const count = tileCount(size, 0)
  for (let bundle = begin; bundle < count; bundle += 1n) {
    for (let level = 7; level >= 0; level -= 1) {
      const shift = BigInt(tileHeight * level)
      const index = bundle >> shift
      const isFirst = bundle === begin || index << shift === bundle
      if (isFirst && widthOfTile(size, level, index) === tileWidth) {
        yield { kind: 'tile', level, index, width: tileWidth }
      }
    }
    yield { kind: 'entries', level: 0, index: bundle, width: widthOfTile(size, 0, bundle) }
  }
}

/**
 * What `read` gives for each item, in their order, with at most `limit` reads under way. `read`
 * must not reject: nobody waits for a read that is ahead of where the reader stops.
 */
export async function* readAhead<T, R>(
  items: Iterable<T>,
  limit: number,
  read: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = []
  for (const item of items) {
    pending.push(read(item))
    if (pending.length < limit) continue
    const first = pending.shift()
    if (first !== undefined) yield await first
  }
  for (const rest of pending) yield await rest
}
