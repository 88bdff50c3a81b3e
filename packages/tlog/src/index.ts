/** A durable, append-only C2SP tiled log. */
export type {
  Addition,
  AddOptions,
  Appender,
  DedupeKey,
  DedupeKeyOf,
  Integrated,
  Sequenced,
} from './appender.ts'
export { type ExportOptions, exportLog } from './archive/export.ts'
export { type ImportOptions, importLog } from './archive/import.ts'
export { type ImportDirectoryOptions, importDirectory } from './archive/import-directory.ts'
export { checkLog, type LogCheck, type LogProblem } from './check.ts'
export type { Cosign } from './cosign.ts'
export { makeDirectories } from './durable.ts'
export type { TreeFile } from './edge.ts'
export { isOutOfSpace, TlogError, type TlogErrorCode } from './errors.ts'
export { type FileSystem, nodeFileSystem, type WritableFile } from './fs.ts'
export type { Head, Tree } from './head.ts'
export { inspectLog, type LogCondition } from './inspect.ts'
export { createLog, openLog } from './log.ts'
export type { Log } from './log-handle.ts'
export { memoryStorage } from './memory.ts'
export { httpMirror, type MirrorOptions } from './mirror.ts'
export type { LogObserver, LogStatus, StepDone } from './observer.ts'
export type {
  LogOptions,
  LogReaderOptions,
  PlaceOptions,
  StorageOptions,
  TileReaderOptions,
  TreePlace,
} from './options.ts'
export { type PosixPlace, posixStorage } from './posix/storage.ts'
export { posixTiles } from './posix/tree.ts'
export { type IndexedEntry, type LogReader, openLogReader } from './reader.ts'
export { type RecoverOptions, recoverLog } from './recover.ts'
export { type RepairedTree, type RepairTreeOptions, repairTree } from './repair/repair.ts'
export { type RepairedLog, type RepairOptions, repairLog } from './repair/repair-log.ts'
export {
  type CollectOptions,
  collectPartials,
  type PruneOptions,
  pruneEntries,
  type RetentionPolicy,
} from './retention.ts'
export { type EncodeRotation, type ResignOptions, resignLog } from './rotate.ts'
export type {
  KeyIndex,
  KeyRow,
  Lock,
  LockBackend,
  LockOptions,
  LogStorage,
  Stage,
  StagedRange,
  TileReader,
  TileStore,
} from './storage.ts'
export {
  type WitnessFailure,
  type WitnessOptions,
  type WitnessRound,
  witnessCosigner,
} from './witness/cosigner.ts'
