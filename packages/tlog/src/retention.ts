/** Takes away what a log may take away (C2SP tlog-tiles, "Partial Tiles" and "Pruning"). */
import {
  parseTilePath,
  type TilePath,
  tileWidth,
  type VerifiedTiles,
} from '@vaultmesh/merkle/tiles'
import { endIndex } from './archive/order.ts'
import { TlogError } from './errors.ts'
import type { Tree } from './head.ts'
import type { TileStore } from './storage.ts'
import { openTiles, treeError } from './tree-source.ts'

/** What {@link collectPartials} needs. */
export interface CollectOptions {
  readonly tiles: TileStore
  /** Sizes besides the head's whose partial files stay, such as the one that was published before. */
  readonly keepSizes?: readonly bigint[]
  readonly signal?: AbortSignal
}

/** The rules by which entries may go. Whoever reads the log must be able to know them. */
export interface RetentionPolicy {
  /** In words, or where they stand: when an entry is no longer relevant, and how long it stays. */
  readonly policy: string
  /** How many of the newest entries always stay. */
  readonly keep: bigint
}

/** What {@link pruneEntries} needs. */
export interface PruneOptions {
  readonly tiles: TileStore
  /** Every full tile and bundle that ends at or before this index goes. */
  readonly minimumIndex: bigint
  /** Without it nothing may be pruned. */
  readonly retention: RetentionPolicy | undefined
  readonly signal?: AbortSignal
}

/** Files are deleted in groups of this many. */
const groupSize = 256

/** Whether a tree of `size` leaves has this very partial file. */
function isNeededAt(size: bigint, { level, index, width }: TilePath): boolean {
  const hashes = size >> BigInt(8 * level)
  return hashes / 256n === index && hashes % 256n === BigInt(width)
}

/** Deletes what `isGone` says, and gives the number of files. */
async function deleteWhere(
  { tiles, signal }: { readonly tiles: TileStore; readonly signal?: AbortSignal },
  isGone: (place: TilePath) => boolean | Promise<boolean>,
): Promise<number> {
  let group: string[] = []
  let count = 0
  for await (const path of tiles.list('tile/')) {
    signal?.throwIfAborted()
    const place = parseTilePath(path)
    if (place === undefined || !(await isGone(place))) continue
    group.push(path)
    count += 1
    if (group.length < groupSize) continue
    await tiles.delete(group)
    group = []
  }
  await tiles.delete(group)
  return count
}

/** Tells whether the full file in the place of a partial one is there and right. */
class FullFiles {
  readonly #tiles: VerifiedTiles
  #last: { readonly name: string; readonly isThere: Promise<boolean> } | undefined

  constructor(tiles: VerifiedTiles) {
    this.#tiles = tiles
  }

  has({ kind, level, index }: TilePath): Promise<boolean> {
    const name = `${kind} ${level} ${index}`
    // Partial files of one full one are listed one after the other.
    if (this.#last?.name !== name) {
      this.#last = { name, isThere: this.#read(kind, level, index) }
    }
    return this.#last.isThere
  }

  async #read(kind: TilePath['kind'], level: number, index: bigint): Promise<boolean> {
    if (endIndex(level, index) > this.#tiles.size) return false
    const read =
      kind === 'tile' ? await this.#tiles.tile(level, index) : await this.#tiles.bundle(index)
    if (read.ok) return true
    if (read.code === 'TILE_MISSING') return false
    throw treeError(read)
  }
}

/**
 * Deletes the partial tiles and bundles whose full ones are there, and gives their number. The
 * partial files of the head and of `keepSizes` stay, and so do all without a full one: tlog-tiles
 * wants them served. Each full file is verified before what it stands for goes.
 *
 * `head` is the published one, its signature verified. Rejects with LOG_TREE_DAMAGED or LOG_IO, or
 * with the signal's reason; it can be begun again.
 */
export async function collectPartials(head: Tree, options: CollectOptions): Promise<number> {
  const full = new FullFiles(await openTiles(head, options.tiles))
  const sizes = [head.size, ...(options.keepSizes ?? [])]
  return deleteWhere(options, async (place) => {
    if (place.width === tileWidth || sizes.some((size) => isNeededAt(size, place))) return false
    return full.has(place)
  })
}

function requireRetention({ size }: Tree, { minimumIndex, retention }: PruneOptions): void {
  const refuse = (why: string): TlogError => new TlogError('LOG_RETENTION', why)
  if (retention === undefined || retention.policy.trim() === '') {
    throw refuse('nothing may be pruned without a retention policy that says what and when')
  }
  if (retention.keep < 0n || minimumIndex < 0n || minimumIndex + retention.keep > size) {
    throw refuse(
      `the retention policy keeps the newest ${retention.keep} entries of ${size}, so nothing after entry ${size - retention.keep} may be pruned, and ${minimumIndex} is asked for`,
    )
  }
}

/**
 * Deletes every full tile and bundle that ends at or before `minimumIndex`, with the partial ones
 * in their place, and gives their number. What remains still proves every entry from there on.
 *
 * `head` is the published one, its signature verified; the whole right edge is checked first.
 * Rejects with LOG_RETENTION without a policy, or for more than it allows; with LOG_TREE_DAMAGED or
 * LOG_IO; or with the signal's reason. It can be begun again.
 */
export async function pruneEntries(head: Tree, options: PruneOptions): Promise<number> {
  requireRetention(head, options)
  await openTiles(head, options.tiles)
  return deleteWhere(options, ({ level, index }) => endIndex(level, index) <= options.minimumIndex)
}
