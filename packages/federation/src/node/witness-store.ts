/** What a witness remembers, in SQLite: stored before anything is answered, one request at a time. */
import { chmod, link, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { decodeDecimal } from '@vaultmesh/merkle/bytes'
import { hashLength } from '@vaultmesh/merkle/rfc6962'
import type { WitnessState } from '@vaultmesh/merkle/witness'
import { nodeFileSystem } from '@vaultmesh/tlog'
import type { WitnessStore } from '@vaultmesh/tlog/fastify'
import { openDatabase } from '@vaultmesh/tlog/sqlite'
import { FederationError } from '../errors.ts'
import { isSystemError, prepareFolder, temporaryName, toFederationError } from './files.ts'

/** "VMWI": the database of another program, or of ours for something else, is not written to. */
const applicationId = 0x564d5749
const layout = 1

/** How long one process waits for another one's transaction, in milliseconds. */
const patienceMs = 10_000

const tables = `
create table state (origin text primary key, size text not null, root blob not null) strict, without rowid;
create table kept (path text primary key, checkpoint text not null) strict, without rowid;
create table ended (one integer primary key check (one = 1), reason text not null) strict;
pragma application_id = ${applicationId};
pragma user_version = ${layout};
`

/** An open store of a witness. */
export interface OpenWitnessStore extends WitnessStore {
  /** What the witness cosigned last of a log: undefined for nothing. */
  state(origin: string): Promise<WitnessState | undefined>
  /**
   * Ends the witness, for ever and in every process: `update` rejects with WITNESS_STATE_DAMAGED from
   * now on. For when something shows that what is remembered is older than what was signed.
   */
  end(reason: string): Promise<void>
  /** Lets go of the file. Nothing happens the second time. */
  close(): void
}

function damaged(path: string, why: string, cause?: unknown): FederationError {
  return new FederationError(
    'WITNESS_STATE_DAMAGED',
    `${path} ${why}: nothing is cosigned; don't put an old copy in its place, which would make the witness vouch for two histories: give the witness a new key`,
    { cause },
  )
}

/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const damage: readonly number[] = [11, 26]
const sqliteFull = 13

/** SQLite's failures in our words. */
function explained(path: string, error: unknown): unknown {
  if (error instanceof FederationError || !(error instanceof Error)) return error
  const code = 'errcode' in error ? Number(error.errcode) & 255 : undefined
  if (code === undefined) return error
  if (damage.includes(code)) return damaged(path, 'is no longer the state of a witness', error)
  return new FederationError(
    code === sqliteFull ? 'FEDERATION_NO_SPACE' : 'FEDERATION_IO',
    `the state of the witness in ${path} can't be used: ${error.message}`,
    { cause: error },
  )
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw explained(path, error)
  }
}

function pragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`pragma ${name}`).get()?.[name]
}

