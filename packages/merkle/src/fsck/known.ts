/** What is known of the tiles between the root and the files that are being checked. */
import { equalBytes } from '../bytes.ts'
import { hashLength } from '../rfc6962.ts'
import { tileWidth } from '../tiles/width.ts'
import { type LogFile, pathOf } from './files.ts'

/** What a tile should hold. */
export interface KnownTile {
  readonly file: LogFile
  /** One after the other; at the places in `doubtful` they mean nothing. */
  readonly hashes: Uint8Array
  readonly doubtful: ReadonlySet<number>
  /**
   * Whether these are the hashes that the root stands for, or at least those on which two files
   * agree. Else a file that differs from them may be the right one.
   */
  readonly isVouched: boolean
}

/** What a file has to hash to. */
export interface Wanted {
  readonly hash: Uint8Array
  /** The files that are wrong where it does not, besides the file itself: none if vouched. */
  readonly suspects: readonly string[]
}

const none: ReadonlySet<number> = new Set()

/** Hashes of a tile that the root, or files that agree, vouch for. */
export function vouched(
  file: LogFile,
  hashes: Uint8Array,
  doubtful: ReadonlySet<number> = none,
): KnownTile {
  return { file, hashes, doubtful, isVouched: true }
}

/** Hashes of a tile for which there is only its own file. */
export function unvouched(file: LogFile, hashes: Uint8Array): KnownTile {
  return { file, hashes, doubtful: none, isVouched: false }
}

/** The files that may be wrong where another one differs from this tile. */
export function suspects({ file, isVouched }: KnownTile): readonly string[] {
  return isVouched ? [] : [pathOf(file)]
}

/** The first place, of those that are known, at which `hashes` differ; undefined for none. */
export function differenceFrom(known: KnownTile, hashes: Uint8Array): number | undefined {
  if (equalBytes(hashes, known.hashes)) return undefined
  for (let slot = 0; slot < known.file.width; slot += 1) {
    const [begin, end] = [slot * hashLength, (slot + 1) * hashLength]
    const isSame = equalBytes(hashes.subarray(begin, end), known.hashes.subarray(begin, end))
    if (!isSame && !known.doubtful.has(slot)) return slot
  }
  return undefined
}

/** The tiles on the way down to one bundle. */
export class KnownTiles {
  /** By level. The partial tiles at the right edge, which stay for the whole check. */
  readonly #edge = new Map<number, KnownTile>()
  readonly #full = new Map<number, KnownTile>()

  /** Adds a tile; a full one takes the place of the one before it at its level. */
  set(tile: KnownTile): void {
    const { level, width } = tile.file
    const tiles = width === tileWidth ? this.#full : this.#edge
    tiles.set(level, tile)
  }

  get(level: number, index: bigint): KnownTile | undefined {
    const tiles = [this.#edge.get(level), this.#full.get(level)]
    return tiles.find((tile) => tile?.file.index === index)
  }

  /** What the full tile at a place has to hash to, as far as that is known. */
  wanted(level: number, index: bigint): Wanted | undefined {
    const parent = this.get(level + 1, index / BigInt(tileWidth))
    const slot = Number(index % BigInt(tileWidth))
    if (parent === undefined || parent.doubtful.has(slot)) return undefined
    const hash = parent.hashes.subarray(slot * hashLength, (slot + 1) * hashLength)
    return { hash, suspects: suspects(parent) }
  }
}
