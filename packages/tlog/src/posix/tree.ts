/** A published tree of this machine, without the state of its writer. */
import { resolve } from 'node:path'
import { type FileSystem, nodeFileSystem } from '../fs.ts'
import type { TileStore } from '../storage.ts'
import { PosixTiles } from './tiles.ts'

/** The published files in a folder, which need not be there before anything is written. */
export function posixTiles(directory: string, fileSystem: FileSystem = nodeFileSystem): TileStore {
  return new PosixTiles(fileSystem, resolve(directory))
}
