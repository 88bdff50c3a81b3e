/** Writing so that it survives a power cut. */
import { dirname } from 'node:path'
import type { FileSystem } from './fs.ts'

/**
 * Writes a whole file at once: a reader, also after a power cut, sees the old one or the new one.
 *
 * The new name is on the disk only once the folder is synced, which is left to the caller.
 */
export async function replaceFile(fs: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  // One name per file, not a random one: a writer that was killed here writes this file again
  // when it is opened, so that nothing is left behind.
  const temporary = `${path}.tmp`
  const file = await fs.create(temporary)
  try {
    await file.write(bytes, 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await fs.rename(temporary, path)
}

/** As {@link replaceFile}, and the name is on the disk too. */
export async function replaceFileDurably(
  fs: FileSystem,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  await replaceFile(fs, path, bytes)
  await fs.syncDirectory(dirname(path))
}

/**
 * Makes a folder with `mode`, and those above it that are missing, and brings the names of all that
 * it makes to the disk.
 */
export async function makeDirectories(fs: FileSystem, path: string, mode?: number): Promise<void> {
  const parent = dirname(path)
  try {
    await fs.makeDirectory(path, mode)
  } catch (error) {
    const isParentMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (!isParentMissing || parent === path) throw error
    await makeDirectories(fs, parent)
    await fs.makeDirectory(path, mode)
  }
  await fs.syncDirectory(parent)
}
