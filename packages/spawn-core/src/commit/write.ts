/** Writing files into a folder that is new. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf, SpawnError } from '../errors.ts'
import { pathProblem } from '../paths.ts'
import type { Mode } from '../template/load.ts'

/** A file to write. */
export interface WritableFile {
  readonly bytes: Uint8Array
  readonly mode: Mode
}

function writeOne(file: string, { bytes, mode }: WritableFile): void {
  // `wx`: the folder is new, so a file that is already there is somebody else's doing.
  writeFileSync(file, bytes, { flag: 'wx', mode: mode === '755' ? 0o755 : 0o644 })
  // The umask may have taken the bit that git keeps.
  if (mode === '755') chmodSync(file, 0o755)
}

/**
 * Writes files below `folder`. Throws `WRITE_FAILED` (full disk, and the like).
 *
 * In one go: for many small files that takes a fraction of the time of as many promises, and the
 * size of a service is bounded.
 */
export function writeFiles(folder: string, files: ReadonlyMap<string, WritableFile>): void {
  const folders = new Set<string>()
  for (const [path, file] of files) {
    const problem = pathProblem(path)
    if (problem !== undefined) throw new SpawnError('WRITE_FAILED', `${path}: ${problem}.`)
    try {
      const parent = dirname(join(folder, path))
      if (!folders.has(parent)) mkdirSync(parent, { recursive: true })
      folders.add(parent)
      writeOne(join(folder, path), file)
    } catch (cause) {
      throw new SpawnError('WRITE_FAILED', `${path} can't be written: ${messageOf(cause)}`, {
        cause,
      })
    }
  }
}
