import { readdirSync, readFileSync } from 'node:fs'
import { runReadmeExample } from '@vaultmesh/testing'
import { expect, test } from 'vitest'

const readme = new URL('../README.md', import.meta.url)
const sources = new URL('../src/', import.meta.url)

function sourceTexts(): Map<string, string> {
  const paths = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  )
  return new Map(paths.map((path) => [path, readFileSync(new URL(path, sources), 'utf8')]))
}

test('the example of the README runs', async () => {
  expect(await runReadmeExample(readme)).toBe('entry 1 is "two"\n')
})

test('the README lists exactly the codes of the source', () => {
  const text = [...sourceTexts().values()].join('\n')
  const inSource = text.matchAll(/(?:\| |code: |\()'([A-Z_]{4,})'/g)
  const inReadme = readFileSync(readme, 'utf8').matchAll(/^\| `([A-Z_]+)` +\|/gm)
  const codes = (matches: Iterable<RegExpExecArray>): string[] =>
    [...new Set([...matches].map(([, code]) => code ?? ''))].sort()
  expect(codes(inReadme)).toEqual(codes(inSource))
})

test('the README names every import', () => {
  const manifest: { exports: Record<string, unknown> } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  const imports = Object.keys(manifest.exports).filter((path) => path !== './package.json')
  const named = [...readFileSync(readme, 'utf8').matchAll(/^\| `(\/[a-z0-9-]+)` +\|/gm)]
  expect(named.map(([, path]) => `.${path}`).sort()).toEqual(imports.sort())
})

test('only the part for Node imports from Node', () => {
  const importing = [...sourceTexts()].filter(([, text]) => /from 'node:|import\('node:/.test(text))
  expect(importing.map(([path]) => path)).toEqual(['node.ts'])
  for (const [path, text] of sourceTexts()) {
    if (path !== 'node.ts') expect(text).not.toMatch(/from '.*\/node\.ts'|\bBuffer\b|\bprocess\b/)
  }
})
