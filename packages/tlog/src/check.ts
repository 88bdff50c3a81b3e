/** Reads a whole published log and says which of its files are wrong. */
import { join } from 'node:path'
import { concatBytes, equalBytes } from '@vaultmesh/merkle/bytes'
import { nodeHasher } from '@vaultmesh/merkle/node'
import { encodeEntryBundle, entryBundlePath, tilePath, tileWidth } from '@vaultmesh/merkle/tiles'
import { describeError } from './errors.ts'
import type { Head } from './head.ts'
import { type LogReaderOptions, readerContext } from './options.ts'
import { TreeReader } from './reader.ts'
import { readBundle, readTile, readTreeFile, type TreeLocation } from './tree-files.ts'
import {
  edgeRange,
  partialTiles,
  rootOfHashes,
  splitTile,
  type TilePlace,
} from './verified-tree.ts'

/** A file that is not what it should be. */
export interface LogProblem {
  /** Below the folder of the tree, as `tile/0/000.p/5`. */
  readonly path: string
  readonly detail: string
}

/** What checking a log found. */
export interface LogCheck {
  /** The head that was checked. */
  readonly head: Head
  /** None for a sound log. The check ends after the first 100. */
  readonly problems: readonly LogProblem[]
}

const maxProblems = 100

type Hashes = readonly Uint8Array[]

function isSame(a: Hashes, b: Hashes): boolean {
  return a.length === b.length && a.every((hash, i) => equalBytes(hash, b[i] ?? new Uint8Array()))
}

/** The path of a tile or bundle of some width, 256 for a full one. */
function pathOf(kind: 'tile' | 'entries', { level, index, width }: TilePlace): string {
  const partial = width === tileWidth ? undefined : width
  return kind === 'tile' ? tilePath(level, index, partial) : entryBundlePath(index, partial)
}

class Checker {
  readonly problems: LogProblem[] = []
  readonly #tree: TreeLocation
  readonly #head: Head

  constructor(tree: TreeLocation, head: Head) {
    this.#tree = tree
    this.#head = head
  }

  /** Everything, from the top down, so that the file that is wrong is told from those around it. */
  async run(): Promise<void> {
    const places = partialTiles(this.#head.size)
    const stored: (Hashes | undefined)[] = []
    for (const place of places) stored.push(await this.#readTile(place))
    const isSigned = this.#isRootOf(stored)
    const found: (Hashes | undefined)[] = []
    for (const [i, place] of places.entries()) {
      found.push(await this.#checkTile(place, stored[i], () => isSigned || undefined))
    }
    if (isSigned || this.#isFull()) return
    if (!this.#isRootOf(found)) {
      this.#report('checkpoint', 'the tiles and entries do not give the root that it signs')
    }
  }

  /** Whether the head's root is over these partial tiles, highest level first. */
  #isRootOf(tiles: readonly (Hashes | undefined)[]): boolean {
    const { size, root } = this.#head
    const present = tiles.filter((tile) => tile !== undefined)
    return present.length === tiles.length && equalBytes(edgeRange(size, present).root(), root)
  }

  #isFull(): boolean {
    return this.problems.length >= maxProblems
  }

  #report(path: string, detail: string): void {
    if (!this.#isFull()) this.problems.push({ path, detail })
  }

  async #attempt<T>(path: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read()
    } catch (error) {
      this.#report(path, describeError(error))
      return undefined
    }
  }

  #readTile(place: TilePlace): Promise<Hashes | undefined> {
    const { level, index, width } = place
    return this.#attempt(pathOf('tile', place), async () =>
      splitTile(await readTile(this.#tree, level, index, width)),
    )
  }

