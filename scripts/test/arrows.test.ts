import { describe, expect, it } from 'vitest'
import { graphOf, readGraph } from '../arrows/graph.ts'
import { arrowProblems } from '../arrows/rules.ts'
import * as table from '../arrows.ts'
import { root, type WorkspacePackage, workspacePackages } from '../lib/workspace.ts'

it('holds in this workspace', () => {
  expect(arrowProblems(readGraph(root, workspacePackages()), table)).toEqual([])
})

it('has no circle: arrows run downwards only', () => {
  const below = (name: string, seen: readonly string[]): void => {
    expect(seen, `${[...seen, name].join(' → ')} is a circle`).not.toContain(name)
    for (const next of table.arrows[name] ?? []) below(next, [...seen, name])
  }
  for (const name of Object.keys(table.arrows)) below(name, [])
})

function fixture(
  name: string,
  directory: string,
  exports: Record<string, string> = {},
  more: Partial<WorkspacePackage['manifest']> = {},
): WorkspacePackage {
  return {
    name,
    directory,
    kind: directory.startsWith('apps/') ? 'app' : 'package',
    manifest: {
      name,
      version: '0.0.0',
      exports: Object.fromEntries(
        Object.entries(exports).map(([key, path]) => [key, { '@vaultmesh/source': path }]),
      ),
      ...more,
    },
  }
}

describe('a fixture of three packages', () => {
  const packages = [
    fixture('@f/low', 'packages/low', { '.': './src/index.ts', './node': './src/node.ts' }),
    fixture('@f/high', 'packages/high', { '.': './src/index.ts' }),
    fixture('@f/app', 'apps/app'),
    fixture('@f/testing', 'tools/testing', { '.': './src/index.ts' }),
  ]
  const fixtureTable = {
    arrows: { '@f/low': [], '@f/high': ['@f/low'], '@f/app': ['@f/high'], '@f/testing': [] },
    testOnly: ['@f/testing'],
    browserSafe: [{ package: '@f/low', except: ['./node'] }],
  }
  const good = {
    'packages/low/src/index.ts': "import { a } from './inner.ts'\nexport { a }",
    'packages/low/src/inner.ts': 'export const a = 1',
    'packages/low/src/node.ts': "import 'node:fs'\nexport { a } from './inner.ts'",
    'packages/low/test/a.test.ts': "import '@f/testing'\nimport '@f/low'\nimport '../src/inner.ts'",
    'packages/high/src/index.ts': "import { a } from '@f/low'\nimport 'node:fs'\nexport { a }",
    'apps/app/src/main.ts': "await import('@f/high')",
    'tools/testing/src/index.ts': 'export const t = 1',
  }
  const problems = (change: Record<string, string>): string[] =>
    arrowProblems(graphOf(packages, new Map(Object.entries({ ...good, ...change }))), fixtureTable)

  it('is clean to begin with', () => {
    expect(problems({})).toEqual([])
  })

  it.each([
    ['a static import', "import '@f/high'"],
    ['a type-only import', "import type { A } from '@f/high'"],
    ['an export from', "export * from '@f/high'"],
    ['a dynamic import', "await import('@f/high')"],
    ['an import type', "let a: import('@f/high').A"],
    ['a require', "require('@f/high')"],
  ])('refuses an upward arrow: %s', (_, source) => {
    expect(problems({ 'packages/low/src/node.ts': source })).toContainEqual(
      'packages/low/src/node.ts:1 imports @f/high, which scripts/arrows.ts does not allow for @f/low',
    )
  })

  it('refuses an upward arrow in a test, and any app', () => {
    expect(
      problems({ 'packages/low/test/a.test.ts': "import '@f/high'\nimport '@f/app'" }),
    ).toEqual([
      'packages/low/test/a.test.ts:1 imports @f/high, which scripts/arrows.ts does not allow for @f/low',
      'packages/low/test/a.test.ts:2 imports the app @f/app',
      'packages/low/test/a.test.ts:2 imports @f/app, which is no entry point of @f/app',
    ])
  })

  it('refuses test helpers in sources', () => {
    expect(problems({ 'packages/high/src/index.ts': "import '@f/testing'" })).toEqual([
      'packages/high/src/index.ts:1 imports @f/testing, which scripts/arrows.ts does not allow for @f/high',
    ])
  })

  it('refuses what is no entry point', () => {
    expect(problems({ 'packages/high/src/index.ts': "import '@f/low/inner'" })).toEqual([
      'packages/high/src/index.ts:1 imports @f/low/inner, which is no entry point of @f/low',
    ])
  })

  it('refuses a relative import that leaves its package', () => {
    expect(problems({ 'packages/high/src/index.ts': "import '../../low/src/inner.ts'" })).toEqual([
      'packages/high/src/index.ts:1 imports ../../low/src/inner.ts, which leaves packages/high',
    ])
  })

  it('refuses a computed import in sources', () => {
    expect(problems({ 'apps/app/src/main.ts': 'await import(process.argv[2])' })).toEqual([
      "apps/app/src/main.ts:1 imports a computed name, which can't be checked",
    ])
  })

  it('refuses Node where a browser must do, also further down', () => {
    expect(
      problems({ 'packages/low/src/inner.ts': "import type { A } from 'fs'\nexport const a = 1" }),
    ).toEqual([
      'packages/low/src/inner.ts:1 imports fs, and must run in a browser' +
        ' (reached by packages/low/src/index.ts → packages/low/src/inner.ts)',
    ])
    expect(problems({ 'packages/low/src/index.ts': "export * from './node.ts'" })).toContainEqual(
      'packages/low/src/node.ts:1 imports node:fs, and must run in a browser' +
        ' (reached by packages/low/src/index.ts → packages/low/src/node.ts)',
    )
    expect(
      problems({ 'packages/low/src/inner.ts': 'export const a = Buffer.alloc(1)' })[0],
    ).toContain('uses Buffer, and must run in a browser')
  })

  it('refuses an import of a file that is not there, where a browser must do', () => {
    expect(problems({ 'packages/low/src/index.ts': "import './gone.ts'" })[0]).toContain(
      'packages/low/src/gone.ts is imported and does not exist',
    )
  })

  it('refuses a dependency that is no arrow, and a package that is not in the table', () => {
    const wrong = fixture('@f/low', 'packages/low', {}, { dependencies: { '@f/high': '*' } })
    const unknown = fixture('@f/new', 'packages/new')
    const graph = graphOf([wrong, ...packages.slice(1), unknown], new Map())
    expect(arrowProblems(graph, fixtureTable)).toEqual([
      'packages/low/package.json depends on @f/high, which is not allowed',
      'packages/new: @f/new is missing in scripts/arrows.ts',
    ])
  })

  it('refuses what it cannot parse', () => {
    expect(problems({ 'apps/app/src/main.ts': 'const = 1' })[0]).toContain("can't be parsed")
  })
})
