/** Opens SQLite databases with `node:sqlite`, without the warning that Node 22 prints for it. */
import type { DatabaseSync, DatabaseSyncOptions } from 'node:sqlite'

function isSqliteWarning(warning: string | Error, type: unknown): boolean {
  return type === 'ExperimentalWarning' && String(warning).startsWith('SQLite ')
}

/** `node:sqlite`, loaded now: importing this module alone must not load it. */
function loadSqlite(): typeof import('node:sqlite') {
  const { emitWarning } = process
  // Loading is synchronous, so that no other code's warning can pass through here.
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    if (!isSqliteWarning(warning, rest[0])) Reflect.apply(emitWarning, process, [warning, ...rest])
  }
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}

/**
 * Opens the database at `path` (`:memory:` for one without a file), making it where there is none.
 *
 * `options` are those of `node:sqlite`; throws what it throws.
 */
export function openDatabase(path: string, options: DatabaseSyncOptions = {}): DatabaseSync {
  const { DatabaseSync: Database } = loadSqlite()
  return new Database(path, options)
}
