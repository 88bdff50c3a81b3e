/** Which relative paths a spawned repository may hold, on every system that may check it out. */

// Device names of Windows, with or without an ending: "nul.txt" opens the null device.
const reserved = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i

function segmentProblem(segment: string): string | undefined {
  if (segment === '') return 'it has an empty part'
  if (segment === '.' || segment === '..') return `it has a part "${segment}"`
  if (!/^[A-Za-z0-9._@+[\]-]+$/.test(segment)) {
    return 'only ASCII letters, digits and . _ @ + - [ ] are allowed between slashes'
  }
  if (segment.endsWith('.')) return 'a part ends in ".", which Windows drops'
  if (reserved.test(segment)) return `Windows reserves the name "${segment}"`
  // Git refuses these spellings of its own folder: a checkout could overwrite its configuration
  // (CVE-2014-9390).
  if (/^(\.git|git~[0-9]+)$/i.test(segment)) return `"${segment}" is git's own`
  return undefined
}

/**
 * What is wrong with a path, or undefined. A good path is relative, separated by `/`, at most 200
 * characters and 16 parts, can't leave its folder, and means the same file everywhere.
 */
export function pathProblem(path: string): string | undefined {
  if (path === '') return 'it is empty'
  if (path.length > 200) return `it has ${path.length} characters; 200 are allowed`
  if (path.startsWith('/')) return 'it is absolute'
  if (path.includes('\\')) return 'it has a backslash'
  const segments = path.split('/')
  if (segments.length > 16) return `it is ${segments.length} parts deep; 16 are allowed`
  for (const segment of segments) {
    const problem = segmentProblem(segment)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Two paths that can't both be: one file is written over the other, or over its folder. */
export interface PathCollision {
  readonly path: string
  readonly other: string
}

/**
 * The paths that collide with an earlier one where upper and lower case are the same (macOS,
 * Windows): the same file, or a file where another path has a folder, or two spellings of a folder.
 */
export function pathCollisions(paths: Iterable<string>): PathCollision[] {
  const seen = new Map<string, { spelling: string; kind: 'file' | 'folder'; path: string }>()
  const collisions: PathCollision[] = []
  for (const path of paths) {
    const segments = path.split('/')
    for (let length = 1; length <= segments.length; length += 1) {
      const spelling = segments.slice(0, length).join('/')
      const kind = length === segments.length ? 'file' : 'folder'
      const before = seen.get(spelling.toLowerCase())
      if (before === undefined) {
        seen.set(spelling.toLowerCase(), { spelling, kind, path })
      } else if (kind === 'file' || before.kind === 'file' || before.spelling !== spelling) {
        collisions.push({ path, other: before.path })
        break
      }
    }
  }
  return collisions
}
