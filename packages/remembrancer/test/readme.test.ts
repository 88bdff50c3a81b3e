import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runReadmeExample } from '@vaultmesh/testing'
import { expect, test } from 'vitest'

const readme = new URL('../README.md', import.meta.url)
const text = readFileSync(readme, 'utf8')
const sources = fileURLToPath(new URL('../src/', import.meta.url))
const manifest: { dependencies: Record<string, string>; exports: Record<string, unknown> } =
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

function rows(pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, cell]) => cell ?? '').sort()
}

test('the example of the README runs', async () => {
  expect(await runReadmeExample(readme)).toBe(
    [
      'proven: Use PostgreSQL for orders',
      'but: no independent authority attests the time: the owner of the log could have set the clock',
      'but: no quorum of witnesses is named: the owner of this log could show others a different one',
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

/** The files that a file imports, itself included, and the packages. */
function importsOf(entry: string): { files: Set<string>; packages: Set<string> } {
  const files = new Set<string>()
  const packages = new Set<string>()
  const visit = (file: string): void => {
    if (files.has(file)) return
    files.add(file)
    const code = readFileSync(file, 'utf8')
    for (const [statement, from = ''] of code.matchAll(
      /^(?:import|export)\b[^']*?from '([^']+)'/gms,
    )) {
      if (/^(?:import|export) type/.test(statement)) continue
      if (from.startsWith('.')) visit(resolve(dirname(file), from))
      else packages.add(from)
    }
  }
  visit(entry)
  return { files, packages }
}

test('the verifying half runs in a browser: nothing of Node, and openpgp only when it is needed', () => {
  const { files, packages } = importsOf(join(sources, 'verify.ts'))
  expect([...packages].sort()).toEqual([
    '@cfworker/json-schema',
    '@vaultmesh/merkle/bytes',
    '@vaultmesh/merkle/ed25519',
    '@vaultmesh/merkle/note',
    '@vaultmesh/merkle/policy',
    '@vaultmesh/merkle/proof',
    '@vaultmesh/merkle/rfc6962',
    '@vaultmesh/merkle/tlog-proof',
    '@vaultmesh/tsp',
    'canonicalize',
  ])
  expect(files.size).toBeGreaterThan(30)
  for (const file of files) {
    const code = readFileSync(file, 'utf8')
    expect(code, relative(sources, file)).not.toMatch(/'node:|\bBuffer\b|\bprocess\./)
  }
})
