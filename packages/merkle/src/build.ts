/** Builds a whole tree out of batches of entries, and gives its tiles as they are completed. */
import { maxUint64 } from './bytes.ts'
import { CompactRange } from './compact.ts'
import { MerkleError } from './errors.ts'
import { rangeNodes } from './range.ts'
import { type BatchHasher, hashLength } from './rfc6962.ts'
import { partialTiles, type TilePlace } from './tiles/edge.ts'
import { tileHeight, tileWidth } from './tiles/width.ts'

/** A tile with its hashes: 32 bytes each, one after the other. */
export interface Tile extends TilePlace {
  readonly hashes: Uint8Array
}

/** The last tile of a level, while it is not full: `width` hashes, and room for the rest. */
interface Edge {
  index: bigint
  hashes: Uint8Array
  width: number
}

function emptyEdge(index: bigint): Edge {
  return { index, hashes: new Uint8Array(tileWidth * hashLength), width: 0 }
}

/**
 * A tree that grows by batches, and holds no more of itself than its partial tiles: O(log n).
 *
 * The root is that of `CompactRange`, sooner: each tile is hashed level by level.
 */
export class TreeBuilder {
  readonly #hasher: BatchHasher
  /** By level: 8 levels of tiles span 2^64 leaves. */
  readonly #edges: readonly Edge[]
  #size: bigint

  private constructor(hasher: BatchHasher, size: bigint) {
    this.#hasher = hasher
    this.#edges = Array.from({ length: 8 }, (_, level) =>
      emptyEdge(size >> BigInt(tileHeight * (level + 1))),
    )
    this.#size = size
  }

  /** A tree without leaves. */
  static empty(hasher: BatchHasher): TreeBuilder {
    return new TreeBuilder(hasher, 0n)
  }

  /**
   * Goes on with a tree of `size` leaves from its partial tiles, in any order: those of
   * {@link TreeBuilder.partialTiles}, or those that a log of this size has. They must be trusted.
   *
   * Throws INVALID_ARGUMENT where these are not the places that the tree has partial tiles at, or
   * a tile has another number of hashes.
   */
  static from(size: bigint, tiles: readonly Tile[], hasher: BatchHasher): TreeBuilder {
    const places = partialTiles(size)
    const builder = new TreeBuilder(hasher, size)
    for (const { level, index, width } of places) {
      const tile = tiles.find((candidate) => candidate.level === level && candidate.index === index)
      if (tile?.hashes.length !== width * hashLength) {
        throw new MerkleError(
          'INVALID_ARGUMENT',
          `a tree of ${size} leaves has a partial tile ${index} at level ${level}, with ${width} hashes`,
        )
      }
      builder.#add(level, tile.hashes, [])
    }
    if (tiles.length === places.length) return builder
    throw new MerkleError(
      'INVALID_ARGUMENT',
      `a tree of ${size} leaves has ${places.length} partial tiles, not ${tiles.length}`,
    )
  }

  /** The number of leaves. */
  get size(): bigint {
    return this.#size
  }

  /**
   * Adds entries, and gives the full tiles that they complete, each before those above it.
   *
   * Throws INVALID_ARGUMENT where the tree would have more than 2^64 - 1 leaves.
   */
  append(entries: readonly Uint8Array[]): Tile[] {
    this.#requireRoom(entries.length)
    const tiles: Tile[] = []
    for (let at = 0; at < entries.length; at += tileWidth) {
      const hashes = this.#hasher.hashLeaves(entries.slice(at, at + tileWidth))
      this.#size += BigInt(hashes.length / hashLength)
      this.#add(0, hashes, tiles)
    }
    return tiles
  }

  /**
   * As {@link TreeBuilder.append}, from the hashes of leaves, 32 bytes each, one after the other.
   *
   * Throws INVALID_ARGUMENT for a broken hash, too.
   */
  appendHashes(leafHashes: Uint8Array): Tile[] {
    const count = leafHashes.length / hashLength
    if (!Number.isInteger(count)) {
      throw new MerkleError(
        'INVALID_ARGUMENT',
        `hashes have ${hashLength} bytes each, which ${leafHashes.length} is no multiple of`,
      )
    }
    this.#requireRoom(count)
    this.#size += BigInt(count)
    const tiles: Tile[] = []
    this.#add(0, leafHashes, tiles)
    return tiles
  }

  /** The partial tiles, lowest first. Copies. */
  partialTiles(): Tile[] {
    return this.#edges.flatMap(({ index, hashes, width }, level) =>
      width === 0 ? [] : [{ level, index, width, hashes: hashes.slice(0, width * hashLength) }],
    )
  }

  /** The tree as it is now, in complete subtrees. */
  range(): CompactRange {
    const hashes = this.#edges.toReversed().flatMap((edge) =>
      rangeNodes(0n, BigInt(edge.width)).map(({ level, index }) => {
        const length = 2 ** level * hashLength
        const begin = Number(index) * length
        return this.#hasher.hashSubtree(edge.hashes.subarray(begin, begin + length))
      }),
    )
    return CompactRange.from(this.#size, hashes)
  }

  /** The RFC 6962 root: 32 bytes. */
  root(): Uint8Array {
    return this.range().root()
  }

  #requireRoom(count: number): void {
    if (this.#size + BigInt(count) <= maxUint64) return
    throw new MerkleError('INVALID_ARGUMENT', 'a tree has at most 2^64 - 1 leaves')
  }

  /** Adds hashes to a level of tiles, and those of the tiles that they fill to the next. */
  #add(level: number, hashes: Uint8Array, tiles: Tile[]): void {
    const edge = this.#edges[level]
    if (edge === undefined) return
    for (let at = 0; at < hashes.length; ) {
      const begin = edge.width * hashLength
      const part = hashes.subarray(at, at + edge.hashes.length - begin)
      edge.hashes.set(part, begin)
      edge.width += part.length / hashLength
      at += part.length
      if (edge.width < tileWidth) return
      const { index, width, hashes: full } = edge
      tiles.push({ level, index, width, hashes: full })
      Object.assign(edge, emptyEdge(index + 1n))
      this.#add(level + 1, this.#hasher.hashSubtree(full), tiles)
    }
  }
}
