import { describe, expect, it } from 'vitest'
import type { Log } from '../src/index.ts'
import { interceptedFileSystem, type Operation, systemError } from './support/faults.ts'
import {
  addOverlapping,
  appendAll,
  expectAlive,
  expectSound,
  type History,
  losesAll,
  newHistory,
  openOrCreate,
  operationsOf,
  texts,
} from './support/history.ts'
import { bytesOf } from './support/logs.ts'

const batches = [texts('first', 3), texts('second', 1)]

/** What the first batch that fails says. */
async function firstFailure(history: History, log: Log): Promise<unknown> {
  for (const batch of batches) {
    const [result] = await Promise.allSettled([appendAll(history, log, batch)])
    if (result.status === 'rejected') return result.reason
  }
  return undefined
}

/** Whether this may find the disk full before anything is staged. */
function mayRefuse({ name, path }: Operation): boolean {
  return ['create', 'makeDirectory', 'write'].includes(name) && /\/state\/stage(?:\/|$)/.test(path)
}

type Fault = (act: (share?: number) => Promise<unknown>, code: string) => Promise<void>

const faults: Record<string, Fault> = {
  'and does nothing': async (_, code) => {
    throw systemError(code)
  },
  'after it was done': async (act, code) => {
    await act()
    throw systemError(code)
  },
  'half done': async (act, code) => {
    await act(0.5)
    throw systemError(code)
  },
}

describe.each(['EIO', 'ENOSPC'])('%s at any operation', (code) => {
  it.each(Object.keys(faults))('that fails %s loses nothing and closes the log', async (name) => {
    const operations = await operationsOf(batches)
    for (const target of operations) {
      if (name === 'half done' && target.name !== 'write') continue
      const history = newHistory()
      let isBroken = false
      let usesAfterwards = 0
      const fileSystem = interceptedFileSystem(history.disk, async ({ number, name: op }, act) => {
        if (isBroken && op !== 'close') usesAfterwards += 1
        if (number !== target.number) return act()
        isBroken = true
        return faults[name]?.(act, code)
      })
      const log = await openOrCreate(history, fileSystem).catch(() => undefined)
      const failure = log === undefined ? undefined : await firstFailure(history, log)
      const where = `${target.name} ${target.path}`
      if (log !== undefined && failure !== undefined) {
        const isNoSpace = code === 'ENOSPC' && mayRefuse(target)
        expect(failure, where).toMatchObject({ code: isNoSpace ? 'LOG_NO_SPACE' : 'LOG_FAILED' })
        expect(String(failure), where).toContain(code)
        usesAfterwards = 0
        if (isNoSpace) {
          await appendAll(history, log, ['there is space again'])
        } else {
          await expect(log.add(bytesOf('later')).published).rejects.toMatchObject({
            code: 'LOG_FAILED',
          })
          expect(usesAfterwards, where).toBe(0)
        }
      }
      await log?.close()
      // Opened again in the same system, then after a power cut.
      await expectAlive(history, 'opened again')
      history.disk.crash(losesAll)
      await expectAlive(history, 'after a power cut')
    }
  })
})

describe.each(['EIO', 'ENOSPC'])('%s while other entries are under way', (code) => {
  it.each(Object.keys(faults))('that comes %s loses nothing and forks nothing', async (name) => {
    let count = Number.MAX_SAFE_INTEGER
    for (let target = 0; target < count; target += 1) {
      const history = newHistory()
      await (await openOrCreate(history)).close()
      let number = 0
      const fileSystem = interceptedFileSystem(history.disk, async ({ name: op }, act) => {
        number += 1
        const isHere = number === target && (name !== 'half done' || op === 'write')
        return isHere ? faults[name]?.(act, code) : act()
      })
      const log = await openOrCreate(history, fileSystem).catch(() => undefined)
      if (log !== undefined) await addOverlapping(history, log)
      await log?.close()
      // The first is without a fault, and says how many operations there are.
      if (target === 0) count = number
      await expectAlive(history, 'opened again')
      history.disk.crash(losesAll)
      await expectAlive(history, 'after a power cut')
    }
  })
})

describe('a disk without space', () => {
  it('says so, takes nothing, and goes on once there is some', async () => {
    const history = newHistory()
    let isFull = false
    const fileSystem = interceptedFileSystem(history.disk, async ({ name }, act) => {
      if (isFull && name === 'write') {
        await act(0.3)
        throw systemError('ENOSPC')
      }
      await act()
    })
    const log = await openOrCreate(history, fileSystem)
    await appendAll(history, log, ['before'])
    isFull = true
    await expect(log.add(bytesOf('refused')).published).rejects.toMatchObject({
      code: 'LOG_NO_SPACE',
      message: expect.stringContaining('free some'),
    })
    isFull = false
    await appendAll(history, log, ['after'])
    await log.close()
    expect(history.acknowledged).toEqual(
      new Map([
        [0n, 'before'],
        [1n, 'after'],
      ]),
    )
    await expectSound(history)
  })

  it('keeps a log closed that has to end a batch first', async () => {
    const history = newHistory()
    let isFull = false
    const fileSystem = interceptedFileSystem(history.disk, async ({ name, path }, act) => {
      if (isFull && name === 'write' && !path.includes('/stage/')) throw systemError('ENOSPC')
      await act()
    })
    const log = await openOrCreate(history, fileSystem)
    isFull = true
    history.given.add('staged')
    await expect(log.add(bytesOf('staged')).published).rejects.toMatchObject({ code: 'LOG_FAILED' })
    await log.close()
    await expect(openOrCreate(history, fileSystem)).rejects.toMatchObject({ code: 'LOG_NO_SPACE' })
    isFull = false
    const again = await openOrCreate(history, fileSystem)
    expect(await again.entry(0n)).toEqual(bytesOf('staged'))
    await again.close()
    await expectSound(history)
  })
})

describe('a signer that fails', () => {
  it('closes the log; the batch is signed when it is opened again', async () => {
    const history = newHistory()
    await (await openOrCreate(history)).close()
    const [signer] = history.options.signers
    if (signer === undefined) throw new Error('no signer')
    const broken = {
      name: signer.name,
      keyId: signer.keyId,
      sign: () => Promise.reject('unplugged'),
    }
    const log = await openOrCreate({
      ...history,
      options: { ...history.options, signers: [broken] },
    })
    history.given.add('staged')
    const waiting = [log.add(bytesOf('staged')).published]
    await expect(waiting[0]).rejects.toMatchObject({
      code: 'LOG_FAILED',
      message: expect.stringContaining('unplugged'),
    })
    await log.close()
    const again = await openOrCreate(history)
    expect(await again.entry(0n)).toEqual(bytesOf('staged'))
    await again.close()
    await expectSound(history)
  })

  it('fails the entries that wait behind it too', async () => {
    const history = newHistory()
    let isBroken = false
    const fileSystem = interceptedFileSystem(history.disk, async ({ name }, act) => {
      if (isBroken && name === 'sync') throw systemError('EIO')
      await act()
    })
    const log = await openOrCreate(history, fileSystem)
    isBroken = true
    const results = await Promise.allSettled(
      Array.from({ length: 600 }, (_, i) => log.add(bytesOf(`${i}`)).published),
    )
    expect(results.map((result) => result.status === 'rejected' && result.reason.code)).toEqual(
      results.map(() => 'LOG_FAILED'),
    )
    await log.close()
  })
})
