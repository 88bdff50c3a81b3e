/** What every driver must do, whoever made it. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { expect } from 'vitest'
import {
  type Appender,
  createLog,
  type DedupeKeyOf,
  type LogStorage,
  openLog,
  openLogReader,
  type StorageOptions,
} from '../../src/index.ts'
import { bytesOf, naiveRoot, origin, recordingKey } from './logs.ts'

/** A log somewhere. Each call opens it anew, as another process would. */
export type Place = () => LogStorage | Promise<LogStorage>

const tree = { size: 0n, root: naiveRoot([]) }

/** Entries like `key=content`. */
export const keyOf: DedupeKeyOf = (entry) => {
  const [key, content] = new TextDecoder().decode(entry).split('=')
  return key === undefined || content === undefined ? undefined : { key, content: bytesOf(content) }
}

/** Options of a log in a storage. */
export function optionsFor(storage: LogStorage): StorageOptions & { signed: { size: bigint }[] } {
  const { signer, verifier, signed } = recordingKey()
  return { storage, origin, signers: [signer], verifiers: [verifier], lockTimeoutMs: 0, signed }
}

async function all(paths: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = []
  for await (const path of paths) found.push(path)
  return found.sort()
}

async function withLock(storage: LogStorage, act: () => Promise<void>): Promise<void> {
  await storage.lock.prepare()
  const lock = await storage.lock.acquire({ timeoutMs: 0 })
  try {
    await act()
  } finally {
    await storage.stage.close()
    await storage.keys.close()
    await lock.release()
  }
}

