/** The source files of the workspace and what they import, resolved to files of ours. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import type { WorkspacePackage } from '../lib/workspace.ts'
import { type FileImports, readImports } from './imports.ts'

/** Where an import leads. */
export type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'ours'; readonly package: string; readonly path: string | undefined }
  | { readonly kind: 'outside'; readonly specifier: string }

/** Packages, and their TypeScript files by path relative to the repository. */
export interface Graph {
  readonly packages: readonly WorkspacePackage[]
  readonly files: ReadonlyMap<string, FileImports>
}

/** Reads a graph out of texts: paths relative to the repository, and what stands in the files. */
export function graphOf(
  packages: readonly WorkspacePackage[],
  sources: ReadonlyMap<string, string>,
): Graph {
  const files = new Map<string, FileImports>()
  for (const [path, source] of sources) files.set(path, readImports(path, source))
  return { packages, files }
}

const ignoredFolders = new Set(['node_modules', 'dist', 'build', 'coverage', 'templates'])

function* typescriptFiles(base: string, folder: string): Generator<string> {
  for (const entry of readdirSync(join(base, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!ignoredFolders.has(entry.name) && !entry.name.startsWith('.')) {
        yield* typescriptFiles(base, path)
      }
    } else if (/\.[mc]?tsx?$/.test(entry.name)) {
      yield path
    }
  }
}

/** Reads every TypeScript file of the given packages; `base` is the repository's folder. */
export function readGraph(base: string, packages: readonly WorkspacePackage[]): Graph {
  const sources = new Map<string, string>()
  for (const { directory } of packages) {
    for (const path of typescriptFiles(base, directory)) {
      sources.set(path, readFileSync(join(base, path), 'utf8'))
    }
  }
  return graphOf(packages, sources)
}

/** The source file behind an entry point (`.` or `./name`) of a package, or undefined. */
export function entryFile(owner: WorkspacePackage, subpath: string): string | undefined {
  const entry = owner.manifest.exports?.[subpath]
  if (entry === undefined) return undefined
  const path = typeof entry === 'string' ? entry : entry['@vaultmesh/source']
  return path?.endsWith('.ts') ? posix.join(owner.directory, path) : undefined
}

/** Resolves an import of the file `from`. */
export function resolveImport(graph: Graph, from: string, specifier: string): Target {
  if (/^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..') {
    return { kind: 'file', path: posix.join(posix.dirname(from), specifier) }
  }
  const [scope, name, ...rest] = specifier.split('/')
  const owner = graph.packages.find((candidate) => candidate.name === `${scope}/${name}`)
  if (owner === undefined) return { kind: 'outside', specifier }
  const subpath = rest.length === 0 ? '.' : `./${rest.join('/')}`
  return { kind: 'ours', package: owner.name, path: entryFile(owner, subpath) }
}

/** The files of ours that `entry` imports, directly and indirectly, and the way to each. */
export function reachable(graph: Graph, entry: string): Map<string, readonly string[]> {
  const ways = new Map<string, readonly string[]>([[entry, [entry]]])
  for (const [path, way] of ways) {
    for (const { specifier } of graph.files.get(path)?.imports ?? []) {
      const target = resolveImport(graph, path, specifier)
      if (target.kind === 'outside' || target.path === undefined || ways.has(target.path)) continue
      // A Map iterates over what is added to it meanwhile, so this visits each file once.
      ways.set(target.path, [...way, target.path])
    }
  }
  return ways
}
