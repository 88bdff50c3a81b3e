/**
 * What the writer trusts: the last checkpoint that it signed, and the stage. Kept outside the
 * published tree, so that a tree restored from a backup is noticed.
 */
import { join } from 'node:path'
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { maxNoteLength } from '@vaultmesh/merkle/note'
import { replaceFileDurably } from './durable.ts'
import { isOutOfSpace, TlogError, toTlogError } from './errors.ts'
import type { FileSystem } from './fs.ts'
import { type Head, type LogIdentity, openHead } from './head.ts'
import { formatStage, maxStageLength, parseStage, type Stage } from './stage.ts'

/** What `act` gives. A full disk comes out as LOG_NO_SPACE, any other error as it is. */
async function spaceRefused<T>(act: () => Promise<T>, directory: string): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw isOutOfSpace(error) ? toTlogError(error, `staging in ${directory}`) : error
  }
}

/** The state of one log's writer. */
export class LogState {
  /** The folder it is in. */
  readonly directory: string
  readonly #fs: FileSystem
  readonly #identity: LogIdentity

  /** `directory` may be missing as long as nothing is written. */
  constructor(fs: FileSystem, directory: string, identity: LogIdentity) {
    this.#fs = fs
    this.directory = directory
    this.#identity = identity
  }

  async #read(name: string, limit: number): Promise<Uint8Array | undefined> {
    const path = join(this.directory, name)
    try {
      return await this.#fs.read(path, limit)
    } catch (error) {
      throw toTlogError(error, `reading ${path}`)
    }
  }

  /** The last signed head, or undefined where there is none. Throws LOG_STATE_DAMAGED or LOG_IO. */
  async readHead(): Promise<Head | undefined> {
    const bytes = await this.#read('checkpoint', maxNoteLength)
    if (bytes === undefined) return undefined
    const head = await openHead(bytes, this.#identity)
    if (typeof head !== 'string') return head
    throw new TlogError(
      'LOG_STATE_DAMAGED',
      `${join(this.directory, 'checkpoint')} is not the last checkpoint of ${this.#identity.origin}: ${head}; check the origin, keys and folder, or recover the log`,
    )
  }

  /** The bytes of the last signed checkpoint, or undefined. Throws LOG_IO. */
  readCheckpoint(): Promise<Uint8Array | undefined> {
    return this.#read('checkpoint', maxNoteLength)
  }

  /** Remembers a signed head. On return it is on the disk. */
  async writeHead(head: Head): Promise<void> {
    const path = join(this.directory, 'checkpoint')
    await replaceFileDurably(this.#fs, path, encodeUtf8(head.checkpoint))
  }

  /** The stage of this log, or undefined where nothing is staged. Throws LOG_IO. */
  async readStage(): Promise<Stage | undefined> {
    const bytes = await this.#read('stage', maxStageLength)
    const stage = bytes === undefined ? undefined : parseStage(bytes)
    return stage?.origin === this.#identity.origin ? stage : undefined
  }

  /**
   * Stages a batch, or nothing. On return it is on the disk.
   *
   * It is written in place, which spares a sync of the folder: the batch before is in the tree by
   * now, and one that is not written to its end is recognised. Throws LOG_NO_SPACE where the disk
   * is full and nothing else has happened.
   */
  async writeStage(stage: Stage | undefined): Promise<void> {
    const bytes = stage === undefined ? new Uint8Array() : formatStage(stage)
    const attempt = <T>(act: () => Promise<T>): Promise<T> => spaceRefused(act, this.directory)
    const file = await attempt(() => this.#fs.create(join(this.directory, 'stage')))
    try {
      await attempt(() => file.write(bytes))
      await file.sync()
    } finally {
      await file.close()
    }
  }

  /**
   * Brings a stage that was read back to the disk, before anything is signed because of it: its
   * writer may have been killed, or its sync may have failed, while it was only in memory.
   *
   * It is replaced, not written in place, so that no moment is without it.
   */
  async keepStage(stage: Stage): Promise<void> {
    await replaceFileDurably(this.#fs, join(this.directory, 'stage'), formatStage(stage))
  }

  /** Makes sure that the name of the stage is on the disk, so that writing it in place suffices. */
  async prepareStage(): Promise<void> {
    if ((await this.#read('stage', maxStageLength)) === undefined) await this.writeStage(undefined)
    await this.#fs.syncDirectory(this.directory)
  }
}
