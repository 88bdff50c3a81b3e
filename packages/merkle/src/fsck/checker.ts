/** Holds each file of a log to what the files above it, and in the end the root, say of it. */
import { equalBytes } from '../bytes.ts'
import { hashLength } from '../rfc6962.ts'
import { encodeEntryBundle } from '../tiles/bundle.ts'
import { edgeRange } from '../tiles/edge.ts'
import { type readEntries, readHashes, type TileFailure } from '../tiles/source.ts'
import type { TreeHead } from '../tiles/verified.ts'
import { tileWidth } from '../tiles/width.ts'
import { childOf, edgeFiles, type LogFile, pathOf } from './files.ts'
import {
  differenceFrom,
  type KnownTile,
  KnownTiles,
  suspects,
  unvouched,
  vouched,
} from './known.ts'
import { checkOlder, type OlderFiles } from './older.ts'
import type { ProblemList } from './problems.ts'
import { type Reading, type Recovered, recover } from './recover.ts'
import type { FsckProblem } from './types.ts'

/** A tile as it was read. */
export type TileRead = Awaited<ReturnType<typeof readHashes>>

/** A bundle as it was read. */
export type BundleRead = Awaited<ReturnType<typeof readEntries>>

/** The paths of the files below some places of a tile. */
function pathsBelow(file: LogFile, slots: ReadonlySet<number>): string[] {
  if (file.level > 0) return [...slots].map((slot) => pathOf(childOf(file, slot)))
  return slots.size > 0 ? [pathOf({ ...file, kind: 'entries' })] : []
}

/** Checks the files of one log, in the order of `filesFrom`. */
export class Checker {
  readonly #head: TreeHead
  readonly #reading: Reading
  readonly #older: OlderFiles
  readonly #problems: ProblemList
  readonly #known = new KnownTiles()

  constructor(head: TreeHead, reading: Reading, older: OlderFiles, problems: ProblemList) {
    this.#head = head
    this.#reading = reading
    this.#older = older
    this.#problems = problems
  }

