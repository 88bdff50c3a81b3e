/** Imports a log into a folder, which is there whole or not at all. */
import { chmod, mkdtemp, rename, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { TlogError, toTlogError } from '../errors.ts'
import { nodeFileSystem } from '../fs.ts'
import type { Head } from '../head.ts'
import { posixTiles } from '../posix/tree.ts'
import { type ImportOptions, importLog } from './import.ts'

/** What {@link importDirectory} needs. */
export interface ImportDirectoryOptions extends Omit<ImportOptions, 'tiles'> {
  /** The folder to be made; it may be there if it is empty. The one above it must be there. */
  readonly directory: string
}

async function moveInPlace(from: string, to: string): Promise<void> {
  try {
    // Also in the place of an empty folder, and of no other.
    await rename(from, to)
    await nodeFileSystem.syncDirectory(dirname(to))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOTDIR') throw error
    throw new TlogError('LOG_EXISTS', `${to} is there already, and is not empty`, { cause: error })
  }
}

/**
 * As `importLog`, into a folder. It is filled beside its place, as `<directory>.import-…`, and then
 * put there at once: a process that dies leaves at most that, which may be removed.
 */
export async function importDirectory(options: ImportDirectoryOptions): Promise<Head> {
  const { directory, ...rest } = options
  const target = resolve(directory)
  let staging: string | undefined
  try {
    staging = await mkdtemp(`${target}.import-`)
    // Private until here; a published tree is for any web server to hand out.
    await chmod(staging, 0o755)
    const head = await importLog({ ...rest, tiles: posixTiles(staging) })
    await moveInPlace(staging, target)
    return head
  } catch (error) {
    if (staging !== undefined) await rm(staging, { recursive: true, force: true })
    if (options.signal?.aborted === true) throw error
    throw toTlogError(error, `importing into ${target}`)
  }
}
