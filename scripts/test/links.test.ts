import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '@vaultmesh/testing'
import { expect, it } from 'vitest'
import { brokenLinks, headingNames, linkTargets } from '../steps/links.ts'

it('finds inline links, images and references, and no code', () => {
  const markdown = [
    '[a](one.md) ![b](two.png "title") [c]: three',
    '[d]: four.md',
    '`[e](five.md)` [`f(x)`](six.md)',
    '```',
    '[g](seven.md)',
    '```',
  ].join('\n')
  expect(linkTargets(markdown)).toEqual(['one.md', 'two.png', 'six.md', 'four.md'])
})

it('names headings as GitHub does', () => {
  const markdown = '# One two\n## `code` & more!\n### One two\n```\n# not\n```\n'
  expect([...headingNames(markdown)]).toEqual(['one-two', 'code--more', 'one-two-1'])
})

it('tells files and headings that do not exist', () => {
  const base = temporaryDirectory()
  writeFileSync(join(base, 'b.md'), '# Here\n')
  writeFileSync(
    join(base, 'a.md'),
    '[1](b.md) [2](b.md#here) [3](b.md#gone) [4](c.md) [5](../x) [6](https://example.com) [7](#a)\n# A',
  )
  expect(brokenLinks(['a.md', 'b.md'], base)).toEqual([
    'a.md: b.md#gone: no such heading',
    'a.md: c.md does not exist',
    'a.md: ../x leaves the repository',
  ])
})
