/** The tables of a ledger, and how they are opened. */
import type { DatabaseSync } from 'node:sqlite'
import { RouterError } from '../errors.ts'

// "VMAR": another program's database, or one of ours of another kind, is not written to.
const applicationId = 0x564d4152
const layout = 2

// The checks are a second lock: no statement, of this program or another, can take the sums below 0.
const tables = `
create table clock (
  one integer primary key check (one = 1),
  latest integer not null,
  fence integer not null,
  stock integer not null
) strict;
insert into clock values (1, 0, 0, 0);
create table capacity (
  offer text primary key,
  units integer not null,
  leased integer not null default 0,
  check (leased >= 0 and leased <= units)
) strict;
create trigger stock_added after insert on capacity begin update clock set stock = stock + 1; end;
create trigger stock_changed after update on capacity begin update clock set stock = stock + 1; end;
create table budget (
  tenant text primary key,
  allowance integer not null,
  spent integer not null default 0,
  held integer not null default 0,
  check (spent >= 0 and held >= 0 and spent + held <= allowance)
) strict;
create table lease (
  row integer primary key,
  id text not null,
  key text not null unique,
  offer text not null,
  tenant text not null,
  units integer not null check (units > 0),
  cost integer not null check (cost >= 0),
  ttl integer not null,
  fence integer not null,
  state text not null check (state in ('hold', 'bound', 'released', 'expired')),
  heldAt integer not null,
  expiresAt integer not null,
  boundAt integer,
  endedAt integer,
  reference text,
  charged integer check (charged is null or (charged >= 0 and charged <= cost)),
  question text,
  receipt text
) strict;
create index due on lease (expiresAt) where state in ('hold', 'bound');
create table event (
  sequence integer primary key,
  lease integer not null references lease,
  state text not null,
  at integer not null
) strict;
`

/** Node 22 warns that `node:sqlite` is experimental; that warning alone is left out. */
function load(): typeof import('node:sqlite') {
  const emit = process.emitWarning
  process.emitWarning = (...words: unknown[]): void => {
    if (!String(words[0]).startsWith('SQLite ')) Reflect.apply(emit, process, words)
  }
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emit
  }
}

/** Opens a ledger's database, making its tables in a new file; waits `timeout` ms for others. */
export function openTables(path: string, timeout: number): DatabaseSync {
  const database = new (load().DatabaseSync)(path, { timeout })
  try {
    // Waits for the disk at each commit: a hold that was answered survives a power cut.
    database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on')
    database.exec('begin immediate')
    const [found, version] = [number(database, 'application_id'), number(database, 'user_version')]
    const isNew = found === 0 && version === 0 && count(database) === 0
    if (isNew) {
      database.exec(tables)
      database.exec(`pragma application_id = ${applicationId}; pragma user_version = ${layout}`)
    } else if (found !== applicationId || version !== layout) {
      throw new RouterError('LEDGER_INVALID', `${path} is not a ledger of leases of this version`)
    }
    database.exec('commit')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function number(database: DatabaseSync, pragma: string): number {
  return Number(database.prepare(`pragma ${pragma}`).get()?.[pragma])
}

function count(database: DatabaseSync): number {
  return Number(database.prepare('select count(*) as n from sqlite_schema').get()?.['n'])
}
