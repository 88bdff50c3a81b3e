import { expect, it } from 'vitest'
import { readImports } from '../arrows/imports.ts'

it('reads every form of import, with its line', () => {
  const source = [
    "import a from 'static'",
    "import type { B } from 'type'",
    "export * from 'export-all'",
    "export { c } from 'export-named'",
    "export type { D } from 'export-type'",
    "const e = await import('dynamic')",
    "let f: import('import-type').F",
    "import g = require('import-equals')",
    "const h = require('required')",
    "import 'side-effect'",
    'import(`template`)',
  ].join('\n')
  expect(readImports('x.ts', source).imports).toEqual([
    { specifier: 'static', kind: 'static', line: 1 },
    { specifier: 'type', kind: 'type', line: 2 },
    { specifier: 'export-all', kind: 'export', line: 3 },
    { specifier: 'export-named', kind: 'export', line: 4 },
    { specifier: 'export-type', kind: 'type', line: 5 },
    { specifier: 'dynamic', kind: 'dynamic', line: 6 },
    { specifier: 'import-type', kind: 'type', line: 7 },
    { specifier: 'import-equals', kind: 'require', line: 8 },
    { specifier: 'required', kind: 'require', line: 9 },
    { specifier: 'side-effect', kind: 'static', line: 10 },
  ])
})

it('tells imports that are computed', () => {
  expect(readImports('x.ts', "const n = 'a'\nawait import(n)").computed).toEqual([2])
})

it('does not take text for imports', () => {
  const source =
    "// import 'comment'\nconst a = \"import 'string'\"\nexport const b = 1\nexport { a }"
  expect(readImports('x.ts', source).imports).toEqual([])
})

it('finds globals of Node', () => {
  const source =
    'Buffer.from([])\nprocess.env\nlet b: Buffer\nconst ok = { process: 1 }\nok.process'
  expect(readImports('x.ts', source).nodeGlobals).toEqual([
    { name: 'Buffer', line: 1 },
    { name: 'process', line: 2 },
    { name: 'Buffer', line: 3 },
  ])
})

it('reports what it cannot parse', () => {
  expect(readImports('x.ts', 'const = 1').errors).toHaveLength(1)
})
