/** Makes tiles of hashes anew from what is below them. What comes out is still to be verified. */
import { concatBytes } from '@vaultmesh/merkle/bytes'
import { readEntries, readHashes, type TilePlace, type TileSource } from '@vaultmesh/merkle/tiles'
import { childrenOf } from '../archive/order.ts'
import { oneByOne } from '../batch-hasher.ts'

/** What the tile above holds for a full tile. */
export function hashOfTile(hashes: Uint8Array): Uint8Array {
  return oneByOne.hashSubtree(hashes)
}

/** The hashes of some entries, one after the other. */
export function hashesOf(entries: readonly Uint8Array[]): Uint8Array {
  return oneByOne.hashLeaves(entries)
}

/**
 * The hashes of a tile, from the files below it; undefined where one of them is missing. `isDeep`
 * uses entries only, and no tiles: for where those are wrong too.
 */
export async function deriveTile(
  sources: readonly TileSource[],
  place: TilePlace,
  isDeep: boolean,
): Promise<Uint8Array | undefined> {
  if (place.level === 0) {
    for (const source of sources) {
      const read = await readEntries(source, place.index, place.width)
      if (read.ok) return hashesOf(read.entries)
    }
    return undefined
  }
  const hashes: Uint8Array[] = []
  for (const child of childrenOf(place)) {
    const tile = isDeep
      ? await deriveTile(sources, child, true)
      : await readOrDerive(sources, child)
    if (tile === undefined) return undefined
    hashes.push(hashOfTile(tile))
  }
  return concatBytes(...hashes)
}

async function readOrDerive(
  sources: readonly TileSource[],
  place: TilePlace,
): Promise<Uint8Array | undefined> {
  for (const source of sources) {
    const read = await readHashes(source, place.level, place.index, place.width)
    if (read.ok) return read.hashes
  }
  return deriveTile(sources, place, false)
}
