/** Mends the published files of a log from other places that hold them. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { nodeHasher } from '@vaultmesh/merkle/node'
import { hashLength } from '@vaultmesh/merkle/rfc6962'
import {
  edgeRange,
  encodeEntryBundle,
  partialTiles,
  readEntries,
  readHashes,
  type TilePlace,
  type TileSource,
} from '@vaultmesh/merkle/tiles'
import { childrenOf, endIndex, pathOfBundle, pathOfTile } from '../archive/order.ts'
import type { Tree } from '../head.ts'
import type { TileReader, TileStore } from '../storage.ts'
import { sourceOf } from '../tree-source.ts'
import { deriveTile, hashesOf, hashOfTile } from './derive.ts'

/** What {@link repairTree} needs. */
export interface RepairTreeOptions {
  readonly tiles: TileStore
  /** Where good files may be found. */
  readonly sources: readonly TileReader[]
  /** Full tiles and bundles that end at or before it may be missing. 0 by default. */
  readonly minimumIndex?: bigint
  /** Told of each file that was mended: its path below the tree. */
  readonly onRepaired?: (path: string) => void
  readonly signal?: AbortSignal | undefined
}

/** What became of a tree. */
export interface RepairedTree {
  /** How many files were written. */
  readonly repaired: number
  /** The files that are wrong or missing and found nowhere, the first 100. */
  readonly lost: readonly string[]
}

const maxLost = 100

/** Whether hashes are those that the signed root stands for. */
type IsSigned = (hashes: Uint8Array) => boolean

/** What a tile may be. */
interface Candidate {
  readonly hashes: Uint8Array
  /** Whether this very file is there. */
  readonly isThere: boolean
}

/** How a tile may be had, the cheapest way first. */
const ways = ['read', 'derived', 'derived from entries'] as const
type Way = (typeof ways)[number]

/** Each once. */
function distinct(candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(
    ({ hashes }, i) => candidates.findIndex((other) => equalBytes(other.hashes, hashes)) === i,
  )
}

/** Without partial files, so that the full one is read in their place. */
function fullOnly(source: TileSource): TileSource {
  return async (path, signal) => (path.includes('.p/') ? undefined : source(path, signal))
}

/** All ways to take one of each. */
function* combinations<T>(choices: readonly (readonly T[])[]): Generator<T[], void, void> {
  const [first, ...rest] = choices
  if (first === undefined) {
    yield []
    return
  }
  for (const choice of first) for (const others of combinations(rest)) yield [choice, ...others]
}

class TreeRepair {
  repaired = 0
  readonly lost: string[] = []
  readonly #store: TileStore
  readonly #local: TileSource
  /** The log's own files first. */
  readonly #sources: readonly TileSource[]
  readonly #minimumIndex: bigint
  readonly #options: RepairTreeOptions

  constructor(options: RepairTreeOptions) {
    this.#options = options
    this.#store = options.tiles
    this.#minimumIndex = options.minimumIndex ?? 0n
    this.#local = sourceOf(options.tiles)
    this.#sources = [this.#local, fullOnly(this.#local), ...options.sources.map(sourceOf)]
  }

  async run(head: Tree): Promise<void> {
    const places = partialTiles(head.size)
    const edge = await this.#findEdge(head, places)
    for (const [i, place] of places.entries()) {
      const found = edge?.[i]
      if (found === undefined) {
        this.#lose(pathOfTile(place))
        continue
      }
      if (!found.isThere) await this.#put(pathOfTile(place), found.hashes)
      await this.#below(place, found.hashes)
    }
  }

  /** The partial tiles, which only together can be held against the root. */
  async #findEdge(head: Tree, places: readonly TilePlace[]): Promise<Candidate[] | undefined> {
    const choices: Candidate[][] = places.map(() => [])
    // What is derived last is derived from all entries: only where nothing else will do.
    for (const way of ways) {
      for (const [i, place] of places.entries()) {
        for await (const candidate of this.#candidatesBy(way, place)) choices[i]?.push(candidate)
      }
      for (const candidates of combinations(choices.map(distinct))) {
        const tiles = candidates.map(({ hashes }) => hashes)
        if (equalBytes(edgeRange(head.size, tiles, nodeHasher).root(), head.root)) return candidates
      }
    }
    return undefined
  }

  /** What the hashes of a tile may be, the likeliest first. */
  async *#candidates(place: TilePlace): AsyncGenerator<Candidate, void, void> {
    for (const way of ways) yield* this.#candidatesBy(way, place)
  }

  async *#candidatesBy(way: Way, place: TilePlace): AsyncGenerator<Candidate, void, void> {
    if (way !== 'read') {
      const hashes = await deriveTile(this.#sources, place, way === 'derived from entries')
      if (hashes !== undefined) yield { hashes, isThere: false }
      return
    }
    const { level, index, width } = place
    for (const source of this.#sources) {
      const read = await readHashes(source, level, index, width)
      if (!read.ok) continue
      const isThere = source === this.#local && read.path === pathOfTile(place)
      yield { hashes: read.hashes, isThere }
    }
  }

  async #below(place: TilePlace, hashes: Uint8Array): Promise<void> {
    this.#options.signal?.throwIfAborted()
    if (place.level === 0) return this.#bundle(place, hashes)
    let at = 0
    for (const child of childrenOf(place)) {
      const signed = hashes.subarray(at, at + hashLength)
      at += hashLength
      if (endIndex(child.level, child.index) <= this.#minimumIndex) continue
      const found = await this.#tile(child, (tile) => equalBytes(hashOfTile(tile), signed))
      if (found === undefined) this.#lose(pathOfTile(child))
      else await this.#below(child, found)
    }
  }

  async #tile(place: TilePlace, isSigned: IsSigned): Promise<Uint8Array | undefined> {
    for await (const { hashes, isThere } of this.#candidates(place)) {
      if (!isSigned(hashes)) continue
      if (!isThere) await this.#put(pathOfTile(place), hashes)
      return hashes
    }
    return undefined
  }

  async #bundle(place: TilePlace, hashes: Uint8Array): Promise<void> {
    for (const source of this.#sources) {
      const read = await readEntries(source, place.index, place.width)
      if (!read.ok || !equalBytes(hashesOf(read.entries), hashes)) continue
      const path = pathOfBundle(place)
      const isThere = source === this.#local && read.path === path
      if (!isThere) await this.#put(path, encodeEntryBundle(read.entries))
      return
    }
    this.#lose(pathOfBundle(place))
  }

  /** Makes `bytes`, which are verified, what is at `path`, in place of what is wrong there. */
  async #put(path: string, bytes: Uint8Array): Promise<void> {
    // A store never overwrites. A crash between the two leaves the file missing, as good as wrong.
    await this.#store.delete([path])
    await this.#store.put([{ path, bytes }])
    this.repaired += 1
    this.#options.onRepaired?.(path)
  }

  #lose(path: string): void {
    if (this.lost.length < maxLost) this.lost.push(path)
  }
}

/**
 * Reads every file that a signed tree needs, and replaces those that are missing or wrong: hashes
 * out of the files below them, everything else out of `sources`. Nothing is written that the root
 * does not stand for, and no file that is right is touched. Only one may do it at a time, while
 * nobody writes to the log.
 *
 * Rejects with LOG_IO or LOG_NO_SPACE where a file can't be written, or the signal's reason; it can
 * be begun again.
 */
export async function repairTree(head: Tree, options: RepairTreeOptions): Promise<RepairedTree> {
  const repair = new TreeRepair(options)
  await repair.run(head)
  return { repaired: repair.repaired, lost: repair.lost }
}
