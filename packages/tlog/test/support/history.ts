/** Logs in memory through their lives, and what must hold whatever happened. */
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { expect } from 'vitest'
import type { FileSystem } from '../../src/fs.ts'
import {
  checkLog,
  createLog,
  type Log,
  type LogStorage,
  memoryStorage,
  openLog,
  openLogReader,
  type StorageOptions,
  TlogError,
} from '../../src/index.ts'
import { PosixLock } from '../../src/posix/lock.ts'
import { PosixStage } from '../../src/posix/stage.ts'
import { PosixTiles } from '../../src/posix/tiles.ts'
import { interceptedFileSystem, type Operation } from './faults.ts'
import { bytesOf, digestKey, naiveRoot, origin, type Signed } from './logs.ts'
import { type Choose, MemoryFileSystem } from './memory-fs.ts'

/** A log through its lives, and what was promised in all of them. */
export interface History {
  readonly disk: MemoryFileSystem
  readonly options: Omit<StorageOptions, 'storage'>
  readonly signed: Signed[]
  /** By index, the text of each entry that was acknowledged as sequenced. */
  readonly acknowledged: Map<bigint, string>
  /** The largest size that was acknowledged as published. */
  published: bigint
  /** Every text that was ever given to the log. */
  readonly given: Set<string>
}

/** A history of a log that is not there yet. */
export function newHistory(): History {
  const { signer, verifier, signed } = digestKey()
  const options = { origin, signers: [signer], verifiers: [verifier], integrationDelayMs: 0 }
  return {
    disk: new MemoryFileSystem(['srv', 'var']),
    options,
    signed,
    acknowledged: new Map(),
    published: 0n,
    given: new Set(),
  }
}

/** The same history, on another disk. What happens to one is not seen in the other. */
export function branch(history: History, disk: MemoryFileSystem): History {
  const { signer, verifier, signed } = digestKey()
  signed.push(...history.signed)
  return {
    disk,
    options: { ...history.options, signers: [signer], verifiers: [verifier] },
    signed,
    acknowledged: new Map(history.acknowledged),
    published: history.published,
    given: new Set(history.given),
  }
}

/**
 * Where the log of a history is: files on its disk, through `fs`, with a stage that begins a new file
 * every few groups, and a lock that is always free.
 */
function storageOf(history: History, fs: FileSystem = history.disk): LogStorage {
  const lock = new PosixLock(fs, '/var/state')
  return {
    tiles: new PosixTiles(fs, '/srv/tree'),
    lock: {
      name: lock.name,
      isShared: false,
      prepare: () => lock.prepare(),
      acquire: async () => ({ release: async () => undefined }),
      read: () => lock.read(),
      replace: (expected, next) => lock.replace(expected, next),
    },
    stage: new PosixStage(fs, '/var/state/stage', origin, { segment: 600, growth: 1400 }),
    keys: memoryStorage().keys,
  }
}

/** Opens the log, or makes it. */
export async function openOrCreate(history: History, fs?: FileSystem): Promise<Log> {
  const options = (): StorageOptions => ({ ...history.options, storage: storageOf(history, fs) })
  try {
    return await openLog(options())
  } catch (error) {
    if (error instanceof TlogError && error.code === 'LOG_NOT_FOUND') return createLog(options())
    throw error
  }
}

