/** A log in two folders of this machine: the published tree, and the writer's own state. */
import { join, relative, resolve, sep } from 'node:path'
import { TlogError } from '../errors.ts'
import { type FileSystem, nodeFileSystem } from '../fs.ts'
import type { LogStorage } from '../storage.ts'
import { SqliteKeys } from './keys.ts'
import { PosixLock } from './lock.ts'
import { PosixStage } from './stage.ts'
import { PosixTiles } from './tiles.ts'

/** Where a log is on this machine. */
export interface PosixPlace {
  /** The folder of the published tree. */
  readonly directory: string
  /** The folder of the writer's own state. Outside the tree; never in the same backup. */
  readonly stateDirectory: string
  /** Where files are; the file system of this machine by default. */
  readonly fileSystem?: FileSystem
}

function isInside(inner: string, outer: string): boolean {
  const path = relative(outer, inner)
  return path !== '..' && !path.startsWith(`..${sep}`) && resolve(outer, path) === inner
}

/** The storage of a log with this origin. Throws LOG_OPTIONS where one folder is in the other. */
export function posixStorage(place: PosixPlace, origin: string): LogStorage {
  const { fileSystem = nodeFileSystem } = place
  const directory = resolve(place.directory)
  const stateDirectory = resolve(place.stateDirectory)
  if (isInside(stateDirectory, directory) || isInside(directory, stateDirectory)) {
    throw new TlogError(
      'LOG_OPTIONS',
      `the state in ${stateDirectory} and the tree in ${directory} must not be one inside the other: the tree is published and restored from backups, the state never`,
    )
  }
  return {
    tiles: new PosixTiles(fileSystem, directory),
    lock: new PosixLock(fileSystem, stateDirectory),
    stage: new PosixStage(fileSystem, join(stateDirectory, 'stage'), origin),
    keys: new SqliteKeys(stateDirectory),
  }
}
