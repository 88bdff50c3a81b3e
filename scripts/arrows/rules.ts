/** Holds the imports of the workspace to the table of arrows. */
import { isBuiltin } from 'node:module'
import type { WorkspacePackage } from '../lib/workspace.ts'
import { entryFile, type Graph, reachable, resolveImport } from './graph.ts'

/** What the rules are given: the shape of `scripts/arrows.ts`. */
export interface ArrowTable {
  readonly arrows: Readonly<Record<string, readonly string[]>>
  readonly testOnly: readonly string[]
  readonly browserSafe: readonly (
    | { readonly package: string; readonly except: readonly string[] }
    | { readonly package: string; readonly only: readonly string[] }
  )[]
}

function ownerOf(graph: Graph, path: string): WorkspacePackage | undefined {
  return graph.packages.find(({ directory }) => path.startsWith(`${directory}/`))
}

function isSource(owner: WorkspacePackage, path: string): boolean {
  return path.startsWith(`${owner.directory}/src/`)
}

/** What is wrong with importing `imported` into a file of `owner`, or undefined. */
function forbidden(
  graph: Graph,
  table: ArrowTable,
  owner: WorkspacePackage,
  path: string,
  imported: string,
): string | undefined {
  const target = graph.packages.find(({ name }) => name === imported)
  if (imported === owner.name) {
    return isSource(owner, path) ? 'imports its own package by name; import the file' : undefined
  }
  if (!isSource(owner, path) && table.testOnly.includes(imported)) return undefined
  if (owner.kind !== 'app' && target?.kind === 'app') return `imports the app ${imported}`
  if (table.arrows[owner.name]?.includes(imported)) return undefined
  return `imports ${imported}, which scripts/arrows.ts does not allow for ${owner.name}`
}

function fileProblems(graph: Graph, table: ArrowTable, path: string): string[] {
  const owner = ownerOf(graph, path)
  const file = graph.files.get(path)
  if (owner === undefined || file === undefined) return []
  const problems = file.errors.map((error) => `${path} can't be parsed: ${error}`)
  for (const { specifier, line } of file.imports) {
    const at = `${path}:${line}`
    const target = resolveImport(graph, path, specifier)
    if (target.kind === 'file' && !target.path.startsWith(`${owner.directory}/`)) {
      problems.push(`${at} imports ${specifier}, which leaves ${owner.directory}`)
    }
    if (target.kind === 'ours') {
      const problem = forbidden(graph, table, owner, path, target.package)
      if (problem !== undefined) problems.push(`${at} ${problem}`)
      if (target.path === undefined) {
        problems.push(`${at} imports ${specifier}, which is no entry point of ${target.package}`)
      }
    }
  }
  if (isSource(owner, path)) {
    for (const line of file.computed) {
      problems.push(`${path}:${line} imports a computed name, which can't be checked`)
    }
  }
  return problems
}

/** A manifest's dependencies are arrows too. */
function manifestProblems(table: ArrowTable, graph: Graph): string[] {
  const problems: string[] = []
  for (const { name, directory, manifest } of graph.packages) {
    const allowed = table.arrows[name]
    if (allowed === undefined) {
      problems.push(`${directory}: ${name} is missing in scripts/arrows.ts`)
      continue
    }
    const development = Object.keys(manifest.devDependencies ?? {})
    const shipped = [
      ...Object.keys(manifest.dependencies ?? {}),
      ...Object.keys(manifest.peerDependencies ?? {}),
      ...Object.keys(manifest.optionalDependencies ?? {}),
    ]
    const ours = (dependency: string): boolean =>
      graph.packages.some((other) => other.name === dependency)
    for (const dependency of [
      ...shipped.filter((dependency) => !allowed.includes(dependency)),
      ...development.filter((dependency) => ![...allowed, ...table.testOnly].includes(dependency)),
    ].filter(ours)) {
      problems.push(`${directory}/package.json depends on ${dependency}, which is not allowed`)
    }
  }
  return problems
}

/** The entry files that must run in a browser. */
function browserEntries(graph: Graph, table: Pick<ArrowTable, 'browserSafe'>): string[] {
  return table.browserSafe.flatMap((rule) => {
    const owner = graph.packages.find(({ name }) => name === rule.package)
    if (owner === undefined) return []
    const subpaths =
      'only' in rule
        ? rule.only
        : Object.keys(owner.manifest.exports ?? {}).filter((key) => !rule.except.includes(key))
    return subpaths.flatMap((subpath) => entryFile(owner, subpath) ?? [])
  })
}

function browserProblems(graph: Graph, table: ArrowTable): string[] {
  const problems = new Set<string>()
  for (const entry of browserEntries(graph, table)) {
    for (const [path, way] of reachable(graph, entry)) {
      const file = graph.files.get(path)
      const through = way.length > 1 ? ` (reached by ${way.join(' → ')})` : ''
      if (file === undefined) {
        problems.add(`${path} is imported and does not exist${through}`)
        continue
      }
      for (const { specifier, line } of file.imports) {
        if (!isBuiltin(specifier)) continue
        problems.add(`${path}:${line} imports ${specifier}, and must run in a browser${through}`)
      }
      for (const { name, line } of file.nodeGlobals) {
        problems.add(`${path}:${line} uses ${name}, and must run in a browser${through}`)
      }
    }
  }
  return [...problems]
}

/** Every way in which the files break the table, as sentences with path and line. */
export function arrowProblems(graph: Graph, table: ArrowTable): string[] {
  return [
    ...manifestProblems(table, graph),
    ...[...graph.files.keys()].flatMap((path) => fileProblems(graph, table, path)),
    ...browserProblems(graph, table),
  ]
}
