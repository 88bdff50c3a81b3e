/** The few operations on files that a log is made of, so that a test can stop or fail each one. */
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename } from 'node:fs/promises'

/** A file being written. */
export interface WritableFile {
  /** Adds `bytes` at the end. */
  write(bytes: Uint8Array): Promise<void>
  /** Resolves once the file's bytes and length are on the disk. */
  sync(): Promise<void>
  close(): Promise<void>
}

/** A POSIX file system. Paths are absolute. Rejections carry the system's `code` (`ENOSPC`, ...). */
export interface FileSystem {
  /**
   * The bytes of a regular file, or undefined where there is no such path. Rejects where it has
   * more than `limit` bytes: others may have written it.
   */
  read(path: string, limit: number): Promise<Uint8Array | undefined>
  /** The names in a folder, in no order; none where there is no such folder. */
  list(path: string): Promise<readonly string[]>
  /** Makes a file, or empties the one that is there. */
  create(path: string): Promise<WritableFile>
  /** Replaces `to` by `from` at once. */
  rename(from: string, to: string): Promise<void>
  /** Makes a folder in one that is there already. Nothing happens where it exists. */
  makeDirectory(path: string, mode?: number): Promise<void>
  /** Resolves once the names in a folder are on the disk. */
  syncDirectory(path: string): Promise<void>
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code)
}

async function openIfPresent(path: string): Promise<FileHandle | undefined> {
  try {
    // Without O_NONBLOCK, a named pipe that was put in place of a tile would hang its reader.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}

async function readFileOf(
  handle: FileHandle,
  path: string,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const stats = await handle.stat()
  if (!stats.isFile()) throw new Error(`${path} is not a regular file`)
  if (stats.size > limit) {
    throw new Error(`${path} has ${stats.size} bytes, more than the ${limit} it can have`)
  }
  const bytes = new Uint8Array(stats.size)
  let length = 0
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return bytes.slice(0, length)
}

/** The file system of this machine. */
export const nodeFileSystem: FileSystem = {
  async read(path, limit) {
    const handle = await openIfPresent(path)
    if (handle === undefined) return undefined
    try {
      return await readFileOf(handle, path, limit)
    } finally {
      await handle.close()
    }
  },

  async list(path) {
    try {
      return await readdir(path)
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return []
      throw error
    }
  },

  async create(path) {
    const handle = await open(path, 'w')
    return {
      write: (bytes) => handle.writeFile(bytes),
      // Length and bytes are what is needed; the times of fsync are not.
      sync: () => handle.datasync(),
      close: () => handle.close(),
    }
  },

  rename: (from, to) => rename(from, to),

  async makeDirectory(path, mode) {
    try {
      await mkdir(path, { mode })
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    }
  },

  async syncDirectory(path) {
    const handle = await open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
}
