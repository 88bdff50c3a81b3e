/** Reading the files of a repository that somebody else may have prepared. */

import { constants } from 'node:fs'
import { lstat, readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { limits } from '../check/check.ts'
import { messageOf, systemCode } from '../errors.ts'
import type { Mode } from '../template/load.ts'

/** What stands at a path. */
export type ReadResult =
  | { readonly status: 'file'; readonly bytes: Uint8Array; readonly mode: Mode }
  | { readonly status: 'missing' }
  | { readonly status: 'refused'; readonly detail: string }

const absent = new Set(['ENOENT', 'ENOTDIR'])

/**
 * Reads a plain file below `root`. A symbolic link, at the end or on the way, is refused: it could
 * lead out of the repository. So are devices and pipes, which could hang, and more than 4 MiB.
 */
export async function readPlainFile(root: string, path: string): Promise<ReadResult> {
  const file = join(root, path)
  try {
    const before = await lstat(file)
    if (before.isSymbolicLink()) return { status: 'refused', detail: 'it is a symbolic link' }
    if (!before.isFile()) return { status: 'refused', detail: 'it is no plain file' }
    if (before.size > limits.fileBytes) return { status: 'refused', detail: 'it is above 4 MiB' }
    if ((await realpath(dirname(file))) !== dirname(join(await realpath(root), path))) {
      return { status: 'refused', detail: 'a folder above it is a symbolic link' }
    }
    const bytes = await readFile(file, { flag: constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) })
    return { status: 'file', bytes, mode: (before.mode & 0o100) === 0 ? '644' : '755' }
  } catch (error) {
    if (absent.has(systemCode(error) ?? '')) return { status: 'missing' }
    return { status: 'refused', detail: messageOf(error) }
  }
}
