import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FileSystem, WritableFile } from '../src/fs.ts'
import {
  branch,
  dyingAfter,
  expectAlive,
  live,
  losesAll,
  newHistory,
  operationsOf,
} from './support/history.ts'

/**
 * Which sync of the code this is: the functions that called it, innermost first. Called in the
 * stack of the sync itself.
 */
function siteOf(): string {
  const frames = new Error('here').stack?.split('\n') ?? []
  const names = frames
    .filter((line) => line.includes('/packages/tlog/src/'))
    .map((line) => /at (?:async )?([\w#$.<>]+) \(/.exec(line)?.[1])
    .filter((name) => name !== undefined)
  // From the helper that syncs up to the driver's method, which says what for.
  const end = names.findIndex((name) => name.startsWith('Posix'))
  return names.slice(0, end === -1 ? 3 : end + 1).join(' < ')
}

/** A file system that leaves out the syncs that `isLeftOut` says, and tells of each. */
function withoutSyncs(inner: FileSystem, isLeftOut: (site: string) => boolean): FileSystem {
  const sync = async (site: string, act: () => Promise<void>): Promise<void> => {
    if (!isLeftOut(site)) await act()
  }
  const file = ({ write, sync: syncFile, close }: WritableFile): WritableFile => ({
    write,
    sync: () => sync(siteOf(), syncFile),
    close,
  })
  return {
    read: (path, limit) => inner.read(path, limit),
    list: (path) => inner.list(path),
    create: async (path) => file(await inner.create(path)),
    update: async (path) => file(await inner.update(path)),
    rename: (from, to) => inner.rename(from, to),
    remove: (path) => inner.remove(path),
    makeDirectory: (path, mode) => inner.makeDirectory(path, mode),
    syncDirectory: (path) => sync(`folder: ${siteOf()}`, () => inner.syncDirectory(path)),
  }
}

/** Lives that a power cut ends: of a new log, and of one that is opened again. */
const lives = [[['a'], ['b', 'c']], [['d']]]

/** Cuts every life off after each operation. The first loss, in words. */
async function lossInCut(isLeftOut: (site: string) => boolean): Promise<string | undefined> {
  const beginning = newHistory()
  for (const last of lives) {
    for (let operations = 0, hasEnded = false; !hasEnded; operations += 1) {
      const history = branch(beginning, beginning.disk.copy())
      const fs = withoutSyncs(history.disk, isLeftOut)
      hasEnded = await ends(live(history, dyingAfter(fs, operations), last))
      history.disk.crash(losesAll)
      const loss = await lossOf(() => expectAlive(history, 'next'))
      if (loss !== undefined) return `cut off after ${operations} operations: ${loss}`
    }
    await live(beginning, withoutSyncs(beginning.disk, isLeftOut), last)
  }
  return undefined
}

/** Kills a life after each operation that leaves the stage unsynced, and cuts the next one off. */
async function lossAfterKill(isLeftOut: (site: string) => boolean): Promise<string | undefined> {
  const [batches = []] = lives
  for (const { number, name, path } of await operationsOf(batches)) {
    if (!['create', 'write'].includes(name) || !path.includes('/stage/')) continue
    const history = newHistory()
    await ends(live(history, dyingAfter(history.disk, number + 1), batches))
    for (let operations = 0, hasEnded = false; !hasEnded; operations += 1) {
      const killed = branch(history, history.disk.copy())
      const fs = dyingAfter(withoutSyncs(killed.disk, isLeftOut), operations)
      hasEnded = await ends(live(killed, fs, [['later']]))
      killed.disk.crash(losesAll)
      const loss = await lossOf(() => expectAlive(killed, 'next'))
      if (loss !== undefined) {
        return `killed after ${number + 1} and cut off after ${operations} operations: ${loss}`
      }
    }
  }
  return undefined
}

async function ends(life: Promise<void>): Promise<boolean> {
  return life.then(
    () => true,
    () => false,
  )
}

async function lossOf(act: () => Promise<void>): Promise<string | undefined> {
  try {
    await act()
    return undefined
  } catch (error) {
    return String(error).split('\n', 1)[0]
  }
}

describe('a sync that is left out', () => {
  const sites = new Map<string, string>()
  /** Those that only a log comes to whose writer was killed. */
  const onlyAfterKill = new Set<string>()

  beforeAll(async () => {
    let isAfterKill = false
    const seen = (site: string): boolean => {
      if (!sites.has(site) && isAfterKill) onlyAfterKill.add(site)
      sites.set(site, '')
      return false
    }
    const beginning = newHistory()
    for (const batches of lives) await live(beginning, withoutSyncs(beginning.disk, seen), batches)
    isAfterKill = true
    const [batches = []] = lives
    for (const { number } of await operationsOf(batches)) {
      const history = newHistory()
      await ends(live(history, dyingAfter(history.disk, number + 1), batches))
      await live(history, withoutSyncs(history.disk, seen), [['later']])
    }
  })

  afterAll(() => {
    const width = Math.max(...[...sites.keys()].map((site) => site.length))
    const rows = [...sites].map(([site, loss]) => `${site.padEnd(width)}  ${loss}`)
    process.stdout.write(`${['left out', ...rows].join('\n')}\n`)
  })

  it('loses something, each of them', async () => {
    for (const site of sites.keys()) {
      const isLeftOut = (each: string): boolean => each === site
      const inCut = onlyAfterKill.has(site) ? undefined : await lossInCut(isLeftOut)
      const loss = inCut ?? (await lossAfterKill(isLeftOut))
      sites.set(site, loss ?? 'nothing is lost')
    }
    expect([...sites].filter(([, loss]) => loss === 'nothing is lost')).toEqual([])
  })
})
