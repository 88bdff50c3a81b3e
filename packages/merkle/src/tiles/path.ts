/** The paths of tiles and entry bundles (tlog-tiles, "Merkle Tree" and "Log entries"). */
import { isUint64 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'

/** What a path names. `width` is 1 to 255 for a partial tile or bundle, else 256. */
export interface TilePath {
  readonly kind: 'tile' | 'entries'
  /** 0 for entries. */
  readonly level: number
  readonly index: bigint
  readonly width: number
}

function indexPath(index: bigint): string {
  if (!isUint64(index)) {
    throw new MerkleError('INVALID_ARGUMENT', `a tile's index is 0 to 2^64 - 1, not ${index}`)
  }
  const digits = index.toString()
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  const groups = padded.match(/.{3}/g) ?? []
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join('/')
}

function suffix(width: number | undefined): string {
  if (width === undefined) return ''
  if (!Number.isInteger(width) || width < 1 || width > 255) {
    throw new MerkleError(
      'INVALID_ARGUMENT',
      `a partial tile is 1 to 255 wide, not ${width}; leave the width out for a full one`,
    )
  }
  return `.p/${width}`
}

/**
 * The path of a tile of hashes, as `tile/0/x001/234.p/5`. Without `width` (1 to 255) a full tile.
 *
 * Throws INVALID_ARGUMENT for a level outside 0 to 63, or an index or width out of range.
 */
export function tilePath(level: number, index: bigint, width?: number): string {
  if (!Number.isInteger(level) || level < 0 || level > 63) {
    throw new MerkleError('INVALID_ARGUMENT', `a tile's level is 0 to 63, not ${level}`)
  }
  return `tile/${level}/${indexPath(index)}${suffix(width)}`
}

/** The path of an entry bundle, as `tile/entries/x001/234.p/5`. Otherwise as {@link tilePath}. */
export function entryBundlePath(index: bigint, width?: number): string {
  return `tile/entries/${indexPath(index)}${suffix(width)}`
}

const pattern =
  /^tile\/(?<level>entries|[0-9]{1,2})\/(?<index>(?:x[0-9]{3}\/){0,6}[0-9]{3})(?:\.p\/(?<width>[0-9]{1,3}))?$/

/** What a path names, or undefined for any other spelling than {@link tilePath}'s. */
export function parseTilePath(path: string): TilePath | undefined {
  const groups = pattern.exec(path)?.groups
  if (groups === undefined) return undefined
  const { level = '', index: digits = '', width } = groups
  const index = BigInt(digits.replaceAll(/[x/]/g, ''))
  const kind = level === 'entries' ? 'entries' : 'tile'
  const found = { kind, level: kind === 'tile' ? Number(level) : 0, index } as const
  const partial = width === undefined ? undefined : Number(width)
  if (found.level > 63 || !isUint64(index) || partial === 0 || (partial ?? 1) > 255) {
    return undefined
  }
  const spelling =
    kind === 'tile' ? tilePath(found.level, index, partial) : entryBundlePath(index, partial)
  // Any other spelling, such as x000/001, would give one tile two paths.
  return spelling === path ? { ...found, width: partial ?? 256 } : undefined
}
