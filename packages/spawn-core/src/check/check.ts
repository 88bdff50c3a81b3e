/** The checks that a rendered service must pass before a byte of it is written. Pure. */
import { pathCollisions, pathProblem } from '../paths.ts'
import type { RenderedFile } from '../render/render.ts'
import type { Problem } from './problem.ts'
import { textProblems } from './text.ts'

/** The most that a service may have. */
export const limits: {
  readonly files: number
  /** Of one file. */
  readonly fileBytes: number
  /** Of all files. */
  readonly bytes: number
} = { files: 2000, fileBytes: 4 * 1024 * 1024, bytes: 32 * 1024 * 1024 }

// The pipeline writes these itself, after the check.
const reserved = new Set(['.vm/manifest.json', '.vm/manifest.dsse.json'])

function pathProblems(path: string): Problem[] {
  const problem = pathProblem(path)
  if (problem !== undefined) return [{ code: 'PATH_UNSAFE', path, detail: problem }]
  return reserved.has(path.toLowerCase())
    ? [{ code: 'PATH_RESERVED', path, detail: 'the manifest is written there' }]
    : []
}

function sizeProblems(files: ReadonlyMap<string, RenderedFile>): Problem[] {
  const problems: Problem[] = []
  let total = 0
  for (const [path, { bytes }] of files) {
    total += bytes.length
    if (bytes.length > limits.fileBytes) {
      problems.push({ code: 'FILE_TOO_LARGE', path, detail: `${bytes.length} bytes` })
    }
  }
  if (total > limits.bytes)
    problems.push({ code: 'TOO_LARGE', path: '.', detail: `${total} bytes` })
  if (files.size > limits.files) {
    problems.push({ code: 'TOO_MANY_FILES', path: '.', detail: `${files.size} files` })
  }
  return problems
}

/**
 * Everything that is wrong with rendered files; empty when they may be written.
 *
 * Paths are relative, safe and different on every system, also where case plays no part; sizes are
 * bounded; JSON and YAML parse; Kubernetes objects have names that the API takes; no tag is left.
 */
export function check(rendered: { readonly files: ReadonlyMap<string, RenderedFile> }): Problem[] {
  const { files } = rendered
  const size = sizeProblems(files)
  // What is too large is not parsed.
  if (size.length > 0) return size
  return [
    ...[...files.keys()].flatMap(pathProblems),
    ...pathCollisions(files.keys()).map(({ path, other }) => ({
      code: 'PATH_COLLISION' as const,
      path,
      detail: `it is the same place as ${other} on some systems`,
    })),
    ...[...files].flatMap(([path, { bytes }]) => textProblems(path, bytes)),
  ]
}
