/** A log in memory: for tests, and for logs that need not outlive their process. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { parseTilePath } from '@vaultmesh/merkle/tiles'
import { TlogError } from './errors.ts'
import type { Tree } from './head.ts'
import { tryUntil } from './lock-wait.ts'
import type { KeyIndex, Lock, LockBackend, LogStorage, Stage, TileStore } from './storage.ts'

function memoryTiles(): TileStore {
  const files = new Map<string, Uint8Array>()
  return {
    name: 'memory',
    async prepare() {},
    async read(path, limit) {
      const bytes = files.get(path)
      if (bytes !== undefined && bytes.length > limit) throw new Error(`${path} is too long`)
      return bytes
    },
    async put(added) {
      for (const { path, bytes } of added) {
        const present = files.get(path)
        if (present !== undefined && !equalBytes(present, bytes)) {
          throw new TlogError('LOG_TREE_DAMAGED', `${path} is there already, with other bytes`)
        }
        files.set(path, bytes)
      }
    },
    async publish(checkpoint) {
      files.set('checkpoint', new TextEncoder().encode(checkpoint))
    },
    async *list(folder) {
      for (const path of files.keys()) {
        if (path.startsWith(folder) && parseTilePath(path) !== undefined) yield path
      }
    },
    async delete(paths) {
      for (const path of paths) files.delete(path)
    },
  }
}

function memoryLock(): LockBackend {
  let stored: Uint8Array | undefined
  let holder: Lock | undefined
  return {
    name: 'memory',
    isShared: false,
    async prepare() {},
    async acquire(options) {
      const mine: Lock = {
        async release() {
          if (holder === mine) holder = undefined
        },
      }
      const taken = await tryUntil(() => {
        holder ??= mine
        return holder === mine ? mine : undefined
      }, options)
      if (taken !== undefined) return taken
      throw new TlogError(
        'LOG_LOCKED',
        'another writer of this process has the log; close that one',
      )
    },
    read: async () => stored,
    async replace(expected, next) {
      const isExpected =
        expected === undefined || stored === undefined
          ? expected === stored
          : equalBytes(stored, expected)
      if (isExpected) stored = next
      return isExpected
    },
  }
}

function memoryStage(): Stage {
  let staged: { first: bigint; entries: Uint8Array[]; base: Tree } | undefined
  return {
    name: 'memory',
    async open() {
      if (staged === undefined) return undefined
      const { first, entries, base } = staged
      return { first, next: first + BigInt(entries.length), base }
    },
    read: async (from) => staged?.entries.slice(Number(from - staged.first)) ?? [],
    async secure() {},
    async append(first, entries, base) {
      staged = {
        first: staged?.first ?? first,
        entries: [...(staged?.entries ?? []), ...entries],
        base,
      }
    },
    async discard(before) {
      if (staged === undefined) return
      const entries = staged.entries.slice(Number(before - staged.first))
      staged = entries.length === 0 ? undefined : { first: before, entries, base: staged.base }
    },
    async close() {},
  }
}

function memoryKeys(): KeyIndex {
  const indexes = new Map<string, bigint>()
  let covered: Tree | undefined
  const nameOf = (key: Uint8Array): string => Buffer.from(key).toString('latin1')
  return {
    covered: async () => covered,
    find: async (key) => indexes.get(nameOf(key)),
    async add(rows, tree) {
      for (const { key, index } of rows) {
        if (!indexes.has(nameOf(key))) indexes.set(nameOf(key), index)
      }
      covered = tree
    },
    async clear() {
      indexes.clear()
      covered = undefined
    },
    async close() {},
  }
}

/** A new, empty storage. Lives as long as the object. */
export function memoryStorage(): LogStorage {
  return { tiles: memoryTiles(), lock: memoryLock(), stage: memoryStage(), keys: memoryKeys() }
}
