/** What a tile that is wrong should hold, found out from the files below it. */
import { concatBytes, equalBytes } from '../bytes.ts'
import { type BatchHasher, hashLength } from '../rfc6962.ts'
import { readEntries, readHashes, type TileSource } from '../tiles/source.ts'
import { tileWidth } from '../tiles/width.ts'
import { childOf, type LogFile, readAhead } from './files.ts'
import { pickCopies } from './search.ts'

/** How files are read and hashed. */
export interface Reading {
  readonly source: TileSource
  readonly hasher: BatchHasher
  readonly concurrency: number
  readonly signal: AbortSignal | undefined
}

/** A tile, and the hashes that its file holds, one after the other, where it has the right form. */
export interface StoredTile {
  readonly file: LogFile
  readonly hashes: Uint8Array | undefined
}

/** What a tile should hold. */
export interface RecoveredTile {
  /** One after the other; zeros where there are none. */
  readonly hashes: Uint8Array
  /** The places at which the tile and the files below it differ, and nothing tells who is right. */
  readonly doubtful: ReadonlySet<number>
}

/** What some tiles should hold. */
export interface Recovered {
  /** Whether this is what `isRight` took. Otherwise it is as good as can be had. */
  readonly isRight: boolean
  readonly tiles: readonly RecoveredTile[]
}

/** The hash at each place, where there is one. */
type Copies = readonly (Uint8Array | undefined)[]

/** Up to how many places in doubt are looked into by themselves, and how many files may be gone. */
const maxDoubtful = 8

function splitHashes(hashes: Uint8Array | undefined, width: number): Copies {
  return Array.from({ length: width }, (_, i) =>
    hashes?.subarray(i * hashLength, (i + 1) * hashLength),
  )
}

/** What a tile should hold by the files right below it. */
async function copiesBelow(reading: Reading, file: LogFile): Promise<Copies> {
  const { source, hasher, concurrency, signal } = reading
  if (file.level === 0) {
    const bundle = await readEntries(source, file.index, file.width, signal)
    return splitHashes(bundle.ok ? hasher.hashLeaves(bundle.entries) : undefined, file.width)
  }
  const children = Array.from({ length: file.width }, (_, slot) => childOf(file, slot))
  const read = readAhead(children, concurrency, ({ level, index, width }) =>
    readHashes(source, level, index, width, signal),
  )
  const roots: (Uint8Array | undefined)[] = []
  for await (const tile of read) {
    roots.push(tile.ok ? hasher.hashSubtree(tile.hashes) : undefined)
  }
  return roots
}

/** What the tile above should hold for a full tile, by the files below that tile. */
async function rootBelow(reading: Reading, file: LogFile): Promise<Uint8Array | undefined> {
  const copies = await copiesBelow(reading, file)
  const present = copies.filter((copy) => copy !== undefined)
  if (present.length < tileWidth) return undefined
  return reading.hasher.hashSubtree(concatBytes(...present))
}

/** The places at which two copies differ, or one has nothing. */
function differences(a: Copies, b: Copies): Set<number> {
  const places = new Set<number>()
  for (const [place, hash] of a.entries()) {
    const other = b[place]
    if (hash === undefined || other === undefined || !equalBytes(hash, other)) places.add(place)
  }
  return places
}

/**
 * Finds the hashes that `isRight` takes (those of each tile, one after the other), out of what the
 * tiles hold, what the files below stand for, and what those below these do.
 */
export async function recover(
  reading: Reading,
  tiles: readonly StoredTile[],
  isRight: (tiles: readonly Uint8Array[]) => boolean,
): Promise<Recovered> {
  const places = tiles.flatMap(({ file }) =>
    Array.from({ length: file.width }, (_, slot) => ({ file, slot })),
  )
  /** The hashes of all tiles, by tile. */
  const byTile = (hashes: Copies): Uint8Array[] => {
    let end = 0
    return tiles.map(({ file: { width } }) => {
      end += width
      const own = hashes.slice(end - width, end)
      return concatBytes(...own.map((hash) => hash ?? new Uint8Array(hashLength)))
    })
  }
  const pick = (...copies: readonly Copies[]): Recovered | undefined => {
    const picked = pickCopies(copies, (hashes) => isRight(byTile(hashes)))
    if (picked === undefined) return undefined
    const found = byTile(picked).map((hashes) => ({ hashes, doubtful: new Set<number>() }))
    return { isRight: true, tiles: found }
  }

  const stored = tiles.flatMap(({ file, hashes }) => splitHashes(hashes, file.width))
  const below: (Uint8Array | undefined)[] = []
  for (const { file } of tiles) below.push(...(await copiesBelow(reading, file)))
  const near = pick(below, stored) ?? pick(below)
  if (near !== undefined) return near

  const doubtful = differences(stored, below)
  // A tile of garbage leaves all places in doubt. Where the files below are gone as well, those
  // below these won't help, and there are 65,536 of them.
  const isAll = doubtful.size > maxDoubtful
  const gone = below.filter((hash) => hash === undefined).length
  const further: (Uint8Array | undefined)[] = []
  for (const [place, { file, slot }] of places.entries()) {
    const isNeeded = file.level > 0 && (isAll ? gone <= maxDoubtful : doubtful.has(place))
    further.push(isNeeded ? await rootBelow(reading, childOf(file, slot)) : undefined)
  }
  const far = pick(below, further) ?? pick(below, further, stored)
  if (far !== undefined) return far

  const best = byTile(stored.map((hash, place) => hash ?? below[place]))
  let begin = 0
  const left = tiles.map(({ file: { width } }, i) => {
    begin += width
    const own = [...doubtful].map((place) => place - (begin - width))
    const inside = own.filter((slot) => slot >= 0 && slot < width)
    return { hashes: best[i] ?? new Uint8Array(), doubtful: new Set(inside) }
  })
  return { isRight: false, tiles: left }
}
