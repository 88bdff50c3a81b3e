import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { temporaryDirectory } from '@vaultmesh/testing'
import { expect, it } from 'vitest'
import { pagePolicy } from '../src/headers.ts'
import { pageDirectory, pageHeaders, preparePage } from '../src/index.ts'

function filesIn(folder: string): Map<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  return new Map(paths.sort().map((path) => [relative(folder, path), readFileSync(path)]))
}

it('gives the same bytes each time, wherever it is built, and says which', async () => {
  const [one, two] = [temporaryDirectory(), join(temporaryDirectory(), 'deeper', 'page')]
  expect(await Promise.all([preparePage(one), preparePage(two)])).toEqual([one, two])
  const built = filesIn(one)
  expect(filesIn(two)).toEqual(built)

  const sums = String(built.get('SHA256SUMS'))
  built.delete('SHA256SUMS')
  const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
  const lines = [...built].map(
    ([path, bytes]) => `${digest(bytes)}  ${path.replaceAll('\\', '/')}\n`,
  )
  expect(sums).toBe(lines.join(''))

  const html = String(built.get('index.html'))
  const loaded = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path ?? '')
  const own = loaded.filter((path) => path !== 'data:,')
  expect(own).toHaveLength(2)
  for (const path of own) expect(path).toMatch(/^\.\/assets\/[^/]+\.(js|css)$/)
  expect(html).toContain(`http-equiv="Content-Security-Policy"\n      content="${pagePolicy}"`)
  expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script[^>]*>[^<]/)
  const licenses = String(built.get('licenses.md'))
  expect(licenses).toMatch(/^## openpgp .*\(LGPL-3\.0\+\)$/m)
  expect(licenses).toContain('Copyright (c) 2020 Jeremy Danyow')
  expect(licenses).toMatch(/GNU GENERAL PUBLIC LICENSE\n +Version 3/)

  // What a browser loads before it needs OpenPGP.
  const first = ['index.html', ...own.map((path) => path.slice(2))]
  const zipped = first.map((path) => gzipSync(built.get(path) ?? '').length)
  expect(zipped.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000)
})

it('is where the package says, with headers that say no more than the page itself', () => {
  expect(relative(join(import.meta.dirname, '..'), pageDirectory)).toBe(join('dist', 'page'))
  expect(pageHeaders['content-security-policy']).toBe(`${pagePolicy}; frame-ancestors 'none'`)
  expect(Object.keys(pageHeaders).every((name) => name === name.toLowerCase())).toBe(true)
})
