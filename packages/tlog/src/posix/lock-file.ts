/** The writer's lock: one process at a time, freed by the operating system when it dies. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { TlogError, toTlogError } from '../errors.ts'
import { tryUntil } from '../lock-wait.ts'
import { openDatabase } from '../sqlite.ts'
import type { Lock, LockOptions } from '../storage.ts'

const busy = 5

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === busy
}

/** Holds SQLite's exclusive lock on the file, or gives undefined where another one has it. */
function tryLock(path: string): DatabaseSync | undefined {
  const database = openDatabase(path)
  try {
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw error
  }
}

// The holder is noted in a file of its own: closing any other handle on the locked file would drop
// this process's POSIX lock on it.
function noteHolder(path: string): void {
  writeFileSync(path, `${process.pid}\n`)
}

function lastHolder(path: string): string {
  try {
    const pid = readFileSync(path, 'utf8').trim()
    return /^[0-9]{1,10}$/.test(pid) ? ` (process ${pid})` : ''
  } catch {
    return ''
  }
}

/**
 * Takes the lock of a state folder, which must be there. Waits without blocking.
 *
 * Throws LOG_LOCKED where another writer still has it after `timeoutMs`, LOG_IO or LOG_NO_SPACE
 * where the folder can't be used, or the signal's reason.
 */
export async function acquireLock(stateDirectory: string, options: LockOptions): Promise<Lock> {
  const holderPath = join(stateDirectory, 'lock.pid')
  const database = await tryUntil(() => {
    let taken: DatabaseSync | undefined
    try {
      taken = tryLock(join(stateDirectory, 'lock.sqlite'))
      if (taken !== undefined) noteHolder(holderPath)
      return taken
    } catch (error) {
      taken?.close()
      throw toTlogError(error, `locking ${stateDirectory}`)
    }
  }, options)
  if (database !== undefined) {
    return {
      async release() {
        if (database.isOpen) database.close()
      },
    }
  }
  throw new TlogError(
    'LOG_LOCKED',
    `another writer${lastHolder(holderPath)} has the log whose state is in ${stateDirectory}; wait until it ends, or end it`,
  )
}
