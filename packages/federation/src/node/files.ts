/** Small files on this machine: written whole and durably, or not at all. */
import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { makeDirectories, nodeFileSystem, TlogError, type WritableFile } from '@vaultmesh/tlog'
import { FederationError } from '../errors.ts'

/** Whether `error` is one of the system, with one of these codes. */
export function isSystemError(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code)
}

/** Our own errors as they are; any other as FEDERATION_NO_SPACE or FEDERATION_IO. */
export function toFederationError(error: unknown, during: string): FederationError {
  if (error instanceof FederationError) return error
  const isFull =
    isSystemError(error, 'ENOSPC', 'EDQUOT') ||
    (error instanceof TlogError && error.code === 'LOG_NO_SPACE')
  const said = error instanceof Error ? error.message : String(error)
  return new FederationError(
    isFull ? 'FEDERATION_NO_SPACE' : 'FEDERATION_IO',
    `${during} failed: ${said}`,
    { cause: error },
  )
}

/** Makes a folder and those above it that are missing, durably. Rejects as the system does. */
export async function prepareFolder(path: string, mode?: number): Promise<void> {
  await makeDirectories(nodeFileSystem, path, mode)
}

/** A name beside `path` that no other writer uses. */
export function temporaryName(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}.new`
}

/** Makes a file, and the folders above it where they are missing. */
async function create(path: string): Promise<WritableFile> {
  try {
    return await nodeFileSystem.create(path)
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
    await prepareFolder(dirname(path))
    return nodeFileSystem.create(path)
  }
}

/**
 * Puts a file in place at once: readers see the old one or the new one, also after a power cut unless
 * it `mayBeLost`.
 */
export async function putFile(path: string, bytes: Uint8Array, mayBeLost = false): Promise<void> {
  const temporary = temporaryName(path)
  try {
    const file = await create(temporary)
    try {
      await file.write(bytes, 0)
      if (!mayBeLost) await file.sync()
    } finally {
      await file.close()
    }
    await nodeFileSystem.rename(temporary, path)
    if (!mayBeLost) await nodeFileSystem.syncDirectory(dirname(path))
  } catch (error) {
    await nodeFileSystem.remove(temporary).catch(() => undefined)
    throw toFederationError(error, `writing ${path}`)
  }
}

/** The bytes of a file of at most `limit` bytes; undefined where there is none. */
export async function getFile(path: string, limit: number): Promise<Uint8Array | undefined> {
  try {
    return await nodeFileSystem.read(path, limit)
  } catch (error) {
    throw toFederationError(error, `reading ${path}`)
  }
}

/** Removes a file, where it is there. */
export async function removeFile(path: string): Promise<void> {
  try {
    await nodeFileSystem.remove(path)
  } catch (error) {
    throw toFederationError(error, `removing ${path}`)
  }
}
