import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sourceFlags } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { areas } from '../src/cases/index.ts'
import { parseOptions } from '../src/options.ts'

const run = promisify(execFile)
const main = join(import.meta.dirname, '../src/main.ts')

describe('pnpm bench', () => {
  it('runs a case once on the sources, and writes no figures', async () => {
    const args = [...sourceFlags(), main, '--smoke', '--sources', 'merkle/verify']
    const { stdout, stderr } = await run(process.execPath, args)
    expect(stdout).toBe('')
    expect(stderr).toContain('1 passed, 0 failed, 0 skipped')
  })

  it('refuses what it does not know', async () => {
    const args = [...sourceFlags(), main, '--smoke', '--sources', 'nothing']
    await expect(run(process.execPath, args)).rejects.toMatchObject({
      code: 2,
      stderr: 'there is no area or case nothing\n',
    })
  })
})

describe('the options', () => {
  it('are read', () => {
    expect(parseOptions(['--', 'merkle', '--full', '--json', 'x'])).toMatchObject({
      wanted: ['merkle'],
      scale: 'full',
      json: 'x',
      sources: false,
    })
    expect(parseOptions([])).toMatchObject({ wanted: [], scale: 'normal' })
  })

  it('exclude each other where they must', () => {
    expect(() => parseOptions(['--smoke', '--full'])).toThrow('exclude')
    expect(() => parseOptions(['--quick'])).toThrow('--quick')
  })
})

it('cases are named by their area, each once', () => {
  const ids = Object.entries(areas).flatMap(([area, entries]) =>
    entries.map(({ id }) => {
      expect(id.startsWith(`${area}/`)).toBe(true)
      return id
    }),
  )
  expect(new Set(ids).size).toBe(ids.length)
})
