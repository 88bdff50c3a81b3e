/** The writer's state folder: the last signed checkpoint, and the lock. */
import { join } from 'node:path'
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { maxNoteLength } from '@vaultmesh/merkle/note'
import { makeDirectories, replaceFileDurably } from '../durable.ts'
import { toTlogError } from '../errors.ts'
import type { FileSystem } from '../fs.ts'
import type { Lock, LockBackend, LockOptions } from '../storage.ts'
import { acquireLock } from './lock-file.ts'

/** The {@link LockBackend} of a folder that only its owner may read. */
export class PosixLock implements LockBackend {
  readonly name: string
  readonly isShared = false
  readonly #fs: FileSystem
  readonly #path: string

  /** `directory` is absolute. */
  constructor(fs: FileSystem, directory: string) {
    this.#fs = fs
    this.name = directory
    this.#path = join(directory, 'checkpoint')
  }

  async prepare(): Promise<void> {
    try {
      await makeDirectories(this.#fs, this.name, 0o700)
    } catch (error) {
      throw toTlogError(error, `making ${this.name}`)
    }
  }

  acquire(options: LockOptions): Promise<Lock> {
    return acquireLock(this.name, options)
  }

  async read(): Promise<Uint8Array | undefined> {
    try {
      return await this.#fs.read(this.#path, maxNoteLength)
    } catch (error) {
      throw toTlogError(error, `reading ${this.#path}`)
    }
  }

  async replace(expected: Uint8Array | undefined, next: Uint8Array): Promise<boolean> {
    // Not atomic by itself: only the holder of the lock calls it.
    const stored = await this.read()
    const isExpected =
      expected === undefined || stored === undefined
        ? expected === stored
        : equalBytes(stored, expected)
    if (isExpected) await replaceFileDurably(this.#fs, this.#path, next)
    return isExpected
  }
}
