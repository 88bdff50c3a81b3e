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

test('the example of the README runs', async () => {
  expect(await runReadmeExample(readme)).toBe(
    [
      'the log forked',
      'pass fork.format: two heads of example.com/vm/payments',
      'pass fork.origin: there is a policy for example.com/vm/payments',
      'pass fork.signatures: the log signed both heads, of sizes 3 and 4',
      'pass fork.contradiction: the tree of size 4 has another root at size 3',
      'pass fork.divergence: 2 leaves are common, and the leaf at 2 is not',
      'warn fork.witnessed: the policy names no quorum: nothing beyond the common part is to be trusted',
      'trusted: 2 of 4 entries',
      '',
    ].join('\n'),
  )
})

test('the README lists exactly the codes of the source, and each is used', () => {
  const errors = readFileSync(join(sources, 'errors.ts'), 'utf8')
  const codes = [...errors.matchAll(/\| '([A-Z_]+)'/g)].map(([, code]) => code ?? '').sort()
  expect(rows(/^\| `([A-Z_]+)` \|/gm)).toEqual(codes)
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  const others = files.filter((file) => file.endsWith('.ts') && file !== 'errors.ts')
  const code = others.map((file) => readFileSync(join(sources, file), 'utf8')).join('\n')
  expect(codes.filter((name) => !code.includes(`'${name}'`))).toEqual([])
})

test('the README gives the reason of every dependency', () => {
  expect(rows(/^\| `(@?[a-z/-]+)` \| /gm).filter((name) => name in manifest.dependencies)).toEqual(
    Object.keys(manifest.dependencies).sort(),
  )
})
