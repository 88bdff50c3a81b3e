import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { temporaryDirectory } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkLog,
  createLog,
  type Log,
  type LogOptions,
  openLog,
  openLogReader,
  TlogError,
} from '../src/index.ts'
import { interceptedFileSystem, type Operation, systemError } from './support/faults.ts'
import { bytesOf, naiveRoot, randomNumbers, type Signed, testLog } from './support/logs.ts'
import { MemoryFileSystem, type Survival } from './support/memory-fs.ts'

/** A log in memory through its lives, and what was promised in all of them. */
interface History {
  readonly disk: MemoryFileSystem
  readonly options: LogOptions
  readonly signed: Signed[]
  /** By index, the text of each acknowledged entry. */
  readonly acknowledged: Map<bigint, string>
  /** Every text that was ever given to the log. */
  readonly given: Set<string>
}

function newHistory(): History {
  const directory = temporaryDirectory()
  const disk = new MemoryFileSystem(directory)
  const { options, signed } = testLog(directory, disk)
  // Only the lock is on the real disk.
  mkdirSync(options.stateDirectory, { recursive: true })
  return { disk, options, signed, acknowledged: new Map(), given: new Set() }
}

async function appendAll(history: History, log: Log, texts: readonly string[]): Promise<void> {
  const results = texts.map(async (text) => {
    history.given.add(text)
    const { index, checkpoint } = await log.append(bytesOf(text))
    history.acknowledged.set(index, text)
    expect(BigInt(checkpoint.split('\n')[1] ?? '')).toBeGreaterThan(index)
  })
  const failed = (await Promise.allSettled(results)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

async function openOrCreate(options: LogOptions): Promise<Log> {
  try {
    return await openLog(options)
  } catch (error) {
    if (error instanceof TlogError && error.code === 'LOG_NOT_FOUND') return createLog(options)
    throw error
  }
}

/** The same roots come again and again; each is computed once, by the definition. */
const expectedRoots = new Map<string, string>()

function expectedRoot(texts: readonly string[]): string {
  const key = texts.join('\n')
  const root = expectedRoots.get(key) ?? encodeHex(naiveRoot(texts.map(bytesOf)))
  expectedRoots.set(key, root)
  return root
}

/**
 * What must hold whatever happened: acknowledged entries are where they were said to be, and all
 * that was ever signed, published or not, is one history.
 */
async function expectSound(history: History): Promise<void> {
  const { options, signed, acknowledged, given } = history
  const entries: Uint8Array[] = []
  for await (const { entry } of (await openLogReader(options)).entries()) entries.push(entry)
  for (const [index, text] of acknowledged) {
    expect(entries[Number(index)], `entry ${index}`).toEqual(bytesOf(text))
  }
  const texts = entries.map((entry) => new TextDecoder().decode(entry))
  expect(new Set(texts).size).toBe(texts.length)
  expect(texts.filter((text) => !given.has(text))).toEqual([])
  for (const { size, root } of signed) {
    expect(size).toBeLessThanOrEqual(BigInt(entries.length))
    expect(root).toBe(expectedRoot(texts.slice(0, Number(size))))
  }
  expect((await checkLog(options)).problems).toEqual([])
}

/** The next life: opens the log, adds to it, and looks at everything. */
async function expectAlive(history: History, text: string): Promise<void> {
  const log = await openOrCreate(history.options)
  await appendAll(history, log, [text])
  await log.close()
  await expectSound(history)
}

function texts(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix} ${i}`)
}

/** Batches that begin a tree, nearly fill its first tile, go beyond it, and add one more. */
const batches = [texts('first', 3), texts('second', 250), texts('third', 5), texts('fourth', 1)]

/** The same without a full tile, which takes much less time. */
const smallBatches = [texts('first', 3), texts('second', 2), texts('third', 1)]

/** What the first batch that fails says. */
async function firstFailure(history: History, log: Log): Promise<unknown> {
  for (const batch of smallBatches) {
    const [result] = await Promise.allSettled([appendAll(history, log, batch)])
    if (result.status === 'rejected') return result.reason
  }
  return undefined
}

async function live(
  history: History,
  options: LogOptions,
  lifeBatches: readonly (readonly string[])[] = batches,
): Promise<void> {
  const log = await openOrCreate(options)
  try {
    for (const batch of lifeBatches) await appendAll(history, log, batch)
  } finally {
    await log.close()
  }
}

class PowerCut extends Error {}

/** Options whose file system does nothing any more after `operations` operations. */
function dyingAfter(history: History, operations: number): LogOptions {
  const fileSystem = interceptedFileSystem(history.disk, async ({ number }, act) => {
    if (number >= operations) throw new PowerCut()
    await act()
  })
  return { ...history.options, fileSystem }
}

async function operationsOf(lifeBatches: readonly (readonly string[])[]): Promise<Operation[]> {
  const history = newHistory()
  const operations: Operation[] = []
  const fileSystem = interceptedFileSystem(history.disk, async (operation, act) => {
    operations.push(operation)
    await act()
  })
  await live(history, { ...history.options, fileSystem }, lifeBatches)
  await expectSound(history)
  return operations
}

const survivals: Record<string, (seed: number) => Survival> = {
  'loses all that was not synced': () => () => 'synced',
  'keeps all that was written': () => () => 'written',
  'keeps some of what was written': (seed) => {
    const random = randomNumbers(seed)
    return () => (random(2) === 0 ? 'synced' : 'written')
  },
}

describe('a power cut after any operation', () => {
  for (const [name, survivalOf] of Object.entries(survivals)) {
    it(`loses no acknowledged entry and forks nothing when it ${name}`, async () => {
      const { length } = await operationsOf(batches)
      expect(length).toBeGreaterThan(60)
      for (let operations = 0; operations < length; operations += 1) {
        const history = newHistory()
        await live(history, dyingAfter(history, operations)).catch(() => undefined)
        history.disk.crash(survivalOf(operations))
        await expectAlive(history, 'after the cut').catch((error) => {
          throw new Error(`after ${operations} operations`, { cause: error })
        })
        rmSync(join(history.options.stateDirectory, '..'), { recursive: true })
      }
    })
  }

  it('may follow a kill, whose writes were only in memory', async () => {
    const { length } = await operationsOf([['a'], ['b']])
    for (let killedAfter = 1; killedAfter < length; killedAfter += 1) {
      // The next life opens the log and adds a batch, cut off at every third of its operations.
      for (let cutAfter = 1 + (killedAfter % 3); cutAfter < 60; cutAfter += 3) {
        const history = newHistory()
        const killed = dyingAfter(history, killedAfter)
        await live(history, killed, [['a'], ['b']]).catch(() => undefined)
        const ended = await live(history, dyingAfter(history, cutAfter), [['next']]).then(
          () => true,
          () => false,
        )
        history.disk.crash(() => 'synced')
        await expectAlive(history, 'after the cut').catch((error) => {
          throw new Error(`killed after ${killedAfter}, cut after ${cutAfter}`, { cause: error })
        })
        rmSync(join(history.options.stateDirectory, '..'), { recursive: true })
        if (ended) break
      }
    }
  })

  it('leaves a batch that was signed staged, also where there was no stage before', async () => {
    for (let operations = 0; operations < 60; operations += 1) {
      const history = newHistory()
      await live(history, history.options, [['a'], ['b']])
      history.disk.remove(join(history.options.stateDirectory, 'stage'))
      const dying = dyingAfter(history, operations)
      await live(history, dying, [['c'], ['d']]).catch(() => undefined)
      history.disk.crash(() => 'synced')
      await expectAlive(history, 'after the cut')
      rmSync(join(history.options.stateDirectory, '..'), { recursive: true })
    }
  })

  it('is survived again and again, also while the log recovers', async () => {
    const cut = fc.record({
      operations: fc.nat(60),
      seed: fc.nat(),
      counts: fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 6 }), async (cuts) => {
        const history = newHistory()
        for (const [life, { operations, seed, counts }] of cuts.entries()) {
          const random = randomNumbers(seed)
          try {
            const log = await openOrCreate(dyingAfter(history, operations))
            try {
              for (const [batch, count] of counts.entries()) {
                await appendAll(history, log, texts(`life ${life} batch ${batch}`, count))
              }
            } finally {
              await log.close()
            }
          } catch {
            // This life ended; the next one begins on what is left.
          }
          history.disk.crash(() => (random(2) === 0 ? 'synced' : 'written'))
        }
        await expectAlive(history, 'at the end')
        rmSync(join(history.options.stateDirectory, '..'), { recursive: true })
      }),
    )
  })
})

/** Whether this is done to the stage, or to the state before it. */
function isOfState({ name, path }: Operation, ...names: readonly Operation['name'][]): boolean {
  return names.includes(name) && /\/state\/(?:stage|checkpoint)$/.test(path)
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
    const operations = await operationsOf(smallBatches)
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
      const log = await openOrCreate({ ...history.options, fileSystem }).catch(() => undefined)
      const failure = log === undefined ? undefined : await firstFailure(history, log)
      const where = `${target.name} ${target.path}`
      if (log !== undefined && failure !== undefined) {
        const isStaged = !isOfState(target, 'create', 'read', 'write')
        const isNoSpace = code === 'ENOSPC' && !isStaged
        expect(failure, where).toMatchObject({ code: isNoSpace ? 'LOG_NO_SPACE' : 'LOG_FAILED' })
        expect(String(failure), where).toContain(code)
        usesAfterwards = 0
        if (isNoSpace) {
          await appendAll(history, log, ['there is space again'])
        } else {
          await expect(log.append(bytesOf('later'))).rejects.toMatchObject({ code: 'LOG_FAILED' })
          expect(usesAfterwards, where).toBe(0)
        }
      }
      await log?.close()
      // Opened again in the same system, then after a power cut.
      await expectAlive(history, 'opened again')
      history.disk.crash(() => 'synced')
      await expectAlive(history, 'after a power cut')
      rmSync(join(history.options.stateDirectory, '..'), { recursive: true })
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
    const log = await createLog({ ...history.options, fileSystem })
    await appendAll(history, log, ['before'])
    isFull = true
    await expect(log.append(bytesOf('refused'))).rejects.toMatchObject({
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
      if (isFull && name === 'write' && !path.endsWith('stage')) throw systemError('ENOSPC')
      await act()
    })
    const options = { ...history.options, fileSystem }
    const log = await createLog(options)
    isFull = true
    history.given.add('staged')
    await expect(log.append(bytesOf('staged'))).rejects.toMatchObject({ code: 'LOG_FAILED' })
    await log.close()
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_NO_SPACE' })
    isFull = false
    const again = await openLog(options)
    expect(await again.entry(0n)).toEqual(bytesOf('staged'))
    await again.close()
    await expectSound(history)
  })
})

describe('a signer that fails', () => {
  it('closes the log; the batch is signed when it is opened again', async () => {
    const history = newHistory()
    await (await createLog(history.options)).close()
    const [signer] = history.options.signers
    if (signer === undefined) throw new Error('no signer')
    const broken = {
      name: signer.name,
      keyId: signer.keyId,
      sign: () => Promise.reject('unplugged'),
    }
    const log = await openLog({ ...history.options, signers: [broken] })
    history.given.add('staged')
    const waiting = [log.append(bytesOf('staged'))]
    await expect(waiting[0]).rejects.toMatchObject({
      code: 'LOG_FAILED',
      message: expect.stringContaining('unplugged'),
    })
    await log.close()
    const again = await openLog(history.options)
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
    const log = await createLog({ ...history.options, fileSystem })
    isBroken = true
    const results = await Promise.allSettled(
      Array.from({ length: 600 }, (_, i) => log.append(bytesOf(`${i}`))),
    )
    expect(results.map((result) => result.status === 'rejected' && result.reason.code)).toEqual(
      results.map(() => 'LOG_FAILED'),
    )
    await log.close()
  })
})
