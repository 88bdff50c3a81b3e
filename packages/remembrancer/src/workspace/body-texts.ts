/** The texts of bodies in `index.sqlite`: of those that are here, and of no others. */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { readBlob } from './blobs.ts'
import { systemCode } from './files.ts'

/** Of a longer text, the beginning is searched. */
const maxCharacters = 256 * 1024

/** A folder of blobs may change again within the resolution of its time, unseen. */
const unsettledMs = 2000

interface Change {
  readonly position: bigint
  /** Undefined where the body is gone. */
  readonly text: string | undefined
}

async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error) => {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  })
}

/** When each folder of blobs was changed last, in nanoseconds since 1970. */
async function changesOf(blobs: string): Promise<Map<string, bigint>> {
  const names = (await orMissing(readdir(blobs))) ?? []
  const found = await Promise.all(
    names.map(async (name) => {
      const state = await orMissing(stat(join(blobs, name), { bigint: true }))
      return state?.isDirectory() === true ? [[name, state.mtimeNs] as const] : []
    }),
  )
  return new Map(found.flat())
}

function knownChanges(db: DatabaseSync): Map<string, bigint> {
  const statement = db.prepare('SELECT name, changed FROM shards')
  statement.setReadBigInts(true)
  return new Map(
    statement.all().map((row) => [String(row['name']), BigInt(String(row['changed']))]),
  )
}

/** An altered file is not the text of any record. */
async function textOf(blobs: string, digest: string): Promise<string | undefined> {
  const body = await readBlob(blobs, digest).catch(() => undefined)
  return body?.text.slice(0, maxCharacters).toWellFormed()
}

async function changesIn(db: DatabaseSync, blobs: string, shard: string): Promise<Change[]> {
  const present = new Set((await orMissing(readdir(join(blobs, shard)))) ?? [])
  const statement = db.prepare(
    'SELECT position, body, has_text FROM records WHERE body >= ? AND body < ?',
  )
  statement.setReadBigInts(true)
  const changes: Change[] = []
  // No hex digit is above "f".
  for (const row of statement.all(shard, `${shard}g`)) {
    const digest = String(row['body'])
    const isHere = present.has(digest)
    const hasText = row['has_text'] === 1n
    if (isHere === hasText) continue
    const text = isHere ? await textOf(blobs, digest) : undefined
    if (text !== undefined || hasText)
      changes.push({ position: BigInt(String(row['position'])), text })
  }
  return changes
}

function apply(
  db: DatabaseSync,
  shard: string,
  changes: readonly Change[],
  changed: bigint | undefined,
): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    const setText = db.prepare('UPDATE texts SET body = ? WHERE rowid = ?')
    const setMark = db.prepare('UPDATE records SET has_text = ? WHERE position = ?')
    for (const { position, text } of changes) {
      setText.run(text ?? '', position)
      setMark.run(text === undefined ? 0 : 1, position)
    }
    if (changed === undefined) db.prepare('DELETE FROM shards WHERE name = ?').run(shard)
    else db.prepare('INSERT OR REPLACE INTO shards VALUES (?, ?)').run(shard, changed)
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/**
 * Takes in the texts of bodies that have come, and forgets those that were deleted. Only folders
 * that changed since are looked into.
 */
export async function syncTexts(db: DatabaseSync, blobs: string): Promise<void> {
  const settled = BigInt(Date.now() - unsettledMs) * 1_000_000n
  const found = await changesOf(blobs)
  const known = knownChanges(db)
  let hasForgotten = false
  for (const shard of new Set([...found.keys(), ...known.keys()])) {
    const changed = found.get(shard)
    if (changed !== undefined && changed === known.get(shard)) continue
    const changes = await changesIn(db, blobs, shard)
    const isSettled = changed !== undefined && changed < settled
    if (changes.length === 0 && !isSettled && changed !== undefined) continue
    // At 0 it is looked into again; a folder that is not known could go unseen.
    apply(db, shard, changes, isSettled || changed === undefined ? changed : 0n)
    hasForgotten ||= changes.some(({ text }) => text === undefined)
  }
  // What was forgotten stands in the write-ahead log until that is taken in.
  if (hasForgotten) db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
}
