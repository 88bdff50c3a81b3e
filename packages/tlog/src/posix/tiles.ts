/** A published tree in a folder, as plain files that any web server can host. */
import { dirname, join } from 'node:path'
import { encodeUtf8, equalBytes } from '@vaultmesh/merkle/bytes'
import { parseTilePath } from '@vaultmesh/merkle/tiles'
import { makeDirectories, replaceFile, replaceFileDurably } from '../durable.ts'
import type { TreeFile } from '../edge.ts'
import { TlogError } from '../errors.ts'
import type { FileSystem } from '../fs.ts'
import type { TileStore } from '../storage.ts'
import { maxTreeFileLength } from '../tree-files.ts'

/** How many files are written at once: more would only wait for the disk. */
const filesAtOnce = 8

/**
 * Does all, some at once, then throws the first failure: what still ran after a failure would
 * otherwise write into the tree when this process no longer has the lock.
 */
async function forEach<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  const work = async (): Promise<void> => {
    for (const item of left) await act(item)
  }
  const done = await Promise.allSettled(Array.from({ length: filesAtOnce }, work))
  const failed = done.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

/** The {@link TileStore} of a folder. */
export class PosixTiles implements TileStore {
  readonly name: string
  readonly #fs: FileSystem
  /** Folders that are there, also after a power cut. */
  readonly #durableDirectories: Set<string>

  /** `directory` is absolute. */
  constructor(fs: FileSystem, directory: string) {
    this.#fs = fs
    this.name = directory
    this.#durableDirectories = new Set([directory])
  }

  read(path: string, limit: number): Promise<Uint8Array | undefined> {
    return this.#fs.read(join(this.name, path), limit)
  }

  async prepare(): Promise<void> {
    await makeDirectories(this.#fs, this.name)
  }

  async put(files: readonly TreeFile[]): Promise<void> {
    const placed = files.map(({ path, bytes }) => ({ path: join(this.name, path), bytes }))
    const directories = new Set(placed.map(({ path }) => dirname(path)))
    for (const directory of directories) await this.#makeDirectory(directory)
    await forEach(placed, (file) => this.#write(file))
    await forEach([...directories], (directory) => this.#fs.syncDirectory(directory))
  }

  async publish(checkpoint: string): Promise<void> {
    await replaceFileDurably(this.#fs, join(this.name, 'checkpoint'), encodeUtf8(checkpoint))
  }

  async *list(folder: string): AsyncIterable<string> {
    for (const name of await this.#fs.list(join(this.name, folder))) {
      const path = `${folder}${name}`
      if (parseTilePath(path) !== undefined) yield path
      else yield* this.list(`${path}/`)
    }
  }

  async delete(paths: readonly string[]): Promise<void> {
    // What comes back after a power cut can be removed again.
    await forEach(paths, (path) => this.#fs.remove(join(this.name, path)))
  }

  async #makeDirectory(directory: string): Promise<void> {
    if (this.#durableDirectories.has(directory)) return
    const parent = dirname(directory)
    await this.#makeDirectory(parent)
    await this.#fs.makeDirectory(directory)
    await this.#fs.syncDirectory(parent)
    this.#durableDirectories.add(directory)
  }

  async #write({ path, bytes }: TreeFile): Promise<void> {
    const present = await this.#fs.read(path, maxTreeFileLength)
    if (present !== undefined && !equalBytes(present, bytes)) {
      throw new TlogError(
        'LOG_TREE_DAMAGED',
        `${path} is there already, with other bytes than this log would write; it came from elsewhere: move it away`,
      )
    }
    // Also where the same bytes are there: only what is written here is known to be on the disk.
    await replaceFile(this.#fs, path, bytes)
  }
}
