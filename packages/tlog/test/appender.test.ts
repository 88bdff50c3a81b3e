import { setTimeout as delay } from 'node:timers/promises'
import { ed25519NoteSigner, nodeEd25519NoteVerifier } from '@vaultmesh/merkle/node'
import { temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it, vi } from 'vitest'
import {
  type Addition,
  createLog,
  type LogOptions,
  type LogStorage,
  memoryStorage,
  openLog,
  type StepDone,
} from '../src/index.ts'
import { bytesOf, origin, recordingKey, testKey, testLog } from './support/logs.ts'
import { optionsFor } from './support/storage-conformance.ts'

/** A storage whose stage counts its groups, and syncs only when it is told to. */
function slowStage(storage: LogStorage): { storage: LogStorage; groups: number[]; go: () => void } {
  const groups: number[] = []
  let gate = Promise.withResolvers<void>()
  const { stage } = storage
  return {
    groups,
    go() {
      gate.resolve()
      gate = Promise.withResolvers()
    },
    storage: {
      ...storage,
      stage: {
        ...stage,
        async append(first, entries, base) {
          groups.push(entries.length)
          await gate.promise
          await stage.append(first, entries, base)
        },
      },
    },
  }
}

/** Lets everything run that can. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await delay(0)
}

async function stateOf(promise: Promise<unknown>): Promise<string> {
  const pending = Symbol('pending')
  const first = await Promise.race([promise, Promise.resolve(pending)]).catch(() => 'rejected')
  return first === pending ? 'pending' : first === 'rejected' ? 'rejected' : 'resolved'
}

describe('adding an entry', () => {
  it('resolves each promise when its step is done, and not before', async () => {
    const slow = slowStage(memoryStorage())
    const withheld = Promise.withResolvers<void>()
    const log = await createLog({
      ...optionsFor(slow.storage),
      cosign: async (checkpoint) => {
        await withheld.promise
        return checkpoint
      },
    })
    const { sequenced, integrated, published } = log.add(bytesOf('a'))
    await settled()
    expect(await stateOf(sequenced)).toBe('pending')
    slow.go()
    expect(await sequenced).toEqual({ index: 0n, isRepeated: false })
    expect((await integrated).checkpoint).toContain(`${origin}\n1\n`)
    expect(await stateOf(published)).toBe('pending')
    expect((await log.head()).size).toBe(0n)
    withheld.resolve()
    expect(await published).toEqual(await integrated)
    expect((await log.head()).size).toBe(1n)
    await log.close()
  })

  it('shares a group with all that came while one was staged', async () => {
    const slow = slowStage(memoryStorage())
    const log = await createLog(optionsFor(slow.storage))
    const additions: Addition[] = [log.add(bytesOf('first'))]
    await settled()
    for (let i = 0; i < 5000; i += 1) additions.push(log.add(bytesOf(`entry ${i}`)))
    for (let i = 0; i < 3; i += 1) {
      slow.go()
      await settled()
    }
    expect(slow.groups).toEqual([1, 4096, 904])
    const places = await Promise.all(additions.map(({ sequenced }) => sequenced))
    expect(places.map(({ index }) => index)).toEqual(places.map((_, i) => BigInt(i)))
    await log.close()
  })

  it('is integrated after a while though nobody waits for it, sooner where somebody does', async () => {
    const steps: string[] = []
    const note =
      (name: string) =>
      ({ count, size }: StepDone): void => {
        steps.push(`${name} ${count} ${size}`)
      }
    const options = {
      observer: {
        sequenced: note('sequenced'),
        integrated: note('integrated'),
        published: note('published'),
      },
    }
    const log = await createLog({
      ...optionsFor(memoryStorage()),
      ...options,
      integrationDelayMs: 2 ** 31 - 1,
    })
    await log.add(bytesOf('a')).sequenced
    await log.add(bytesOf('b')).sequenced
    await settled()
    expect(log.status()).toMatchObject({ sequenced: 2n, integrated: 0n, published: 0n, queued: 0 })
    expect((await log.add(bytesOf('c')).published).index).toBe(2n)
    expect(log.status()).toMatchObject({ sequenced: 3n, integrated: 3n, published: 3n })
    expect(log.status().publishedAgeMs).toBeGreaterThanOrEqual(0)
    expect(steps.filter((step) => !step.startsWith('sequenced'))).toEqual([
      'integrated 3 3',
      'published 3 3',
    ])
    await log.close()
    const soon = await createLog({ ...optionsFor(memoryStorage()), integrationDelayMs: 1 })
    await soon.add(bytesOf('a')).sequenced
    while (soon.status().published === 0n) await delay(1)
    await soon.close()
  })

  it('can be asked about later', async () => {
    const log = await createLog(optionsFor(memoryStorage()))
    const addition = log.add(bytesOf('a'))
    const first = await addition.published
    expect(await addition.sequenced).toMatchObject({ index: 0n })
    expect(await addition.integrated).toEqual(first)
    expect(addition.published).toBe(addition.published)
    await log.close()
  })

  it('is never an unhandled rejection, and stays rejected', async () => {
    const log = await createLog(optionsFor(memoryStorage()))
    await log.close()
    const { sequenced, integrated, published } = log.add(bytesOf('late'))
    const refused = log.add(new Uint8Array())
    log.add(new Uint8Array())
    await expect(log.publish()).rejects.toMatchObject({ code: 'LOG_CLOSED' })
    await settled()
    for (const promise of [sequenced, integrated, published]) {
      await expect(promise).rejects.toMatchObject({ code: 'LOG_CLOSED' })
    }
    await expect(refused.published).rejects.toMatchObject({ code: 'ENTRY_EMPTY' })
  })

  it('does not care for the clock of the system', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2030, 0) })
    const { options } = testLog(temporaryDirectory())
    const log = await createLog(options)
    await log.add(bytesOf('a')).published
    vi.setSystemTime(0)
    await log.add(bytesOf('b')).published
    expect(log.status().publishedAgeMs).toBeGreaterThanOrEqual(0)
    await log.close()
    const again = await openLog(options)
    expect((await again.add(bytesOf('c')).published).index).toBe(2n)
    await again.close()
    vi.useRealTimers()
  })

  it('goes on whatever an observer throws', async () => {
    const thrown = (): never => {
      throw new Error('no metrics')
    }
    const observer = { sequenced: thrown, integrated: thrown, published: thrown }
    const log = await createLog({ ...optionsFor(memoryStorage()), observer })
    await log.add(bytesOf('a')).published
    await log.close()
  })

  it.each([
    ['entries', 1, 9000, 8192n],
    ['bytes', 65_535, 600, 256n],
  ] as const)(
    'holds no more than so many %s that are not published',
    async (_, length, count, most) => {
      const slow = slowStage(memoryStorage())
      const withheld = Promise.withResolvers<void>()
      const log = await createLog({
        ...optionsFor(slow.storage),
        cosign: async (checkpoint) => {
          await withheld.promise
          return checkpoint
        },
      })
      const entry = new Uint8Array(length)
      for (let i = 0; i < count; i += 1) log.add(entry)
      for (let i = 0; i < 12; i += 1) {
        slow.go()
        await settled()
      }
      expect(log.status()).toMatchObject({ sequenced: most, published: 0n })
      withheld.resolve()
      let isClosed = false
      const closed = log.close().finally(() => {
        isClosed = true
      })
      while (!isClosed) {
        slow.go()
        await delay(0)
      }
      await closed
      expect(log.status()).toMatchObject({ published: BigInt(count), queued: 0 })
    },
  )
})

describe('a log that others write too', () => {
  it('refuses entries while another one has it for too long, and goes on afterwards', async () => {
    const storage = memoryStorage()
    const lock = { ...storage.lock, isShared: true }
    const log = await createLog(optionsFor({ ...storage, lock }))
    const held = await lock.acquire({ timeoutMs: 0 })
    const refused = log.add(bytesOf('a'))
    await expect(refused.published).rejects.toMatchObject({ code: 'LOG_LOCKED' })
    await expect(log.publish()).rejects.toMatchObject({ code: 'LOG_LOCKED' })
    await held.release()
    expect((await log.add(bytesOf('b')).published).index).toBe(0n)
    await log.close()
  })

  it('takes up what another one has added', async () => {
    const storage = memoryStorage()
    const shared = { ...storage, lock: { ...storage.lock, isShared: true } }
    const waits = { lockTimeoutMs: 60_000 }
    const one = await createLog({ ...optionsFor(shared), ...waits })
    const other = await openLog({ ...optionsFor(shared), ...waits })
    for (const [i, log] of [one, other, other, one, other].entries()) {
      expect((await log.add(bytesOf(`${i}`)).published).index).toBe(BigInt(i))
    }
    await one.close()
    await other.close()
  })

  it('takes no more once it can not be taken up', async () => {
    const storage = memoryStorage()
    const shared = { ...storage, lock: { ...storage.lock, isShared: true } }
    const log = await createLog(optionsFor(shared))
    const stored = await storage.lock.read()
    await storage.lock.replace(stored, bytesOf('not a checkpoint'))
    const state = { code: 'LOG_STATE_DAMAGED' }
    await expect(log.add(bytesOf('a')).published).rejects.toMatchObject(state)
    await expect(log.add(bytesOf('b')).published).rejects.toMatchObject({
      code: 'LOG_FAILED',
      cause: expect.objectContaining(state),
    })
    await log.close()
  })
})

describe('cosignatures', () => {
  it('are published with the checkpoint', async () => {
    const witness = ed25519NoteSigner('witness.example/one', testKey(5))
    const log = await createLog({
      ...optionsFor(memoryStorage()),
      cosign: async (checkpoint) => `${checkpoint}— ${witness.name} ${'A'.repeat(96)}\n`,
    })
    const { integrated, published } = log.add(bytesOf('a'))
    expect((await integrated).checkpoint).not.toContain('witness.example')
    expect((await published).checkpoint).toContain('witness.example')
    expect((await log.head()).checkpoint).toBe((await published).checkpoint)
    await log.close()
  })

  it('may be missing: the entry is in the log, and published with the next try', async () => {
    const { options } = testLog(temporaryDirectory())
    let isWithheld = true
    const cosign = async (checkpoint: string): Promise<string> => {
      if (isWithheld) throw new Error('no witness answers')
      return checkpoint
    }
    const log = await createLog({ ...options, cosign })
    const { integrated, published } = log.add(bytesOf('a'))
    expect((await integrated).index).toBe(0n)
    await expect(published).rejects.toMatchObject({
      code: 'LOG_NOT_WITNESSED',
      message: expect.stringContaining('no witness answers'),
    })
    await expect(log.publish()).rejects.toMatchObject({ code: 'LOG_NOT_WITNESSED' })
    await log.close()
    expect((await log.head()).size).toBe(0n)
    const again = await openLog({ ...options, cosign })
    expect(again.status()).toMatchObject({ integrated: 1n, published: 0n })
    const second = again.add(bytesOf('b'))
    await expect(second.published).rejects.toMatchObject({ code: 'LOG_NOT_WITNESSED' })
    isWithheld = false
    expect((await again.publish()).size).toBe(2n)
    expect((await again.add(bytesOf('c')).published).index).toBe(2n)
    await again.close()
    isWithheld = true
    const untouched = await openLog({ ...options, cosign })
    expect((await untouched.publish()).size).toBe(3n)
    await untouched.close()
  })

  it('must leave the checkpoint as it is', async () => {
    const other = recordingKey(origin, 3)
    const log = await createLog({
      ...optionsFor(memoryStorage()),
      cosign: async () => `${origin}\n1\n${'A'.repeat(43)}=\n\n— ${other.signer.name} AAAAAA==\n`,
    })
    await expect(log.add(bytesOf('a')).published).rejects.toMatchObject({
      code: 'LOG_FAILED',
      cause: expect.objectContaining({ code: 'LOG_SIGNER' }),
    })
    await log.close()
  })
})

describe('the keys of a log', () => {
  it('may change, with checkpoints signed by both in between', async () => {
    const { options: old, signed } = testLog(temporaryDirectory())
    const inner = ed25519NoteSigner(origin, testKey(2))
    const verifiers = [...old.verifiers, nodeEd25519NoteVerifier(inner.vkey)]
    const openWith = (change: Partial<LogOptions>) => openLog({ ...old, verifiers, ...change })
    const first = await createLog(old)
    await first.add(bytesOf('a')).published
    await first.close()
    const both = await openWith({ signers: [...old.signers, inner] })
    // Nothing changed, so nothing was signed.
    expect(signed.map(({ size }) => size)).toEqual([0n, 1n])
    expect((await both.add(bytesOf('b')).published).checkpoint.match(/^— /gm)).toHaveLength(2)
    await both.close()
    const next = await openWith({ signers: [inner] })
    expect((await next.add(bytesOf('c')).published).checkpoint.match(/^— /gm)).toHaveLength(1)
    await next.close()
    await expect(openLog(old)).rejects.toMatchObject({ code: 'LOG_STATE_DAMAGED' })
  })
})
