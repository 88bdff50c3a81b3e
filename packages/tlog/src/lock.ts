/** The writer's lock: one process at a time, freed by the operating system when it dies. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'
import { TlogError, toTlogError } from './errors.ts'
import { openDatabase } from './sqlite.ts'

/** A lock that is held. */
export interface Lock {
  /** Gives it up. Nothing happens the second time. */
  release(): void
}

/** How to wait for a lock. */
export interface LockOptions {
  /** How long to wait, in milliseconds. */
  readonly timeoutMs: number
  /** Ends the wait: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

const firstPauseMs = 5
const longestPauseMs = 100
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

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

/**
 * Takes the lock of a state folder, which must be there. Waits without blocking.
 *
 * Throws LOG_LOCKED where another writer still has it after `timeoutMs`, LOG_IO or LOG_NO_SPACE
 * where the folder can't be used, or the signal's reason.
 */
export async function acquireLock(stateDirectory: string, options: LockOptions): Promise<Lock> {
  const { timeoutMs, signal } = options
  const deadline = performance.now() + timeoutMs
  const holderPath = join(stateDirectory, 'lock.pid')
  signal?.throwIfAborted()
  for (let wait = firstPauseMs; ; wait = Math.min(2 * wait, longestPauseMs)) {
    let database: DatabaseSync | undefined
    try {
      database = tryLock(join(stateDirectory, 'lock.sqlite'))
      if (database !== undefined) noteHolder(holderPath)
    } catch (error) {
      database?.close()
      throw toTlogError(error, `locking ${stateDirectory}`)
    }
    if (database !== undefined) return heldLock(database)
    const left = deadline - performance.now()
    if (left <= 0) {
      throw new TlogError(
        'LOG_LOCKED',
        `another writer${lastHolder(holderPath)} has the log whose state is in ${stateDirectory}; wait until it ends, or end it`,
      )
    }
    await pause(Math.min(wait, left), signal)
  }
}

function heldLock(database: DatabaseSync): Lock {
  return {
    release() {
      if (database.isOpen) database.close()
    },
  }
}
