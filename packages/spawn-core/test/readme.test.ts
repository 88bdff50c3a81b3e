import { readFileSync } from 'node:fs'
import { spawnErrorCodes } from '@vaultmesh/spawn-core'
import { describeWith, runReadmeExample } from '@vaultmesh/testing'
import { expect, it, test } from 'vitest'
import { gitEnvironment } from './support.ts'

const readme = new URL('../README.md', import.meta.url)
const text = readFileSync(readme, 'utf8')

/** The codes in the tables of a part of the README. */
function codesIn(part: string): string[] {
  return [...part.matchAll(/^\| `([A-Z0-9_]+)` +\|/gm)].map(([, code]) => code ?? '')
}

describeWith(['git'], 'the README', () => {
  it('has an example that runs', async () => {
    const output = await runReadmeExample(readme, { env: gitEnvironment() })
    expect(output.split('\n')).toEqual([
      'payment-service from ts-fastify',
      'pass manifest.format: a canonical v0 manifest',
      expect.stringMatching(/^pass manifest.signature: signed by ed25519:[0-9a-f]{64}$/),
      expect.stringMatching(/^pass files.digest: \d+ files as signed$/),
      'pass files.added: none',
      'pass outputs.parse: JSON and YAML parse',
      '',
    ])
  })
})

test('the README lists every code, and no other', () => {
  const [, errors = '', problems = ''] = text.split(/^## Errors$|^`check` gives/m)
  expect(codesIn(errors)).toEqual([...spawnErrorCodes])
  const source = readFileSync(new URL('../src/check/problem.ts', import.meta.url), 'utf8')
  const codes = [...source.matchAll(/\| '([A-Z0-9_]+)'/g)].map(([, code]) => code)
  expect(codesIn(problems)).toEqual(codes)
})

test('the README lists every step of a verification', () => {
  const listed = [...text.matchAll(/^\| `([a-z]+\.[a-z0-9]+)`/gm)].map(([, id]) => id)
  expect(listed).toEqual([
    ...['manifest.format', 'manifest.signature', 'files.digest', 'files.added', 'outputs.parse'],
    ...['command.1', 'service.start', 'service.ready', 'service.metrics', 'service.drain'],
    'tree.clean',
  ])
})

test('the README says why each dependency is there', () => {
  const { dependencies } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  for (const name of Object.keys(dependencies)) expect(text).toContain(`| \`${name}\` |`)
})
