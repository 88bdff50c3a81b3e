/** Holds the coverage of a test run to the rules. */
import { relative } from 'node:path'
import { reachable, readGraph } from '../arrows/graph.ts'
import type { CoverageRule } from '../coverage.ts'
import { root, workspacePackages } from '../lib/workspace.ts'

/** One file in the report of istanbul's `json` reporter: statements and how often each ran. */
export interface FileCoverage {
  readonly path: string
  readonly statementMap: Readonly<Record<string, { readonly start: { readonly line: number } }>>
  readonly s: Readonly<Record<string, number>>
}

/** The lines of a file on which a statement starts, and whether any of them ran. */
export function lineHits({ statementMap, s }: FileCoverage): Map<number, boolean> {
  const lines = new Map<number, boolean>()
  for (const [id, { start }] of Object.entries(statementMap)) {
    lines.set(start.line, (lines.get(start.line) ?? false) || (s[id] ?? 0) > 0)
  }
  return lines
}

/** The part that a file (relative to the repository) belongs to. */
function matcher(rules: readonly CoverageRule[]): (path: string) => CoverageRule | undefined {
  const graph = readGraph(root, workspacePackages())
  const members = new Map(
    rules.map((rule) => [
      rule,
      rule.entry === undefined ? [] : [...reachable(graph, rule.entry).keys()],
    ]),
  )
  return (path) =>
    rules.find((rule) => {
      if (rule.folder !== undefined) return path.startsWith(rule.folder)
      const folder = `${rule.entry?.split('/').slice(0, 2).join('/')}/`
      return path.startsWith(folder) && (members.get(rule) ?? []).includes(path)
    })
}

/** A part's coverage, and the lines that no test ran, by file. */
export interface PartCoverage {
  readonly rule: CoverageRule
  readonly covered: number
  readonly total: number
  readonly missed: ReadonlyMap<string, readonly number[]>
}

/** Sums up a report by part. `partOf` is for tests; by default the sources' imports decide. */
export function coverageByPart(
  report: readonly FileCoverage[],
  rules: readonly CoverageRule[],
  partOf: (path: string) => CoverageRule | undefined = matcher(rules),
): PartCoverage[] {
  const parts = new Map(
    rules.map((rule) => [rule, { covered: 0, total: 0, missed: new Map<string, number[]>() }]),
  )
  for (const file of report) {
    const path = relative(root, file.path).replaceAll('\\', '/')
    const rule = partOf(path)
    const part = rule === undefined ? undefined : parts.get(rule)
    if (part === undefined) continue
    for (const [line, hit] of lineHits(file)) {
      part.total += 1
      if (hit) part.covered += 1
      else part.missed.set(path, [...(part.missed.get(path) ?? []), line])
    }
  }
  return [...parts].map(([rule, part]) => ({ rule, ...part }))
}

/** The share of lines that ran, in per cent; a part without lines is complete. */
export function percent({ covered, total }: Pick<PartCoverage, 'covered' | 'total'>): number {
  return total === 0 ? 100 : (100 * covered) / total
}

/** What is below its threshold. */
export function coverageProblems(parts: readonly PartCoverage[]): string[] {
  return parts
    .filter((part) => percent(part) < part.rule.lines)
    .map((part) => {
      const missed = [...part.missed].map(([path, lines]) => `    ${path}: ${lines.join(', ')}`)
      const has = percent(part).toFixed(2)
      return [`${part.rule.name}: ${has} % of lines, ${part.rule.lines} % wanted`, ...missed].join(
        '\n',
      )
    })
}
