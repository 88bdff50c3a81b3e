/**
 * One sync for all who wait for one. SQLite would make each commit wait for the disk, and the whole
 * process with it; what it has appended to its write-ahead log is brought to the disk here instead,
 * off the main thread. Until it is there, nobody is told of it.
 */
import { closeSync, fdatasync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { RouterError } from '../errors.ts'

/** Syncs the write-ahead log of a database that is open. */
export class WalSync {
  readonly #fd: number
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined
  #failure: RouterError | undefined

  /** `path` is the database's, whose log must be there. Throws what the file system throws. */
  constructor(path: string) {
    // The file's own name must be on the disk too. SQLite's locks are on other files, so that
    // closing this descriptor loses none.
    const folder = openSync(dirname(path), 'r')
    try {
      fsyncSync(folder)
    } finally {
      closeSync(folder)
    }
    this.#fd = openSync(`${path}-wal`, 'r')
  }

  /** Why nothing more may be answered: a sync has failed, so that nobody knows what the disk has. */
  get failure(): RouterError | undefined {
    return this.#failure
  }

  /**
   * Resolves once all that was committed before this call is on the disk.
   *
   * @throws {RouterError} `LEDGER_IO`, now and for ever, where a sync fails.
   */
  durable(): Promise<void> {
    // One that runs now may have begun before the commit.
    this.#next ??= (this.#running ?? Promise.resolve()).then(() => {
      this.#running = this.#next
      this.#next = undefined
      return this.#sync()
    })
    return this.#next
  }

  /** Lets go of the file. What waits for it must have been waited for. */
  close(): void {
    closeSync(this.#fd)
  }

  #sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) return reject(this.#failure)
      fdatasync(this.#fd, (cause) => {
        if (cause === null) return resolve()
        this.#failure = new RouterError(
          'LEDGER_IO',
          'the ledger could not be brought to the disk; open it again once the cause is mended',
          { cause },
        )
        reject(this.#failure)
      })
    })
  }
}
