/** Checks a whole log, file by file, against one signed root. */
export { fsck } from './fsck/check.ts'
export type {
  FsckOptions,
  FsckProblem,
  FsckProgress,
  FsckReport,
} from './fsck/types.ts'
