import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createLog, type LogStorage, memoryStorage, openLog, TlogError } from '../src/index.ts'
import { bytesOf, naiveRoot, origin, recordingKey } from './support/logs.ts'
import { keyOf, optionsFor } from './support/storage-conformance.ts'

/** A storage whose next group is staged only after `gate`. */
function gatedStage(storage: LogStorage, gate: () => Promise<void>): LogStorage {
  const { stage } = storage
  const append: typeof stage.append = async (...group) => {
    await gate()
    await stage.append(...group)
  }
  return { ...storage, stage: { ...stage, append } }
}

describe('a log that failed while entries were being staged', () => {
  it.each(['signer', 'lock'] as const)('signs nothing more (%s)', async (what) => {
    const { signer, verifier, signed } = recordingKey()
    const storage = memoryStorage()
    const failing = Promise.withResolvers<void>()
    let isFailing = false
    const fail = (): void => {
      if (!isFailing) return
      isFailing = false
      failing.resolve()
      throw new Error('once')
    }
    let gate = async (): Promise<void> => undefined
    const { lock } = storage
    const log = await createLog({
      storage: {
        ...gatedStage(storage, () => gate()),
        lock: {
          ...lock,
          async replace(expected, next) {
            if (what === 'lock') fail()
            return lock.replace(expected, next)
          },
        },
      },
      origin,
      verifiers: [verifier],
      signers: [
        {
          ...signer,
          sign(text) {
            if (what === 'signer') fail()
            return signer.sign(text)
          },
        },
      ],
    })
    await log.add(bytesOf('0')).published
    isFailing = true
    // Its checkpoint fails only once the next group is on its way to the stage.
    gate = async () => {
      gate = async () => {
        await failing.promise
        await delay(0)
      }
    }
    const first = ['1', '2'].map((text) => log.add(bytesOf(text)))
    await Promise.all(first.map(({ sequenced }) => sequenced))
    const second = log.add(bytesOf('3'))
    const failed = { code: 'LOG_FAILED' }
    await expect(first[0]?.published).rejects.toMatchObject(failed)
    await expect(second.published).rejects.toMatchObject(failed)
    expect(await second.sequenced).toMatchObject({ index: 3n })
    await expect(log.publish()).rejects.toMatchObject(failed)
    await log.close()
    const again = await openLog({ storage, origin, signers: [signer], verifiers: [verifier] })
    const entries = ['0', '1', '2', '3'].map(bytesOf)
    const found: Uint8Array[] = []
    for await (const { entry } of again.entries()) found.push(entry)
    expect(found).toEqual(entries)
    for (const { size, root } of signed) {
      expect(root).toBe(Buffer.from(naiveRoot(entries.slice(0, Number(size)))).toString('hex'))
    }
    await again.close()
  })
})

describe('keys that can not be looked up', () => {
  it('fail the entries that were to be', async () => {
    const storage = memoryStorage()
    let isBroken = false
    const find: typeof storage.keys.find = async (key) => {
      if (isBroken) throw new Error('broken')
      return storage.keys.find(key)
    }
    const log = await createLog({
      ...optionsFor({ ...storage, keys: { ...storage.keys, find } }),
      dedupeKeyOf: keyOf,
    })
    await log.add(bytesOf('a=1')).published
    isBroken = true
    const batch = ['b=1', 'a=1', 'c'].map((text) => log.add(bytesOf(text)))
    for (const { sequenced, published } of batch) {
      await expect(sequenced).rejects.toMatchObject({ code: 'LOG_FAILED' })
      await expect(published).rejects.toMatchObject({ code: 'LOG_FAILED' })
    }
    await log.close()
  })
})

describe('publishing', () => {
  it('does not wait for what is added later', async () => {
    let count = 0
    const log = await createLog(
      optionsFor(
        gatedStage(memoryStorage(), async () => {
          count += 1
          // There is always something that waits.
          if (count < 1000) log.add(bytesOf(`${count}`))
          await delay(0)
        }),
      ),
    )
    log.add(bytesOf('first'))
    expect((await log.publish()).size).toBeGreaterThanOrEqual(1n)
    expect(count).toBeLessThan(1000)
    count = 1000
    await log.close()
  })

  it('covers all that was added before, in however many checkpoints', async () => {
    const log = await createLog({ ...optionsFor(memoryStorage()), integrationDelayMs: 60_000 })
    const added = Array.from({ length: 9000 }, (_, i) => log.add(bytesOf(`${i}`)))
    const { size } = await log.publish()
    expect(size).toBe(9000n)
    await Promise.all(added.map(({ sequenced }) => sequenced))
    await log.close()
  })
})

describe('a witness that knows more than was signed when a log was opened', () => {
  it('is right where another writer has added to it since', async () => {
    const storage = memoryStorage()
    const writer = await createLog(optionsFor(storage))
    let asked = 0
    const cosign = async (checkpoint: string): Promise<string> => {
      asked += 1
      if (asked > 1) return checkpoint
      await writer.add(bytesOf('a')).published
      await writer.close()
      throw new TlogError('LOG_STATE_BEHIND', 'the witness has 1 entry')
    }
    const log = await openLog({ ...optionsFor(storage), cosign })
    expect((await log.add(bytesOf('b')).published).index).toBe(1n)
    await log.close()
  })

  it('shows an older state where nobody has', async () => {
    const storage = memoryStorage()
    await (await createLog(optionsFor(storage))).close()
    const cosign = async (): Promise<string> => {
      throw new TlogError('LOG_STATE_BEHIND', 'the witness has 1 entry')
    }
    await expect(openLog({ ...optionsFor(storage), cosign })).rejects.toMatchObject({
      code: 'LOG_STATE_BEHIND',
    })
  })
})