/** Opens the file, if `isRight`, so that a commit that returned survives a power cut. */
function openFile(path: string, isRight: (database: DatabaseSync) => boolean): DatabaseSync {
  const database = openDatabase(path, { timeout: patienceMs })
  try {
    if (!isRight(database)) {
      throw damaged(path, 'is not the state of a witness, or of another version')
    }
    database.exec('pragma journal_mode = wal; pragma synchronous = full')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function isOurs(database: DatabaseSync): boolean {
  const found = [pragma(database, 'application_id'), pragma(database, 'user_version')]
  return found[0] === applicationId && found[1] === layout
}

function readState(path: string, row: Record<string, unknown> | undefined) {
  if (row === undefined) return undefined
  const { size: text, root } = row
  const size = typeof text === 'string' ? decodeDecimal(text) : undefined
  if (size === undefined || !(root instanceof Uint8Array) || root.length !== hashLength) {
    throw damaged(path, 'holds a size or root that can not be one')
  }
  return { size, root }
}

class SqliteWitnessStore implements OpenWitnessStore {
  readonly #path: string
  readonly #database: DatabaseSync

  constructor(path: string, database: DatabaseSync) {
    this.#path = path
    this.#database = database
  }

  async state(origin: string): Promise<WitnessState | undefined> {
    return attempt(this.#path, () => this.#state(origin))
  }

  async end(reason: string): Promise<void> {
    attempt(this.#path, () =>
      this.#database.prepare('insert or ignore into ended values (1, ?)').run(reason),
    )
  }

  #requireGoing(): void {
    const reason = this.#database.prepare('select reason from ended').get()?.['reason']
    if (reason !== undefined) throw damaged(this.#path, `is not used any more (${reason})`)
  }

  #state(origin: string): WitnessState | undefined {
    const row = this.#database.prepare('select size, root from state where origin = ?').get(origin)
    return readState(this.#path, row)
  }

  async update(...[origin, decide]: Parameters<WitnessStore['update']>) {
    return attempt(this.#path, () => {
      // Takes the right to write first: nobody else decides from the same state.
      this.#database.exec('begin immediate')
      try {
        this.#requireGoing()
        const decision = decide(this.#state(origin))
        if (decision.ok) {
          const { size, root } = decision.next
          this.#database
            .prepare('insert or replace into state values (?, ?, ?)')
            .run(origin, size.toString(), root)
        }
        this.#database.exec('commit')
        return decision
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('rollback')
        throw error
      }
    })
  }

  async keep(path: string, checkpoint: string): Promise<void> {
    attempt(this.#path, () =>
      this.#database.prepare('insert or replace into kept values (?, ?)').run(path, checkpoint),
    )
  }

  async kept(path: string): Promise<string | undefined> {
    const row = attempt(this.#path, () =>
      this.#database.prepare('select checkpoint from kept where path = ?').get(path),
    )
    return typeof row?.['checkpoint'] === 'string' ? row['checkpoint'] : undefined
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }
}

function makeTables(path: string): void {
  const database = openFile(path, () => true)
  try {
    database.exec(`begin; ${tables} commit`)
  } finally {
    // Brings all of it into the one file.
    database.close()
  }
}

/**
 * Makes the store of a new witness, at the path that `witnessStorePath` gives: once, when its key is
 * made. A store is never made anew for a key that has cosigned: the witness would have forgotten
 * what, and could be made to vouch for two histories.
 *
 * Rejects with WITNESS_STATE_EXISTS, FEDERATION_IO or FEDERATION_NO_SPACE.
 */
export async function createWitnessStore(path: string): Promise<void> {
  const temporary = temporaryName(path)
  try {
    await prepareFolder(dirname(path), 0o700)
    makeTables(temporary)
    await chmod(temporary, 0o600)
    // Unlike a rename, never in the place of one that is there.
    await link(temporary, path)
    await nodeFileSystem.syncDirectory(dirname(path))
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) {
      throw new FederationError('WITNESS_STATE_EXISTS', `there is a witness's state in ${path}`)
    }
    throw toFederationError(explained(path, error), `making ${path}`)
  } finally {
    await rm(temporary, { force: true })
  }
}

/**
 * Opens the store of a witness. Rejects with WITNESS_STATE_MISSING where there is none,
 * WITNESS_STATE_DAMAGED, FEDERATION_IO or FEDERATION_NO_SPACE; so do its methods.
 *
 * **Never put back an older copy of the file**, from a backup or a snapshot: the witness would not
 * know what it has cosigned since, and could be made to cosign a history that contradicts it. A
 * witness whose state is lost gets a new key.
 */
export async function openWitnessStore(path: string): Promise<OpenWitnessStore> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) {
    throw new FederationError(
      'WITNESS_STATE_MISSING',
      `there is no ${path}, in which the witness remembers what it has cosigned: bring the newest one back from where it was, never an older copy; if it is lost, give the witness a new key`,
    )
  }
  return attempt(path, () => new SqliteWitnessStore(path, openFile(path, isOurs)))
}
