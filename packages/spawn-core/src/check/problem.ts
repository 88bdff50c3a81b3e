/** Something about a rendered service that keeps it from being written. */

/** What kind of problem it is. */
export type ProblemCode =
  | 'FILE_TOO_LARGE'
  | 'JSON_INVALID'
  | 'KUBERNETES_INVALID'
  | 'NOT_UTF8'
  | 'PATH_COLLISION'
  | 'PATH_RESERVED'
  | 'PATH_UNSAFE'
  | 'TAG_UNRESOLVED'
  | 'TOO_LARGE'
  | 'TOO_MANY_FILES'
  | 'YAML_INVALID'

/** What is wrong, and with which file. */
export interface Problem {
  readonly code: ProblemCode
  /** The path of the file, or `.` for the whole service. */
  readonly path: string
  readonly detail: string
}
