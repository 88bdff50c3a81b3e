import { readFileSync } from 'node:fs'
import { refusalCodes, routerErrorCodes } from '@vaultmesh/aurora-router'
import { runReadmeExample } from '@vaultmesh/testing'
import { expect, it, test } from 'vitest'

const readme = new URL('../README.md', import.meta.url)
const text = readFileSync(readme, 'utf8')

/** The codes in the first column of a table under a heading. */
function codesUnder(heading: string): string[] {
  const [, part = ''] = text.split(`\n## ${heading}\n`)
  const [section = ''] = part.split('\n## ')
  return [...section.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code ?? '')
}

it('has an example that runs', async () => {
  expect((await runReadmeExample(readme)).split('\n')).toEqual([
    'alder/1xA100/eu-west: chosen',
    'alder/1xH100/eu-west: GPU_MISMATCH',
    'birch/1xA100/eu-west: LATENCY_ABOVE_CEILING',
    'hold for 2850000 micro-USD, fence 1',
    '',
  ])
})

test('the README lists every reason and every code, in order, and no other', () => {
  expect(codesUnder('A decision')).toEqual([...refusalCodes])
  expect(codesUnder('Errors')).toEqual([...routerErrorCodes])
})

test('the README says why each dependency is there', () => {
  const { dependencies } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  for (const name of Object.keys(dependencies)) expect(text).toContain(`| \`${name}\` |`)
})