  /** What was cut short says nothing. */
  get #isAborted(): boolean {
    return this.#reading.signal?.aborted === true
  }

  #add(problem: FsckProblem | TileFailure): void {
    if (!this.#isAborted) this.#problems.add(problem)
  }

  #report(code: FsckProblem['code'], paths: readonly string[], problem: string): void {
    const detail = `${paths.join(' or ')} ${problem}`
    this.#add({ code, paths, detail })
  }

  /** Keeps what is known of a tile, and checks its older versions by it. */
  async #learn(tile: KnownTile): Promise<void> {
    this.#known.set(tile)
    if (!tile.isVouched || tile.doubtful.size > 0) return
    const expected = (width: number): Uint8Array => tile.hashes.subarray(0, width * hashLength)
    await checkOlder(this.#older, tile.file, expected, this.#problems)
  }

  /** Checks the partial tiles at the right edge, which together give the root. Comes first. */
  async checkEdge(): Promise<void> {
    const { size, root } = this.#head
    const { source, signal } = this.#reading
    const files = edgeFiles(size)
    const reads = await Promise.all(
      files.map(({ level, index, width }) => readHashes(source, level, index, width, signal)),
    )
    const isRight = (tiles: readonly Uint8Array[]): boolean =>
      equalBytes(edgeRange(size, tiles).root(), root)
    const stored = reads.flatMap((read) => (read.ok ? [read.hashes] : []))
    if (stored.length === files.length && isRight(stored)) {
      for (const [i, file] of files.entries()) {
        await this.#learn(vouched(file, stored[i] ?? new Uint8Array()))
      }
      return
    }
    const tiles = files.map((file, i) => {
      const read = reads[i]
      return { file, hashes: read?.ok === true ? read.hashes : undefined }
    })
    await this.#takeEdge(files, reads, await recover(this.#reading, tiles, isRight))
  }

  async #takeEdge(
    files: readonly LogFile[],
    reads: readonly TileRead[],
    { isRight, tiles }: Recovered,
  ): Promise<void> {
    const doubted: string[] = []
    for (const [i, file] of files.entries()) {
      const read = reads[i]
      const tile = tiles[i]
      if (read === undefined || tile === undefined) continue
      const { hashes, doubtful } = tile
      if (!read.ok) this.#add(read)
      else if (isRight && !equalBytes(read.hashes, hashes)) {
        this.#report('TILE_MISMATCH', [read.path], 'does not hold what the root stands for')
      }
      if (doubtful.size > 0) doubted.push(pathOf(file), ...pathsBelow(file, doubtful))
      await this.#learn(vouched(file, hashes, doubtful))
    }
    if (isRight) return
    // Where the files agree with each other, they are another tree than the one that was signed.
    const paths = doubted.length > 0 ? doubted : ['checkpoint']
    this.#report('ROOT_MISMATCH', paths, 'is wrong: the files do not give the root')
  }

  /** Checks a full tile against the tile above it. */
  async checkTile(file: LogFile, read: TileRead): Promise<void> {
    const wanted = this.#known.wanted(file.level, file.index)
    if (!read.ok) this.#add(read)
    const hashes = read.ok ? read.hashes : undefined
    if (hashes !== undefined) {
      const isRight = wanted !== undefined && this.#isRootOf(hashes, wanted.hash)
      if (wanted === undefined) return this.#learn(unvouched(file, hashes))
      if (isRight && wanted.suspects.length === 0) return this.#learn(vouched(file, hashes))
      if (!isRight) {
        const paths = [pathOf(file), ...wanted.suspects]
        this.#report('TILE_MISMATCH', paths, 'does not hold what the tiles above stand for')
      }
      if (wanted.suspects.length > 0) return this.#learn(unvouched(file, hashes))
    }
    // At level 0 the bundle alone is below, and is held to the same hash.
    if (wanted === undefined || wanted.suspects.length > 0 || file.level === 0) return
    const { isRight, tiles } = await recover(this.#reading, [{ file, hashes }], ([tile]) =>
      this.#isRootOf(tile ?? new Uint8Array(), wanted.hash),
    )
    const [tile] = tiles
    if (tile === undefined) return
    if (!isRight) {
      const paths = [pathOf(file), ...pathsBelow(file, tile.doubtful)]
      this.#report('TILE_MISMATCH', paths, 'is wrong: they differ, and neither is what was signed')
    }
    await this.#learn(vouched(file, tile.hashes, tile.doubtful))
  }

  #isRootOf(hashes: Uint8Array, root: Uint8Array): boolean {
    return equalBytes(this.#reading.hasher.hashSubtree(hashes), root)
  }

  /** Checks a bundle against its tile. */
  async checkBundle(file: LogFile, read: BundleRead): Promise<void> {
    if (!read.ok) return this.#add(read)
    const { entries, path } = read
    const hashes = this.#reading.hasher.hashLeaves(entries)
    const known = this.#known.get(0, file.index)
    const isSigned =
      known === undefined
        ? await this.#checkRoot(file, path, hashes)
        : this.#compare(path, known, hashes)
    if (!isSigned) return
    const expected = (width: number): Uint8Array => encodeEntryBundle(entries.slice(0, width))
    await checkOlder(this.#older, file, expected, this.#problems)
  }

  #compare(path: string, known: KnownTile, hashes: Uint8Array): boolean {
    const slot = differenceFrom(known, hashes)
    if (slot === undefined) return known.isVouched && known.doubtful.size === 0
    const index = known.file.index * BigInt(tileWidth) + BigInt(slot)
    const paths = [path, ...suspects(known)]
    this.#report('ENTRY_MISMATCH', paths, `does not hold what was signed for entry ${index}`)
    return false
  }

  /** Checks a bundle whose tile is of no use against the hash that both have to give. */
  async #checkRoot(file: LogFile, path: string, hashes: Uint8Array): Promise<boolean> {
    const wanted = this.#known.wanted(0, file.index)
    if (wanted === undefined) return false
    if (!this.#isRootOf(hashes, wanted.hash)) {
      const paths = [path, ...wanted.suspects]
      this.#report('ENTRY_MISMATCH', paths, 'does not hold the entries that were signed')
      return false
    }
    if (wanted.suspects.length > 0) return false
    await this.#learn(vouched({ ...file, kind: 'tile' }, hashes))
    return true
  }
}
