/** The published files of a log, for strangers. */
import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { posixTiles, type TileReader } from '@vaultmesh/tlog'

/**
 * The files of a tree in a folder, without those that a link in it leads to, be it of a file or of a
 * folder: whoever can write into it, as by a commit to the repository that it is in, could otherwise
 * have any file of this machine given to anybody.
 */
export function sharedFiles(directory: string): TileReader {
  const tiles = posixTiles(directory)
  return {
    name: tiles.name,
    async read(path, limit) {
      const file = await realpath(join(directory, path)).catch(() => undefined)
      const isLinked = file !== undefined && file !== join(await realpath(directory), path)
      return isLinked ? undefined : tiles.read(path, limit)
    },
  }
}
