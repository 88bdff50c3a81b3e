import { join } from 'node:path'
import { expect, it } from 'vitest'
import { coverageRules } from '../coverage.ts'
import { root, workspacePackages } from '../lib/workspace.ts'
import { coverageByPart, coverageProblems, type FileCoverage, lineHits } from '../steps/coverage.ts'

function file(path: string, hits: readonly number[]): FileCoverage {
  return {
    path: join(root, path),
    statementMap: Object.fromEntries(hits.map((_, at) => [at, { start: { line: at + 1 } }])),
    s: Object.fromEntries(hits.map((count, at) => [at, count])),
  }
}

it('counts a line once, as run where any of its statements ran', () => {
  const two = { start: { line: 2 } }
  const hits = lineHits({ path: '', statementMap: { 0: two, 1: two }, s: { 0: 0, 1: 3 } })
  expect([...hits]).toEqual([[2, true]])
})

it('sums up by part, and names the lines that no test ran', () => {
  const strict = { name: 'strict', lines: 100, folder: 'a/' }
  const loose = { name: 'loose', lines: 50, folder: 'b/' }
  const rules = [strict, loose]
  const report = [file('a/x.ts', [1, 0, 1, 0]), file('b/y.ts', [1, 0]), file('c/z.ts', [0])]
  const parts = coverageByPart(report, rules, (path) =>
    rules.find(({ folder }) => path.startsWith(folder)),
  )
  expect(coverageProblems(parts)).toEqual([
    'strict: 50.00 % of lines, 100 % wanted\n    a/x.ts: 2, 4',
  ])
})

it('follows the imports of a verifying entry point', () => {
  const report = [file('packages/tsp/src/index.ts', [1]), file('packages/tsp/src/node.ts', [1])]
  const found = coverageByPart(report, coverageRules).filter(({ total }) => total > 0)
  expect(found.map(({ rule }) => rule.name)).toEqual(['tsp, verifying', 'tsp, the rest'])
})

it('has a rule for every library', () => {
  for (const { directory } of workspacePackages().filter(({ kind }) => kind === 'package')) {
    expect(coverageRules.map(({ folder }) => folder)).toContain(`${directory}/src/`)
  }
})
