/** Whether commands left the work tree as it was. */
import { sha256Hex } from '../digest.ts'
import type { Environment } from '../environment.ts'
import { listFiles } from './listing.ts'
import { readPlainFile } from './read.ts'
import { type Finding, fail, few, pass } from './report.ts'

/** The digests of all files that git does not ignore, by path. */
export type Snapshot = ReadonlyMap<string, string>

/** Takes a snapshot. Throws `GIT_MISSING`, `GIT_FAILED` or `ABORTED`. */
export async function takeSnapshot(
  directory: string,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<Snapshot> {
  const snapshot = new Map<string, string>()
  for (const path of await listFiles(directory, env, signal)) {
    const read = await readPlainFile(directory, path)
    const text = read.status === 'file' ? `${read.mode} ${sha256Hex(read.bytes)}` : read.status
    snapshot.set(path, text)
  }
  return snapshot
}

/** What differs between two snapshots. */
export function compareSnapshots(before: Snapshot, after: Snapshot): Finding {
  const paths = new Set([...before.keys(), ...after.keys()])
  const differing = [...paths].filter((path) => before.get(path) !== after.get(path))
  return differing.length === 0
    ? pass('the commands left no trace that git would see')
    : fail(`the commands changed: ${few(differing)}`)
}
