import { readdirSync, readFileSync } from 'node:fs'
import { runReadmeExample } from '@vaultmesh/testing'
import { expect, test } from 'vitest'
import { forge, verify } from './forge.ts'

const readmeUrl = new URL('../README.md', import.meta.url)
const readme = readFileSync(readmeUrl, 'utf8')
const sources = new URL('../src/', import.meta.url)

const sourceTexts = new Map(
  readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => [path, readFileSync(new URL(path, sources), 'utf8')]),
)

test('the examples of the README run', async () => {
  expect(await runReadmeExample(readmeUrl)).toBe('stamped\n')
  expect(await runReadmeExample(readmeUrl, { index: 1 })).toBe('2\ntrue\n')
})

test('the README lists exactly the codes of the source', () => {
  const files = ['errors.ts', 'parse.ts', 'der.ts', 'revocation-list.ts', 'chain/format.ts']
  const text = files.map((path) => sourceTexts.get(path)).join('\n')
  const unions = text.matchAll(
    /export type (?:TspErrorCode|ParseFailureCode|DerFault|RevocationListFault|ChainFault) =([\s\S]+?)\n\n/g,
  )
  const inSource = [...unions].flatMap(([, union = '']) => union.match(/[A-Z_]{4,}/g) ?? [])
  const inReadme = [...readme.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code)
  expect(inReadme.toSorted()).toEqual([...new Set(inSource)].toSorted())
  expect(inSource.length).toBeGreaterThan(9)
})

test('the README lists the checks, in order, with their references', async () => {
  const rows = [...readme.matchAll(/^\| `(token\.[a-z-]+)` \| ([^|]+) \|/gm)]
  const { checks } = await verify(forge())
  expect(rows.map(([, id, reference]) => [id, reference])).toEqual(
    checks.map(({ id, reference }) => [id, reference]),
  )
})

test('what index.ts imports runs in a browser, and no other package is imported', () => {
  const reached = new Set<string>()
  const follow = (path: string) => {
    if (reached.has(path)) return
    reached.add(path)
    const text = sourceTexts.get(path) ?? ''
    expect(text).not.toMatch(/\bBuffer\b|\bprocess\b/)
    for (const [, target = ''] of text.matchAll(/(?:from|import\() ?'([^']+)'/g)) {
      expect(target).toMatch(/^\.\.?\//)
      follow(new URL(target, new URL(path, sources)).href.slice(sources.href.length))
    }
  }
  follow('index.ts')
  expect(reached.size).toBeGreaterThan(50)
  expect([...reached].filter((path) => path.startsWith('authority/'))).toEqual([])
})
