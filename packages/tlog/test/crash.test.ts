import { propertyParameters } from '@vaultmesh/testing'
import fc from 'fast-check'
import { beforeAll, describe, it } from 'vitest'
import { interceptedFileSystem } from './support/faults.ts'
import {
  addOverlapping,
  appendAll,
  branch,
  dyingAfter,
  expectAlive,
  isLong,
  live,
  losesAll,
  newHistory,
  openOrCreate,
  operationsOf,
  texts,
} from './support/history.ts'
import { randomNumbers } from './support/logs.ts'
import type { Choose } from './support/memory-fs.ts'

/** What a life begins with, so that its first batch fills the first tile. */
const before = [texts('before', 253)]

/** Batches that fill a tile, go beyond it, and add one more. */
const batches = [texts('first', 5), texts('second', 1)]

/** A log with entries, the same every time. */
const beginning = newHistory()

beforeAll(async () => {
  await live(beginning, beginning.disk, before)
})

const survivals: Record<string, (seed: number) => Choose> = {
  'loses all that was not synced': () => losesAll,
  'keeps all that was written': () => (options) => options - 1,
  'keeps some of what was written': (seed) => randomNumbers(seed),
}

describe('a power cut after any operation', () => {
  for (const [name, survivalOf] of Object.entries(survivals)) {
    it(`loses no acknowledged entry and forks nothing when it ${name}`, async () => {
      let hasEnded = false
      for (let operations = 0; !hasEnded; operations += 1) {
        const history = branch(beginning, beginning.disk.afterCrash(losesAll))
        const dying = dyingAfter(history.disk, operations)
        hasEnded = await live(history, dying, batches).then(
          () => true,
          () => false,
        )
        history.disk.crash(survivalOf(operations))
        await expectAlive(history, 'after the cut').catch((error) => {
          throw new Error(`after ${operations} operations`, { cause: error })
        })
      }
    })
  }

  it.each(Object.entries(survivals))(
    'may come while entries are under way to each of the steps, and %s',
    async (_, survivalOf) => {
      for (let operations = 0, hasEnded = false; !hasEnded; operations += 1) {
        const history = newHistory()
        await (await openOrCreate(history)).close()
        let count = 0
        const dying = interceptedFileSystem(
          dyingAfter(history.disk, operations),
          async (_, act) => {
            count += 1
            await act()
          },
        )
        const log = await openOrCreate(history, dying).catch(() => undefined)
        if (log !== undefined) await addOverlapping(history, log)
        await log?.close()
        hasEnded = count <= operations
        history.disk.crash(survivalOf(operations))
        await expectAlive(history, 'after the cut').catch((error) => {
          throw new Error(`after ${operations} operations`, { cause: error })
        })
      }
    },
  )

  const { seed } = propertyParameters(process.env)
  const stride = isLong ? 3 : 23

  it(`may follow a kill, whose writes were only in memory (seed ${seed})`, async () => {
    const offset = randomNumbers(seed)(stride)
    const { length } = await operationsOf([['a'], ['b']])
    for (let killedAfter = 1; killedAfter < length; killedAfter += 1) {
      // The next life opens the log and adds a batch, cut off at some of its operations.
      for (let cutAfter = 1 + ((killedAfter + offset) % stride); ; cutAfter += stride) {
        const history = newHistory()
        const killed = dyingAfter(history.disk, killedAfter)
        await live(history, killed, [['a'], ['b']]).catch(() => undefined)
        const ended = await live(history, dyingAfter(history.disk, cutAfter), [['next']]).then(
          () => true,
          () => false,
        )
        history.disk.crash(losesAll)
        await expectAlive(history, 'after the cut').catch((error) => {
          throw new Error(`killed after ${killedAfter}, cut after ${cutAfter}`, { cause: error })
        })
        if (ended) break
      }
    }
  })

  it('leaves a batch that was signed staged, also where there was no stage before', async () => {
    for (let operations = 0; operations < 60; operations += 1) {
      const history = newHistory()
      await live(history, history.disk, [['a'], ['b']])
      history.disk.lose('/var/state/stage')
      const dying = dyingAfter(history.disk, operations)
      await live(history, dying, [['c'], ['d']]).catch(() => undefined)
      history.disk.crash(losesAll)
      await expectAlive(history, 'after the cut')
    }
  })

  it('is survived again and again, also while the log recovers', async () => {
    const cut = fc.record({
      operations: fc.nat(60),
      seed: fc.nat(),
      counts: fc.array(fc.constantFrom(1, 2, 30, 257), { maxLength: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { minLength: 1, maxLength: 6 }), async (cuts) => {
        const history = newHistory()
        for (const [life, { operations, seed, counts }] of cuts.entries()) {
          const random = randomNumbers(seed)
          try {
            const log = await openOrCreate(history, dyingAfter(history.disk, operations))
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
          history.disk.crash(random)
        }
        await expectAlive(history, 'at the end')
      }),
    )
  })
})
