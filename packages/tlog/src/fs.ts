/** The few operations on files that a log is made of, so that a test can stop or fail each one. */
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, unlink } from 'node:fs/promises'

/** A file being written. */
export interface WritableFile {
  /** Writes all of `bytes`, beginning `at` bytes into the file. */
  write(bytes: Uint8Array, at: number): Promise<void>
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
  /** Makes a file, or empties the one that is there. Rejects where that is a link or a pipe. */
  create(path: string): Promise<WritableFile>
  /** Opens a file that is there, with its bytes, to write into it. */
  update(path: string): Promise<WritableFile>
  /** Replaces `to` by `from` at once. */
  rename(from: string, to: string): Promise<void>
  /** Removes a file. Nothing happens where there is none. */
  remove(path: string): Promise<void>
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

function writable(handle: FileHandle): WritableFile {
  return {
    async write(bytes, at) {
      let done = 0
      while (done < bytes.length) {
        const left = bytes.length - done
        const { bytesWritten } = await handle.write(bytes, done, left, at + done)
        done += bytesWritten
      }
    },
    // Length and bytes are what is needed; the times of fsync are not.
    sync: () => handle.datasync(),
    close: () => handle.close(),
  }
}

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_TRUNC, O_WRONLY } = constants

/**
 * Whoever else may write into a published tree could put a link to another file in the place of one
 * that is written next, or a pipe that nobody reads.
 */
const createFlags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK

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

  create: async (path) => writable(await open(path, createFlags)),

  update: async (path) => writable(await open(path, 'r+')),

  rename: (from, to) => rename(from, to),

  async remove(path) {
    try {
      await unlink(path)
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
    }
  },

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
