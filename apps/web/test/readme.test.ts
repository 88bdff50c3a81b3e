import { readFileSync } from 'node:fs'
import { runReadmeExample } from '@vaultmesh/testing'
import { expect, test } from 'vitest'
import { pagePolicy } from '../src/headers.ts'

const readme = new URL('../README.md', import.meta.url)
const text = readFileSync(readme, 'utf8')

test('the example of the README runs', async () => {
  expect(await runReadmeExample(readme)).toBe('serving the page\n')
})

test('the README says what the page may do', () => {
  expect(text).toContain(`\n${pagePolicy}\n`)
})

test('the README gives the reason of every dependency', () => {
  const { devDependencies } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  )
  const named = [...text.matchAll(/^\| (`@?[a-z].*?) \| /gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  )
  const ofTests = ['@vaultmesh/testing', 'fast-check']
  expect([...named, ...ofTests].sort()).toEqual(Object.keys(devDependencies).sort())
})
