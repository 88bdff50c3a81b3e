/** Files that are written whole or not at all. */
import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The system's code of an error, such as `ENOENT`; empty for other errors. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : ''
}

/** Makes a folder's list of names durable. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Makes a folder and those above it that are missing.
 *
 * Node's own recursive `mkdir` never ends where a folder says that it is missing although its
 * parent is there, as everything below /proc does.
 */
export async function makeDirectories(path: string, mode?: number): Promise<void> {
  const missing = await makeDirectory(path, mode)
  if (missing === undefined) return
  if (dirname(path) === path) throw missing
  await makeDirectories(dirname(path), mode)
  const still = await makeDirectory(path, mode)
  if (still !== undefined) throw still
}

/** Makes one folder, unless it is there. Gives the error where the one above it is missing. */
async function makeDirectory(path: string, mode: number | undefined): Promise<unknown> {
  try {
    await mkdir(path, mode)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') return error
    if (code !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error
  }
  return undefined
}

/** Creates a file that must not exist yet, durable, with a mode. */
export async function createFile(
  path: string,
  content: string | Uint8Array,
  mode: number,
): Promise<void> {
  const handle = await open(path, 'wx', mode)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } catch (error) {
    // A full disk: half a file would be in the way of the next attempt.
    await rm(path, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

/** Puts a file in place in one step, durable, with the folders above it. */
export async function putFile(path: string, content: string | Uint8Array): Promise<void> {
  await makeDirectories(dirname(path))
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`
  try {
    await createFile(temporary, content, 0o644)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}
