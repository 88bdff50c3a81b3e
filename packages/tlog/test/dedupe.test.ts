import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { createLog, type Log, type LogOptions, memoryStorage, openLog } from '../src/index.ts'
import { bytesOf, testLog } from './support/logs.ts'
import { expectRepeated, keyOf, optionsFor } from './support/storage-conformance.ts'

async function keyedLog(): Promise<{ log: Log; options: LogOptions }> {
  const options = { ...testLog(temporaryDirectory()).options, dedupeKeyOf: keyOf }
  return { log: await createLog(options), options }
}

describe('an entry with a key', () => {
  it('is added once, however often and however close together it comes', async () => {
    const { log } = await keyedLog()
    const additions = Array.from({ length: 5 }, () => log.add(bytesOf('a=1')))
    const results = await Promise.all(additions.map(({ published }) => published))
    expect(results.map(({ index }) => index)).toEqual([0n, 0n, 0n, 0n, 0n])
    expect(results.map(({ isRepeated }) => isRepeated)).toEqual([false, true, true, true, true])
    await expectRepeated(log, 'a=1', 0n, true)
    expect((await log.head()).size).toBe(1n)
    await log.close()
  })

  it('conflicts with other content, also of an entry that is on its way', async () => {
    const { log } = await keyedLog()
    const [first, other] = [log.add(bytesOf('a=1')), log.add(bytesOf('a=2'))]
    await expect(other.sequenced).rejects.toMatchObject({ code: 'LOG_CONFLICT' })
    await first.published
    await expect(log.add(bytesOf('a=3')).published).rejects.toMatchObject({ code: 'LOG_CONFLICT' })
    expect((await log.add(bytesOf('b=1')).published).index).toBe(1n)
    await log.close()
  })

  it('compares the whole entry where the key says nothing of the content', async () => {
    const log = await createLog({
      ...optionsFor(memoryStorage()),
      dedupeKeyOf: (entry) => ({ key: String(entry[0]) }),
    })
    await expectRepeated(log, 'abc', 0n, false)
    await expectRepeated(log, 'abc', 0n, true)
    await expect(log.add(bytesOf('abd')).published).rejects.toMatchObject({ code: 'LOG_CONFLICT' })
    await log.close()
  })

  it('is added again after the disk was full', async () => {
    const storage = memoryStorage()
    const { stage } = storage
    let isFull = false
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' })
    const append: typeof stage.append = async (...entries) => {
      const { toTlogError } = await import('../src/errors.ts')
      if (isFull) throw toTlogError(full, 'staging')
      await stage.append(...entries)
    }
    const log = await createLog({
      ...optionsFor({ ...storage, stage: { ...stage, append } }),
      dedupeKeyOf: keyOf,
    })
    isFull = true
    await expect(log.add(bytesOf('a=1')).published).rejects.toMatchObject({ code: 'LOG_NO_SPACE' })
    isFull = false
    await expectRepeated(log, 'a=1', 0n, false)
    await log.close()
  })

  it('has the key that its caller means', async () => {
    const { log } = await keyedLog()
    const add = (dedupeKey: string) => log.add(bytesOf('a=1'), { dedupeKey }).published
    expect((await add('a')).index).toBe(0n)
    await expect(add('b')).rejects.toMatchObject({ code: 'LOG_OPTIONS' })
    await log.close()
    const keyless = await createLog(optionsFor(memoryStorage()))
    await expect(keyless.add(bytesOf('a=1'), { dedupeKey: 'a' }).published).rejects.toMatchObject({
      code: 'LOG_OPTIONS',
      message: expect.stringContaining('dedupeKeyOf'),
    })
    await keyless.close()
  })

  it('is repeated also where it is not published yet', async () => {
    let isWithheld = true
    const log = await createLog({
      ...optionsFor(memoryStorage()),
      dedupeKeyOf: keyOf,
      cosign: async (checkpoint) => {
        if (isWithheld) throw new Error('no witness')
        return checkpoint
      },
    })
    await expect(log.add(bytesOf('a=1')).published).rejects.toMatchObject({
      code: 'LOG_NOT_WITNESSED',
    })
    isWithheld = false
    await expectRepeated(log, 'a=1', 0n, true)
    expect((await log.head()).size).toBe(1n)
    await log.close()
  })
})

describe('the index of keys', () => {
  const texts = Array.from({ length: 300 }, (_, i) => `key ${i}=content`)

  async function filled(): Promise<LogOptions> {
    const { log, options } = await keyedLog()
    await Promise.all(texts.map((text) => log.add(bytesOf(text)).published))
    await log.close()
    return options
  }

  async function expectAllKnown(options: LogOptions): Promise<void> {
    const log = await openLog(options)
    for (const i of [0, 255, 256, 299]) await expectRepeated(log, texts[i] ?? '', BigInt(i), true)
    expect((await log.head()).size).toBe(300n)
    await log.close()
  }

  it('is rebuilt where it was lost, damaged, or is of no known version', async () => {
    const options = await filled()
    const path = join(options.stateDirectory, 'keys.sqlite')
    const remove = (): void => {
      for (const name of readdirSync(options.stateDirectory)) {
        if (name.startsWith('keys.sqlite')) rmSync(join(options.stateDirectory, name))
      }
    }
    await expectAllKnown(options)
    remove()
    await expectAllKnown(options)
    remove()
    writeFileSync(path, 'this is not a database, and quite long enough to see that')
    await expectAllKnown(options)
    const { openDatabase } = await import('../src/sqlite.ts')
    const database = openDatabase(path)
    database.exec('PRAGMA user_version = 99')
    database.close()
    await expectAllKnown(options)
  })

  it('is brought up to what was added without it', async () => {
    const options = await filled()
    const { dedupeKeyOf: _, ...without } = options
    const log = await openLog(without)
    await log.add(bytesOf('later=1')).published
    await log.close()
    const again = await openLog(options)
    await expectRepeated(again, 'later=1', 300n, true)
    await again.close()
  })

  it('of another log is not believed', async () => {
    const options = await filled()
    const other = await keyedLog()
    for (const text of ['x=1', 'key 299=content', 'y=1']) {
      await other.log.add(bytesOf(text)).published
    }
    await other.log.close()
    const source = join(other.options.stateDirectory, 'keys.sqlite')
    const { copyFileSync } = await import('node:fs')
    copyFileSync(source, join(options.stateDirectory, 'keys.sqlite'))
    await expectAllKnown(options)
  })

  it('that points to another entry is rebuilt when that shows', async () => {
    const options = await filled()
    const { openDatabase } = await import('../src/sqlite.ts')
    const database = openDatabase(join(options.stateDirectory, 'keys.sqlite'))
    database.exec("UPDATE keys SET entry = '7'")
    database.close()
    await expectAllKnown(options)
  })
})