/** By name, what to run in a new place. */
export const conformance: Record<string, (place: Place) => Promise<void>> = {
  async 'keeps tiles as they were put, and publishes one checkpoint'(place) {
    const storage = await place()
    await withLock(storage, async () => {
      const { tiles } = storage
      await tiles.prepare()
      const files = ['tile/0/000.p/1', 'tile/0/x001/000', 'tile/entries/000.p/1'].map((path) => ({
        path,
        bytes: bytesOf(path),
      }))
      await tiles.put(files)
      await tiles.put(files)
      expect(await tiles.read('tile/0/000.p/1', 100)).toEqual(bytesOf('tile/0/000.p/1'))
      expect(await tiles.read('tile/0/000.p/2', 100)).toBeUndefined()
      await expect(tiles.read('tile/0/000.p/1', 3)).rejects.toThrow()
      await expect(
        tiles.put([{ path: 'tile/0/000.p/1', bytes: bytesOf('other') }]),
      ).rejects.toMatchObject({ code: 'LOG_TREE_DAMAGED' })
      expect(await tiles.read('tile/0/000.p/1', 100)).toEqual(bytesOf('tile/0/000.p/1'))
      expect(await all(tiles.list('tile/0/'))).toEqual(['tile/0/000.p/1', 'tile/0/x001/000'])
      await tiles.delete(['tile/0/000.p/1', 'tile/0/999'])
      expect(await all(tiles.list('tile/'))).toEqual(['tile/0/x001/000', 'tile/entries/000.p/1'])
      expect(await tiles.read('checkpoint', 100)).toBeUndefined()
      await tiles.publish('one')
      await tiles.publish('two')
      expect(await (await place()).tiles.read('checkpoint', 100)).toEqual(bytesOf('two'))
    })
  },

  async 'compares and sets the signed checkpoint'(place) {
    const storage = await place()
    const [one, two] = [bytesOf('one'), bytesOf('two')]
    await withLock(storage, async () => {
      const { lock } = storage
      expect(await lock.read()).toBeUndefined()
      expect(await lock.replace(one, two)).toBe(false)
      expect(await lock.replace(undefined, one)).toBe(true)
      expect(await lock.replace(undefined, two)).toBe(false)
      expect(await lock.replace(two, one)).toBe(false)
      expect(await lock.replace(one, one)).toBe(true)
      expect(await lock.replace(one, two)).toBe(true)
      expect(await (await place()).lock.read()).toEqual(two)
    })
  },

  async 'has one holder of the lock at a time'(place) {
    const { lock } = await place()
    const { lock: other } = await place()
    await lock.prepare()
    const held = await lock.acquire({ timeoutMs: 0 })
    await expect(other.acquire({ timeoutMs: 0 })).rejects.toMatchObject({ code: 'LOG_LOCKED' })
    const reason = new Error('not wanted any more')
    const signal = AbortSignal.abort(reason)
    await expect(other.acquire({ timeoutMs: 60_000, signal })).rejects.toBe(reason)
    const waiting = other.acquire({ timeoutMs: 60_000 })
    await held.release()
    await (await waiting).release()
    await held.release()
  },

  async 'stages entries until they are discarded'(place) {
    const storage = await place()
    await withLock(storage, async () => {
      const { stage } = storage
      expect(await stage.open()).toBeUndefined()
      await stage.append(0n, ['a', 'b'].map(bytesOf), tree)
      await stage.append(2n, [bytesOf('c')], tree)
    })
    const again = await place()
    await withLock(again, async () => {
      const { stage } = again
      expect(await stage.open()).toEqual({ first: 0n, next: 3n, base: tree })
      await stage.secure(1n)
      const read: Uint8Array[] = []
      while (read.length < 2) read.push(...(await stage.read(BigInt(1 + read.length))))
      expect(read).toEqual(['b', 'c'].map(bytesOf))
      expect(await stage.read(3n)).toEqual([])
      const base = { size: 3n, root: new Uint8Array(32).fill(1) }
      await stage.append(3n, [bytesOf('d')], base)
      await stage.discard(3n)
      expect(await stage.open()).toMatchObject({ next: 4n, base })
      expect(await stage.read(3n)).toEqual([bytesOf('d')])
    })
  },

  async 'indexes the first entry of each key'(place) {
    const storage = await place()
    const [one, two] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
    await withLock(storage, async () => {
      const { keys } = storage
      expect(await keys.covered()).toBeUndefined()
      expect(await keys.find(one)).toBeUndefined()
      await keys.add([{ key: one, index: 5n }], { size: 6n, root: one })
      await keys.add([{ key: one, index: 7n }], { size: 8n, root: two })
      await keys.add([{ key: two, index: 2n ** 40n }], { size: 2n ** 41n, root: two })
    })
    const again = await place()
    await withLock(again, async () => {
      const { keys } = again
      expect(await keys.covered()).toEqual({ size: 2n ** 41n, root: two })
      expect(await keys.find(one)).toBe(5n)
      expect(await keys.find(two)).toBe(2n ** 40n)
      await keys.clear()
      expect(await keys.covered()).toBeUndefined()
      expect(await keys.find(one)).toBeUndefined()
    })
  },

  async 'holds a log'(place) {
    const options = optionsFor(await place())
    const log = await createLog(options)
    const texts = Array.from({ length: 300 }, (_, i) => `entry ${i}`)
    const added = await Promise.all(texts.map((text) => log.add(bytesOf(text)).published))
    expect(added.map(({ index }) => index)).toEqual(texts.map((_, i) => BigInt(i)))
    await log.close()
    const again = await openLog(optionsFor(await place()))
    expect((await again.add(bytesOf('last')).published).index).toBe(300n)
    await again.close()
    const { tiles } = await place()
    const reader = await openLogReader({ ...options, tiles })
    const head = await reader.head()
    expect(equalBytes(head.root, naiveRoot([...texts, 'last'].map(bytesOf)))).toBe(true)
    expect(await reader.entry(299n)).toEqual(bytesOf('entry 299'))
    await expect(createLog(optionsFor(await place()))).rejects.toMatchObject({ code: 'LOG_EXISTS' })
  },

  async 'ends what a stopped writer had sequenced, at the same indexes'(place) {
    const storage = await place()
    await (await createLog(optionsFor(storage))).close()
    await withLock(storage, async () => {
      await storage.stage.open()
      await storage.stage.append(0n, ['a', 'b'].map(bytesOf), tree)
    })
    const log = await openLog(optionsFor(await place()))
    expect(await log.entry(1n)).toEqual(bytesOf('b'))
    expect((await log.add(bytesOf('c')).published).index).toBe(2n)
    await log.close()
  },

  async 'recognises repeated entries, also when the index is lost'(place) {
    const storage = await place()
    const log = await createLog({ ...optionsFor(storage), dedupeKeyOf: keyOf })
    await expectRepeated(log, 'a=1', 0n, false)
    await expectRepeated(log, 'a=1', 0n, true)
    await log.close()
    const again = await openLog({ ...optionsFor(await place()), dedupeKeyOf: keyOf })
    await expectRepeated(again, 'a=1', 0n, true)
    await expect(again.add(bytesOf('a=2')).sequenced).rejects.toMatchObject({
      code: 'LOG_CONFLICT',
    })
    await expectRepeated(again, 'b=1', 1n, false)
    await again.close()
    await withLock(storage, () => storage.keys.clear())
    const rebuilt = await openLog({ ...optionsFor(await place()), dedupeKeyOf: keyOf })
    await expectRepeated(rebuilt, 'b=1', 1n, true)
    await expectRepeated(rebuilt, 'a=1', 0n, true)
    await rebuilt.close()
  },
}

/** Adds an entry and looks at what is told of it. */
export async function expectRepeated(
  log: Appender,
  text: string,
  index: bigint,
  isRepeated: boolean,
): Promise<void> {
  const { sequenced, published } = log.add(bytesOf(text))
  expect(await sequenced).toEqual({ index, isRepeated })
  expect(await published).toMatchObject({ index, isRepeated })
}
