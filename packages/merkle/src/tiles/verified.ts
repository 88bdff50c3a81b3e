/** A tree of which everything that is read is checked against a trusted root. */
import { equalBytes } from '../bytes.ts'
import type { CompactRange } from '../compact.ts'
import { MerkleError } from '../errors.ts'
import { buildConsistency, buildInclusion, buildRoot, type NodeReader } from '../proof/build.ts'
import { type Hasher, hashLength, sha256Hasher } from '../rfc6962.ts'
import { ReadCache } from './cache.ts'
import { edgeRange, partialTiles, tileNode } from './edge.ts'
import { placeOfNode } from './needed.ts'
import { readEntries, readHashes, type TileFailure, type TileSource } from './source.ts'
import { tileWidth, widthOfTile } from './width.ts'

/** One size of a log: how many leaves, and the RFC 6962 root over them (32 bytes). */
export interface TreeHead {
  readonly size: bigint
  readonly root: Uint8Array
}

/** How a {@link VerifiedTiles} works. */
export interface VerifiedTilesOptions {
  /** What hashes; by default the one that runs anywhere. */
  readonly hasher?: Hasher
  /** How many full tiles (8 KiB each) are kept: at least 1, by default 64. */
  readonly maxTiles?: number
}

/** The hashes of a tile. */
export interface TileHashes {
  readonly ok: true
  /** One after the other, 32 bytes each. Shared with later readers: don't write to it. */
  readonly hashes: Uint8Array
}

/** The entries of a bundle. */
export interface BundleEntries {
  readonly ok: true
  /** 256, fewer for a partial bundle. */
  readonly entries: readonly Uint8Array[]
}

/** The hashes of a proof. */
export interface ProofHashes {
  readonly ok: true
  /** As `verifyInclusion` and `verifyConsistency` take them. */
  readonly hashes: readonly Uint8Array[]
}

const wide = BigInt(tileWidth)
const defaultMaxTiles = 64

/**
 * The tiles and entries of one tree, out of a source that nobody trusts.
 *
 * The partial tiles, at the tree's right edge, are checked together against the root; every full
 * tile against its hash in the tile above it, from there up to the edge; every entry against its
 * hash in its tile. Nothing is given out, or used to check something else, before that. What the
 * source does wrong comes back as a {@link TileFailure}; no method rejects because of it.
 */
export class VerifiedTiles {
  /** The number of leaves. */
  readonly size: bigint
  /** The right edge. */
  readonly #range: CompactRange
  readonly #source: TileSource
  readonly #hasher: Hasher
  /** By level. */
  readonly #partialTiles: ReadonlyMap<number, TileHashes>
  readonly #fullTiles: ReadCache<TileHashes | TileFailure>

  private constructor(
    source: TileSource,
    range: CompactRange,
    tiles: ReadonlyMap<number, TileHashes>,
    { hasher = sha256Hasher, maxTiles = defaultMaxTiles }: VerifiedTilesOptions,
  ) {
    this.size = range.size
    this.#range = range
    this.#source = source
    this.#partialTiles = tiles
    this.#hasher = hasher
    this.#fullTiles = new ReadCache(Math.max(1, maxTiles))
  }

  /**
   * Reads the right edge (at most 8 partial tiles) and checks that it gives the root. `head` must
   * be trusted: from a checkpoint whose signatures were verified. Rejects with INVALID_ARGUMENT for
   * a size that does not fit 64 bits.
   */
  static async open(
    head: TreeHead,
    source: TileSource,
    options: VerifiedTilesOptions = {},
    signal?: AbortSignal,
  ): Promise<{ readonly ok: true; readonly tiles: VerifiedTiles } | TileFailure> {
    const { size, root } = head
    const places = partialTiles(size)
    const read = await Promise.all(
      places.map(({ level, index, width }) => readHashes(source, level, index, width, signal)),
    )
    const tiles = new Map<number, TileHashes>()
    const paths: string[] = []
    for (const [i, tile] of read.entries()) {
      if (!tile.ok) return tile
      paths.push(tile.path)
      tiles.set(places[i]?.level ?? 0, { ok: true, hashes: tile.hashes })
    }
    const hashes = [...tiles.values()].map((tile) => tile.hashes)
    const range = edgeRange(size, hashes, options.hasher)
    if (equalBytes(range.root(), root)) {
      return { ok: true, tiles: new VerifiedTiles(source, range, tiles, options) }
    }
    const named = paths.length > 0 ? paths.join(' or ') : 'no tile at all'
    const detail = `${named} does not lead to the root of ${size} leaves`
    return { ok: false, code: 'ROOT_MISMATCH', paths, detail }
  }

  /** The root: 32 bytes. */
  get root(): Uint8Array {
    return this.#range.root()
  }

  /** The hashes of the complete subtrees at the right edge, largest first: `compactNodes(size)`. */
  get edge(): readonly Uint8Array[] {
    return this.#range.hashes
  }

