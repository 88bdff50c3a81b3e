/** A published tree of which everything that is read is checked against a signed root. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { CompactRange } from '@vaultmesh/merkle/compact'
import { nodeHasher } from '@vaultmesh/merkle/node'
import type { NodeReader } from '@vaultmesh/merkle/proof'
import { hashLength } from '@vaultmesh/merkle/rfc6962'
import {
  entryBundlePath,
  nodeReader,
  parseTilePath,
  partialWidth,
  tileCount,
  tilePath,
  tileWidth,
} from '@vaultmesh/merkle/tiles'
import { TlogError } from './errors.ts'
import type { Head } from './head.ts'
import { readBundle, readTile, type TreeLocation } from './tree-files.ts'

const wide = BigInt(tileWidth)

/** How many full tiles are kept, of 8 KiB each. */
const maxKeptTiles = 256

/** The hashes of a tile, each on its own. */
export function splitTile(tile: Uint8Array): Uint8Array[] {
  return Array.from({ length: tile.length / hashLength }, (_, i) =>
    tile.slice(i * hashLength, (i + 1) * hashLength),
  )
}

/** The tree over some hashes. */
function rangeOf(hashes: readonly Uint8Array[]): CompactRange {
  const range = CompactRange.empty(nodeHasher)
  for (const hash of hashes) range.append(hash)
  return range
}

/** The root over the hashes of a full tile: what its parent tile holds. */
export function rootOfHashes(hashes: readonly Uint8Array[]): Uint8Array {
  return rangeOf(hashes).root()
}

function notSigned(path: string, size: bigint): TlogError {
  return new TlogError(
    'LOG_TREE_DAMAGED',
    `${path} is not what the signed checkpoint of size ${size} stands for; restore it from a backup or a mirror of the log`,
  )
}

/** Where a tile is in a tree. */
export interface TilePlace {
  readonly level: number
  readonly index: bigint
  readonly width: number
}

/** The partial tiles of a tree of `size` leaves, highest level first. */
export function partialTiles(size: bigint): TilePlace[] {
  return [7, 6, 5, 4, 3, 2, 1, 0]
    .map((level) => ({ level, width: partialWidth(size, level) }))
    .filter(({ width }) => width > 0)
    .map(({ level, width }) => ({ level, index: tileCount(size, level) - 1n, width }))
}

/** The right edge of a tree of `size` leaves, from the hashes of its {@link partialTiles}. */
export function edgeRange(size: bigint, tiles: readonly (readonly Uint8Array[])[]): CompactRange {
  const hashes = tiles.flatMap((tile) => rangeOf(tile).hashes)
  return CompactRange.from(size, hashes, nodeHasher)
}

/** One size of a published tree. Its methods throw LOG_TREE_DAMAGED, naming the file, or LOG_IO. */
export class VerifiedTree {
  /** The number of entries. */
  readonly size: bigint
  /** The hashes of the complete subtrees, largest first. */
  readonly hashes: readonly Uint8Array[]
  readonly #location: TreeLocation
  /** Per level. Each hash of these counts towards the root, which {@link open} has checked. */
  readonly #partialTiles: ReadonlyMap<number, Uint8Array>
  readonly #fullTiles = new Map<string, Promise<Uint8Array>>()

  private constructor(
    location: TreeLocation,
    range: CompactRange,
    tiles: ReadonlyMap<number, Uint8Array>,
  ) {
    this.#location = location
    this.size = range.size
    this.hashes = range.hashes
    this.#partialTiles = tiles
  }

  /** Reads the right edge and checks that it gives the head's root. */
  static async open(
    location: TreeLocation,
    head: Pick<Head, 'size' | 'root'>,
  ): Promise<VerifiedTree> {
    const places = partialTiles(head.size)
    const tiles = new Map<number, Uint8Array>()
    for (const { level, index, width } of places) {
      tiles.set(level, await readTile(location, level, index, width))
    }
    const range = edgeRange(head.size, [...tiles.values()].map(splitTile))
    if (equalBytes(range.root(), head.root)) return new VerifiedTree(location, range, tiles)
    const paths = places.map(({ level, index, width }) => tilePath(level, index, width))
    throw notSigned(paths.length > 0 ? paths.join(' or ') : 'a root', head.size)
  }

  /** The hashes of the partial tile at a level, one after the other; none where there is none. */
  partialTile(level: number): Uint8Array {
    return this.#partialTiles.get(level) ?? new Uint8Array()
  }

  /** The hashes of a tile, one after the other: 256, fewer for a partial one. */
  async tile(level: number, index: bigint): Promise<Uint8Array> {
    const partialTile = this.#partialTiles.get(level)
    if (partialTile !== undefined && index === tileCount(this.size, level) - 1n) return partialTile
    const path = tilePath(level, index)
    const kept = this.#fullTiles.get(path)
    if (kept !== undefined) return kept
    const tile = this.#readFullTile(level, index, path)
    this.#fullTiles.set(path, tile)
    // A failure is not kept: the file may be restored before the next read.
    tile.catch(() => this.#fullTiles.delete(path))
    for (const oldest of this.#fullTiles.keys()) {
      if (this.#fullTiles.size <= maxKeptTiles) break
      this.#fullTiles.delete(oldest)
    }
    return tile
  }

  async #readFullTile(level: number, index: bigint, path: string): Promise<Uint8Array> {
    const parent = await this.tile(level + 1, index / wide)
    const at = Number(index % wide) * hashLength
    const tile = await readTile(this.#location, level, index, tileWidth)
    if (equalBytes(rootOfHashes(splitTile(tile)), parent.subarray(at, at + hashLength))) return tile
    throw notSigned(path, this.size)
  }

  /** The entries of a bundle: 256, fewer for a partial one. */
  async bundle(index: bigint): Promise<Uint8Array[]> {
    const hashes = splitTile(await this.tile(0, index))
    const entries = await readBundle(this.#location, index, hashes.length)
    const isSigned = entries.every((entry, i) =>
      equalBytes(nodeHasher.hashLeaf(entry), hashes[i] ?? new Uint8Array()),
    )
    if (isSigned) return entries
    const width = hashes.length === tileWidth ? undefined : hashes.length
    throw notSigned(entryBundlePath(index, width), this.size)
  }

  /** Gives the hashes of complete subtrees, for proofs. */
  nodes(): NodeReader {
    return nodeReader(
      this.size,
      (path) => {
        const { level = 0, index = 0n } = parseTilePath(path) ?? {}
        return this.tile(level, index)
      },
      nodeHasher,
    )
  }
}
