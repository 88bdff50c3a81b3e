/** Writes the files of a published tree. */
import { dirname, join } from 'node:path'
import { encodeUtf8, equalBytes } from '@vaultmesh/merkle/bytes'
import { makeDirectories, replaceFile, replaceFileDurably } from './durable.ts'
import type { TreeFile } from './edge.ts'
import { TlogError } from './errors.ts'
import type { FileSystem } from './fs.ts'
import { maxTreeFileLength, type TreeLocation } from './tree-files.ts'

/**
 * Waits for all, then throws the first failure: what still ran after a failure would otherwise
 * write into the tree when this process no longer has the lock.
 */
async function allDone(promises: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(promises)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

/** The one who writes a tree. */
export class TreeWriter {
  readonly #fs: FileSystem
  readonly #directory: string
  /** Folders that are there, also after a power cut. */
  readonly #durableDirectories: Set<string>

  /** `location.directory` is made by {@link prepare} where it is missing. */
  constructor(location: TreeLocation) {
    this.#fs = location.fs
    this.#directory = location.directory
    this.#durableDirectories = new Set([location.directory])
  }

  /** Makes the tree's folder. */
  prepare(): Promise<void> {
    return makeDirectories(this.#fs, this.#directory)
  }

  /**
   * Brings tiles and bundles to the disk, with their names.
   *
   * A file that is there with other bytes is never overwritten: someone may have proofs from it.
   * Throws LOG_TREE_DAMAGED for it.
   */
  async write(files: readonly TreeFile[]): Promise<void> {
    const placed = files.map(({ path, bytes }) => ({ path: join(this.#directory, path), bytes }))
    const directories = new Set(placed.map(({ path }) => dirname(path)))
    for (const directory of directories) await this.#makeDirectory(directory)
    await allDone(placed.map((file) => this.#writeFile(file)))
    await allDone([...directories].map((directory) => this.#fs.syncDirectory(directory)))
  }

  /** Makes `checkpoint`, a signed note, the one that readers see. */
  async publish(checkpoint: string): Promise<void> {
    const path = join(this.#directory, 'checkpoint')
    await replaceFileDurably(this.#fs, path, encodeUtf8(checkpoint))
  }

  async #makeDirectory(directory: string): Promise<void> {
    if (this.#durableDirectories.has(directory)) return
    const parent = dirname(directory)
    await this.#makeDirectory(parent)
    await this.#fs.makeDirectory(directory)
    await this.#fs.syncDirectory(parent)
    this.#durableDirectories.add(directory)
  }

  async #writeFile({ path, bytes }: TreeFile): Promise<void> {
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