  /**
   * The hashes of a tile, as wide as it is in this tree. Throws NODE_OUTSIDE_TREE, at once, where
   * the tree has no such tile, and INVALID_ARGUMENT for a level outside 0 to 63.
   */
  tile(level: number, index: bigint): Promise<TileHashes | TileFailure> {
    const width = widthOfTile(this.size, level, index)
    if (width === 0) {
      throw new MerkleError(
        'NODE_OUTSIDE_TREE',
        `a tree of ${this.size} leaves has no tile ${index} at level ${level}`,
      )
    }
    const partial = width < tileWidth ? this.#partialTiles.get(level) : undefined
    if (partial !== undefined) return Promise.resolve(partial)
    return this.#fullTiles.get(
      `${level}/${index}`,
      () => this.#readFullTile(level, index),
      ({ ok }) => ok,
    )
  }

  async #readFullTile(level: number, index: bigint): Promise<TileHashes | TileFailure> {
    const [parent, tile] = await Promise.all([
      this.tile(level + 1, index / wide),
      readHashes(this.#source, level, index, tileWidth),
    ])
    if (!parent.ok) return parent
    if (!tile.ok) return tile
    const at = Number(index % wide) * hashLength
    const expected = parent.hashes.subarray(at, at + hashLength)
    if (equalBytes(tileNode(tile.hashes, 0, tileWidth, this.#hasher), expected)) return tile
    const detail = `${tile.path} is not the tile that the root of ${this.size} leaves stands for`
    return { ok: false, code: 'TILE_MISMATCH', paths: [tile.path], detail }
  }

  /**
   * The entries of a bundle, as many as it has in this tree. Bundles are not kept. Rejects with
   * NODE_OUTSIDE_TREE where the tree has no such bundle.
   */
  async bundle(index: bigint, signal?: AbortSignal): Promise<BundleEntries | TileFailure> {
    const width = widthOfTile(this.size, 0, index)
    const [tile, bundle] = await Promise.all([
      this.tile(0, index),
      readEntries(this.#source, index, width, signal),
    ])
    if (!tile.ok) return tile
    if (!bundle.ok) return bundle
    const { entries, path } = bundle
    const wrong = entries.findIndex((entry, i) => {
      const expected = tile.hashes.subarray(i * hashLength, (i + 1) * hashLength)
      return !equalBytes(this.#hasher.hashLeaf(entry), expected)
    })
    if (wrong === -1) return { ok: true, entries }
    const detail = `${path}: entry ${index * wide + BigInt(wrong)} is not the one in the tree`
    return { ok: false, code: 'ENTRY_MISMATCH', paths: [path], detail }
  }

  /** The leaf hash (32 bytes) at an index. Rejects with NODE_OUTSIDE_TREE beyond the tree. */
  async leafHash(
    index: bigint,
  ): Promise<{ readonly ok: true; readonly hash: Uint8Array } | TileFailure> {
    if (index < 0n || index >= this.size) {
      throw new MerkleError(
        'NODE_OUTSIDE_TREE',
        `there is no leaf ${index} in a tree of ${this.size} leaves`,
      )
    }
    const tile = await this.tile(0, index / wide)
    if (!tile.ok) return tile
    const at = Number(index % wide) * hashLength
    return { ok: true, hash: tile.hashes.slice(at, at + hashLength) }
  }

  /** The inclusion proof of a leaf. Rejects with INVALID_ARGUMENT beyond the tree. */
  inclusion(index: bigint): Promise<ProofHashes | TileFailure> {
    return this.#read((read) => buildInclusion(index, this.size, read, this.#hasher))
  }

  /**
   * The proof that the tree of `size1` leaves is a prefix of this one. Rejects with INVALID_ARGUMENT
   * where `size1` is above its size.
   */
  consistency(size1: bigint): Promise<ProofHashes | TileFailure> {
    return this.#read((read) => buildConsistency(size1, this.size, read, this.#hasher))
  }

  /**
   * The root of the first `size` leaves. Rejects with INVALID_ARGUMENT where the tree has fewer.
   */
  async rootAt(
    size: bigint,
  ): Promise<{ readonly ok: true; readonly root: Uint8Array } | TileFailure> {
    if (size > this.size) {
      throw new MerkleError(
        'INVALID_ARGUMENT',
        `a tree of ${this.size} leaves has no first ${size} leaves`,
      )
    }
    const read = await this.#read(async (node) => [await buildRoot(size, node, this.#hasher)])
    if (!read.ok) return read
    return { ok: true, root: read.hashes[0] ?? new Uint8Array() }
  }

  /** Makes something of nodes, unless the tiles that hold them can't be had. */
  async #read(
    make: (read: NodeReader) => Promise<Uint8Array[]>,
  ): Promise<ProofHashes | TileFailure> {
    let failure: TileFailure | undefined
    const hashes = await make(async (level, index) => {
      const place = placeOfNode({ level, index })
      const tile = await this.tile(place.level, place.index)
      if (tile.ok) return tileNode(tile.hashes, place.begin, place.count, this.#hasher)
      failure ??= tile
      // What is made of this is thrown away.
      return new Uint8Array(hashLength)
    })
    return failure ?? { ok: true, hashes }
  }
}
