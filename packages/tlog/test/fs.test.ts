import { execFileSync } from 'node:child_process'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { makeDirectories } from '../src/durable.ts'
import { nodeFileSystem as fs } from '../src/index.ts'
import { bytesOf } from './support/logs.ts'

describe('the file system of this machine', () => {
  it('tells a missing file from one that can not be read', async () => {
    const directory = temporaryDirectory()
    const tooLong = join(directory, 'x'.repeat(300))
    writeFileSync(join(directory, 'file'), 'text')
    expect(await fs.read(join(directory, 'missing'), 10)).toBeUndefined()
    expect(await fs.read(join(directory, 'file', 'below'), 10)).toBeUndefined()
    await expect(fs.read(tooLong, 10)).rejects.toMatchObject({ code: 'ENAMETOOLONG' })
    expect(await fs.list(join(directory, 'missing'))).toEqual([])
    expect(await fs.list(join(directory, 'file'))).toEqual([])
    await expect(fs.list(tooLong)).rejects.toMatchObject({ code: 'ENAMETOOLONG' })
  })

  it('writes, replaces and lists', async () => {
    const directory = temporaryDirectory()
    const file = await fs.create(join(directory, 'a'))
    await file.write(bytesOf('some tea'), 0)
    await file.write(bytesOf('xt'), 7)
    await file.sync()
    await file.close()
    await fs.rename(join(directory, 'a'), join(directory, 'b'))
    expect(await fs.list(directory)).toEqual(['b'])
    expect(await fs.read(join(directory, 'b'), 9)).toEqual(bytesOf('some text'))
    await expect(fs.read(join(directory, 'b'), 8)).rejects.toThrow('more than the 8')
  })

  it('does not write through a link or into a pipe that somebody put there', async () => {
    const directory = temporaryDirectory()
    const [precious, link, pipe] = ['precious', 'link', 'pipe'].map((name) => join(directory, name))
    writeFileSync(precious ?? '', 'text')
    symlinkSync(precious ?? '', link ?? '')
    execFileSync('mkfifo', [pipe ?? ''])
    await expect(fs.create(link ?? '')).rejects.toMatchObject({ code: 'ELOOP' })
    await expect(fs.create(pipe ?? '')).rejects.toMatchObject({ code: 'ENXIO' })
    expect(readFileSync(precious ?? '', 'utf8')).toBe('text')
  })

  it('makes folders that are missing, and leaves those that are there', async () => {
    const directory = temporaryDirectory()
    const deep = join(directory, 'a/b/c')
    await makeDirectories(fs, deep)
    await makeDirectories(fs, deep)
    expect(await fs.list(join(directory, 'a/b'))).toEqual(['c'])
    writeFileSync(join(deep, 'file'), '')
    await expect(makeDirectories(fs, join(deep, 'file', 'below'))).rejects.toMatchObject({
      code: 'ENOTDIR',
    })
  })
})
