import { cpSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { createLog, inspectLog, type LogOptions, memoryStorage, openLog } from '../src/index.ts'
import { bytesOf, testLog } from './support/logs.ts'
import { optionsFor } from './support/storage-conformance.ts'

async function logOf(...texts: string[]): Promise<LogOptions> {
  const { options } = testLog(temporaryDirectory())
  const log = await createLog(options)
  for (const text of texts) await log.add(bytesOf(text)).published
  await log.close()
  return options
}

async function addTo(options: LogOptions, ...texts: string[]): Promise<void> {
  const log = await openLog(options)
  for (const text of texts) await log.add(bytesOf(text)).published
  await log.close()
}

function copyOf(directory: string): string {
  const copy = join(temporaryDirectory(), 'copy')
  cpSync(directory, copy, { recursive: true })
  return copy
}

/** Every file below a folder, with its bytes. */
function filesOf(directory: string): Record<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()
  const files = paths.filter((path) => statSync(join(directory, path)).isFile())
  return Object.fromEntries(files.map((path) => [path, readFileSync(join(directory, path), 'hex')]))
}

describe('inspecting a log', () => {
  it('says how far it is, also while a writer has it, and changes nothing', async () => {
    const options = await logOf('a', 'b')
    const before = [filesOf(options.directory), filesOf(options.stateDirectory)]
    const ended = { signed: 2n, published: 2n, isUnderWay: false }
    expect(await inspectLog(options)).toEqual(ended)
    expect([filesOf(options.directory), filesOf(options.stateDirectory)]).toEqual(before)
    const log = await openLog(options)
    expect(await inspectLog(options)).toEqual(ended)
    await log.close()
  })

  it('is not misled by a writer that goes on meanwhile', async () => {
    const storage = memoryStorage()
    const options = optionsFor(storage)
    const log = await createLog(options)
    let isRead = false
    const tiles: typeof storage.tiles = {
      ...storage.tiles,
      async read(path, limit) {
        // After what was signed last was read, and before what is published is.
        if (!isRead) await log.add(bytesOf('a')).published
        isRead = true
        return storage.tiles.read(path, limit)
      },
    }
    expect(await inspectLog({ ...options, storage: { ...storage, tiles } })).toEqual({
      signed: 1n,
      published: 1n,
      isUnderWay: false,
    })
    await log.close()
  })

  it('says that something is under way where the tree lacks what is staged', async () => {
    const options = await logOf('a')
    const older = copyOf(options.directory)
    await addTo(options, 'b')
    expect(await inspectLog({ ...options, directory: older })).toEqual({
      signed: 2n,
      published: 1n,
      isUnderWay: true,
    })
  })

  it.each([
    [
      'LOG_STATE_MISSING',
      (options: LogOptions) => rmSync(options.stateDirectory, { recursive: true }),
    ],
    [
      'LOG_NOT_FOUND',
      ({ directory, stateDirectory }: LogOptions) => {
        rmSync(stateDirectory, { recursive: true })
        rmSync(directory, { recursive: true })
      },
    ],
  ])('rejects with %s as opening does', async (code, change) => {
    const options = await logOf('a')
    change(options)
    await expect(inspectLog(options)).rejects.toMatchObject({ code })
    await expect(openLog(options)).rejects.toMatchObject({ code })
  })

  it('rejects where the state is older than the tree', async () => {
    const options = await logOf('a')
    const stateDirectory = copyOf(options.stateDirectory)
    await addTo(options, 'b')
    const restored = { ...options, stateDirectory }
    await expect(inspectLog(restored)).rejects.toMatchObject({ code: 'LOG_STATE_BEHIND' })
  })
})
