import { readFileSync } from 'node:fs'
import { runReadmeExample } from '@vaultmesh/testing'
import { expect, test } from 'vitest'

const readme = new URL('../README.md', import.meta.url)

test('the example of the README runs', async () => {
  expect(await runReadmeExample(readme)).toBe(
    'deployed payments 1.4.2\nc2sp.org/tlog-proof@v1\n0 problems\n',
  )
})

test('the README lists exactly the codes of the source', () => {
  const source = readFileSync(new URL('../src/errors.ts', import.meta.url), 'utf8')
  const inSource = [...source.matchAll(/^ {2}\| '([A-Z_]+)'$/gm)].map(([, code]) => code)
  const text = readFileSync(readme, 'utf8')
  const table = text.slice(text.indexOf('\n## Errors\n'))
  const inReadme = [...table.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code)
  expect(inSource.length).toBeGreaterThan(10)
  expect(inReadme.sort()).toEqual(inSource.sort())
})