  /**
   * Checks a tile and all below it, and gives its hashes as far as they can be known.
   *
   * `isSigned` tells whether hashes are the ones that the checkpoint stands for; undefined where
   * that is not known because a file above is wrong.
   */
  async #checkTile(
    place: TilePlace,
    stored: Hashes | undefined,
    isSigned: (hashes: Hashes) => boolean | undefined,
  ): Promise<Hashes | undefined> {
    const path = pathOf('tile', place)
    const trusted = stored !== undefined && isSigned(stored) === true ? stored : undefined
    if (stored !== undefined && isSigned(stored) === false) {
      this.#report(path, 'does not hash to what the tile above it holds')
    }
    const below =
      place.level === 0
        ? await this.#checkBundle(place, trusted ?? isSigned)
        : await this.#checkChildren(place, trusted)
    if (trusted === undefined && below !== undefined) {
      this.#compare(path, stored, below, isSigned)
    }
    const hashes = trusted ?? below ?? stored
    if (hashes !== undefined) {
      await this.#checkOlder('tile', place, (width) => concatBytes(...hashes.slice(0, width)))
    }
    return hashes
  }

  /** Judges a tile that nothing above vouches for by what is below it. */
  #compare(
    path: string,
    stored: Hashes | undefined,
    below: Hashes,
    isSigned: (hashes: Hashes) => boolean | undefined,
  ): void {
    const verdict = isSigned(below)
    if (verdict === false) {
      this.#report(path, 'has files below it that do not hash to what the tile above it holds')
    } else if (verdict === undefined && stored !== undefined && !isSame(stored, below)) {
      this.#report(path, 'does not hold the hashes of the files below it')
    }
  }

  /** The hashes of the tiles below a tile. */
  async #checkChildren(
    { level, index, width }: TilePlace,
    trusted: Hashes | undefined,
  ): Promise<Hashes | undefined> {
    const roots: Uint8Array[] = []
    for (let i = 0; i < width && !this.#isFull(); i += 1) {
      const place = {
        level: level - 1,
        index: index * BigInt(tileWidth) + BigInt(i),
        width: tileWidth,
      }
      const signed = trusted?.[i]
      const hashes = await this.#checkTile(place, await this.#readTile(place), (candidate) =>
        signed === undefined ? undefined : equalBytes(rootOfHashes(candidate), signed),
      )
      if (hashes !== undefined) roots.push(rootOfHashes(hashes))
    }
    return roots.length === width ? roots : undefined
  }

  /** The leaf hashes of a bundle. */
  async #checkBundle(
    place: TilePlace,
    signed: Hashes | ((hashes: Hashes) => boolean | undefined),
  ): Promise<Hashes | undefined> {
    const path = pathOf('entries', place)
    const entries = await this.#attempt(path, () =>
      readBundle(this.#tree, place.index, place.width),
    )
    if (entries === undefined) return undefined
    const hashes = entries.map((entry) => nodeHasher.hashLeaf(entry))
    const verdict = typeof signed === 'function' ? signed(hashes) : isSame(hashes, signed)
    if (verdict === false) {
      this.#report(path, 'does not hold the entries that the tree was made of')
      return undefined
    }
    await this.#checkOlder('entries', place, (width) => encodeEntryBundle(entries.slice(0, width)))
    return hashes
  }

  /** Partial files of smaller sizes, which a client with an older checkpoint still reads. */
  async #checkOlder(
    kind: 'tile' | 'entries',
    place: TilePlace,
    expected: (width: number) => Uint8Array,
  ): Promise<void> {
    const directory = `${pathOf(kind, { ...place, width: tileWidth })}.p`
    const names = await this.#attempt(directory, () =>
      this.#tree.fs.list(join(this.#tree.directory, directory)),
    )
    for (const name of names ?? []) {
      const width = Number(name)
      // Wider ones are of a batch that is being written.
      if (!/^[1-9][0-9]{0,2}$/.test(name) || width >= place.width) continue
      const path = `${directory}/${name}`
      const bytes = await this.#attempt(path, () => readTreeFile(this.#tree, path))
      if (bytes !== undefined && !equalBytes(bytes, expected(width))) {
        this.#report(path, 'is not the beginning of the newer file')
      }
    }
  }
}

/**
 * Reads a whole published log and recomputes every hash. Needs no state and no lock.
 *
 * Rejects with LOG_NOT_FOUND, LOG_CHECKPOINT_INVALID, LOG_OPTIONS or LOG_IO where there is no
 * signed checkpoint to check the log against; all else that is wrong is returned as problems.
 */
export async function checkLog(options: LogReaderOptions): Promise<LogCheck> {
  const context = readerContext(options)
  const head = await new TreeReader(context).head()
  return checkTree(context.tree, head)
}

/** As {@link checkLog}, against a head that the caller has verified. */
export async function checkTree(tree: TreeLocation, head: Head): Promise<LogCheck> {
  const checker = new Checker(tree, head)
  await checker.run()
  return { head, problems: checker.problems }
}
