/** Files of a log out of a folder that may hold some of them, and out of a source that has them all. */
import {
  maxEntryLength,
  type TileFailure,
  type TileSource,
  tileWidth,
} from '@vaultmesh/merkle/tiles'
import type { TileReader } from '@vaultmesh/tlog'

/** The longest a file of a tree can be: a full bundle of entries, each with its length before it. */
const maxTreeFileLength: number = tileWidth * (2 + maxEntryLength)

/**
 * Reads each file from the folder where it is there, and else from the source. Neither is trusted:
 * what is wrong in the folder is told of once, and then taken from the source.
 */
export class LayeredSource {
  /** Paths whose files in the folder are wrong, or can't be read. */
  readonly wrong: Set<string> = new Set()
  /** How many files came from the source. */
  fetched = 0
  readonly #local: TileReader
  readonly #remote: TileReader
  readonly #used = new Set<string>()

  constructor(local: TileReader, remote: TileReader) {
    this.#local = local
    this.#remote = remote
  }

  readonly source: TileSource = async (path) => {
    const there = this.wrong.has(path) ? undefined : await this.#readLocal(path)
    if (there !== undefined) return there
    const bytes = await this.#remote.read(path, maxTreeFileLength)
    if (bytes !== undefined) this.fetched += 1
    return bytes
  }

  /** What `read` gives, once nothing in the folder is at fault any more. */
  async verified<T extends { readonly ok: true }>(
    read: () => Promise<T | TileFailure>,
  ): Promise<T | TileFailure> {
    for (;;) {
      const known = this.wrong.size
      const given = await read()
      if (given.ok) return given
      for (const path of given.paths) if (this.#used.has(path)) this.wrong.add(path)
      // Or a read of the same file at the same time has found it.
      if (this.wrong.size === known) return given
    }
  }

  async #readLocal(path: string): Promise<Uint8Array | undefined> {
    try {
      const bytes = await this.#local.read(path, maxTreeFileLength)
      if (bytes !== undefined) this.#used.add(path)
      return bytes
    } catch {
      this.wrong.add(path)
      return undefined
    }
  }
}

/** The tiles and bundles of a reader. */
export function sourceOf(reader: TileReader): TileSource {
  return (path) => reader.read(path, maxTreeFileLength)
}
