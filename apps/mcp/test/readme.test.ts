import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runReadmeExample } from '@vaultmesh/testing'
import { expect, test } from 'vitest'

const readme = new URL('../README.md', import.meta.url)
const text = readFileSync(readme, 'utf8')
const sources = fileURLToPath(new URL('../src/', import.meta.url))
const manifest: { dependencies: Record<string, string> } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
)

function rows(pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, cell]) => cell ?? '').sort()
}

function codeOf(name: string): string {
  return readFileSync(join(sources, name), 'utf8')
}

test('the example of the README runs', async () => {
  expect(await runReadmeExample(readme)).toBe('decision: Use a queue for orders\n')
})

test('the README lists exactly the codes of the source, and each is used', () => {
  const [, union = ''] = /McpErrorCode =(.*?)\n\n/s.exec(codeOf('errors.ts')) ?? []
  const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code ?? '')
  expect(rows(/^\| `([A-Z_]+)` \|/gm)).toEqual(codes.sort())
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  const code = files
    .filter((file) => file.endsWith('.ts'))
    .map(codeOf)
    .join('\n')
  expect(codes.filter((name) => code.split(`'${name}'`).length < 3)).toEqual([])
})

test('the README lists the codes of libraries that reach an agent', () => {
  const [, list = ''] = /forAgents[^[]*\[([^\]]*)\]/.exec(codeOf('errors.ts')) ?? []
  const codes = [...list.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code ?? '')
  expect(codes.length).toBeGreaterThan(5)
  expect(text).toContain(codes.map((code) => `\`${code}\``).join(', '))
})

test('the README lists every tool', () => {
  const files = readdirSync(join(sources, 'tools'))
  const tools = files.map((file) => file.replace('.ts', '').replaceAll('-', '_')).sort()
  expect(rows(/^\| `([a-z_]+)` \| .* \| (?:reads|adds) \|$/gm)).toEqual(tools)
})

test('the README gives the reason of every dependency', () => {
  expect(rows(/^\| `(@?[a-z/-]+)` \| /gm).filter((name) => name in manifest.dependencies)).toEqual(
    Object.keys(manifest.dependencies).sort(),
  )
})