/** Adds texts at once, and waits until all are published. Rejects with the first failure. */
export async function appendAll(
  history: History,
  log: Log,
  texts: readonly string[],
): Promise<void> {
  const results = texts.map(async (text) => {
    history.given.add(text)
    const { sequenced, published } = log.add(bytesOf(text))
    const { index } = await sequenced
    history.acknowledged.set(index, text)
    const { checkpoint } = await published
    const size = BigInt(checkpoint.split('\n')[1] ?? '')
    // No `expect`: of so many, they would take a tenth of the test.
    if (size <= index) throw new Error(`entry ${index} was published at size ${size}`)
    if (size > history.published) history.published = size
  })
  const failed = (await Promise.allSettled(results)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

/** Adds entries one by one, each while those before it are being signed and published. */
export async function addOverlapping(history: History, log: Log): Promise<void> {
  const ends: Promise<unknown>[] = []
  for (const text of texts('overlapping', 6)) {
    history.given.add(text)
    const { sequenced, published } = log.add(bytesOf(text))
    ends.push(published)
    await sequenced
      .then(({ index }) => history.acknowledged.set(index, text))
      .catch(() => undefined)
  }
  await Promise.allSettled(ends)
}

/** The same roots come again and again; each is computed once, by the definition. */
const expectedRoots = new Map<string, string>()

function expectedRoot(texts: readonly string[]): string {
  const key = texts.join('\n')
  const root = expectedRoots.get(key) ?? encodeHex(naiveRoot(texts.map(bytesOf)))
  expectedRoots.set(key, root)
  return root
}

async function textsOf(history: History): Promise<string[]> {
  const tiles = new PosixTiles(history.disk, '/srv/tree')
  const reader = await openLogReader({ ...history.options, tiles })
  const texts: string[] = []
  for await (const { entry } of reader.entries()) texts.push(new TextDecoder().decode(entry))
  return texts
}

/** What was published is still there to be read, before any writer comes back. */
async function expectReadable(history: History): Promise<void> {
  if (history.published === 0n) return
  expect((await textsOf(history)).length).toBeGreaterThanOrEqual(Number(history.published))
}

/**
 * Acknowledged entries are where they were said to be, and all that was ever signed, published or
 * not, is one history.
 */
export async function expectSound(history: History): Promise<void> {
  const { options, disk, signed, acknowledged, given } = history
  const texts = await textsOf(history)
  expect([...acknowledged].filter(([index, text]) => texts[Number(index)] !== text)).toEqual([])
  expect(new Set(texts).size).toBe(texts.length)
  expect(texts.filter((text) => !given.has(text))).toEqual([])
  for (const { size, root } of signed) {
    expect(size).toBeLessThanOrEqual(BigInt(texts.length))
    expect(root).toBe(expectedRoot(texts.slice(0, Number(size))))
  }
  const tiles = new PosixTiles(disk, '/srv/tree')
  expect((await checkLog({ ...options, tiles })).problems).toEqual([])
}

/** The next life: opens the log, adds to it, and looks at everything. */
export async function expectAlive(history: History, text: string): Promise<void> {
  await expectReadable(history)
  const log = await openOrCreate(history)
  await appendAll(history, log, [text])
  await log.close()
  await expectSound(history)
}

/** A life: opens the log, adds batches, closes it. */
export async function live(
  history: History,
  fs: FileSystem,
  batches: readonly (readonly string[])[],
): Promise<void> {
  const log = await openOrCreate(history, fs)
  try {
    for (const batch of batches) await appendAll(history, log, batch)
  } finally {
    await log.close()
  }
}

class PowerCut extends Error {}

/** A file system that does nothing any more after `operations` operations. */
export function dyingAfter(inner: FileSystem, operations: number): FileSystem {
  return interceptedFileSystem(inner, async ({ number }, act) => {
    if (number >= operations) throw new PowerCut()
    await act()
  })
}

/** What a life does, operation by operation. */
export async function operationsOf(batches: readonly (readonly string[])[]): Promise<Operation[]> {
  const history = newHistory()
  const operations: Operation[] = []
  const fs = interceptedFileSystem(history.disk, async (operation, act) => {
    operations.push(operation)
    await act()
  })
  await live(history, fs, batches)
  await expectSound(history)
  return operations
}

/** Numbered texts. */
export function texts(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix} ${i}`)
}

/** Whether to look much longer: `VAULTMESH_CRASH=long`. */
export const isLong: boolean = process.env['VAULTMESH_CRASH'] === 'long'

/** A power cut that loses all that was not synced. */
export const losesAll: Choose = () => 0
