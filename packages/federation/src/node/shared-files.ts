/** The published files of a log, for strangers. */
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { posixTiles, type TileReader } from '@vaultmesh/tlog'

/**
 * The files of a tree in a folder, links left out: whoever can write into it, as by a commit to the
 * repository that it is in, could otherwise have any file of this machine given to anybody.
 */
export function sharedFiles(directory: string): TileReader {
  const tiles = posixTiles(directory)
  return {
    name: tiles.name,
    async read(path, limit) {
      const found = await lstat(join(directory, path)).catch(() => undefined)
      return found?.isSymbolicLink() === true ? undefined : tiles.read(path, limit)
    },
  }
}
