import { listening } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openHead, type Tree } from '../src/head.ts'
import { createLog, openLog } from '../src/log.ts'
import { memoryStorage } from '../src/memory.ts'
import { httpMirror } from '../src/mirror.ts'
import { type RepairedTree, repairTree } from '../src/repair/repair.ts'
import { repairLog } from '../src/repair/repair-log.ts'
import { stagedBundles } from '../src/repair/staged.ts'
import type { TileReader } from '../src/storage.ts'
import {
  emptyReader,
  entryAt,
  flipBit,
  identity,
  logKey,
  logOf,
  MapTiles,
  publishedLog,
} from './support/published.ts'

async function headOf(checkpoint: string): Promise<Tree> {
  const head = await openHead(Buffer.from(checkpoint), identity)
  if (typeof head === 'string') throw new Error(head)
  return head
}

/** Mends `tiles` and says which files were written. */
async function repaired(
  tiles: MapTiles,
  checkpoint: string,
  sources: readonly TileReader[] = [],
  minimumIndex = 0n,
): Promise<RepairedTree & { readonly paths: string[] }> {
  const paths: string[] = []
  const result = await repairTree(await headOf(checkpoint), {
    tiles,
    sources,
    minimumIndex,
    onRepaired: (path) => paths.push(path),
  })
  expect(paths.length).toBe(result.repaired)
  return { ...result, paths }
}

function damage(tiles: MapTiles, path: string, how: 'lost' | 'flipped' | 'cut' | 'long'): void {
  const bytes = tiles.files.get(path) ?? new Uint8Array()
  if (how === 'lost') tiles.files.delete(path)
  if (how === 'flipped') flipBit(tiles, path)
  if (how === 'cut') tiles.files.set(path, bytes.subarray(1))
  if (how === 'long') tiles.files.set(path, new Uint8Array(20_000_000))
}

describe('repair', () => {
  it('touches nothing that is right', async () => {
    const { tiles, checkpoints } = await publishedLog(1, 300, 700)
    const before = tiles.content()
    tiles.put = () => expect.unreachable()
    tiles.delete = () => expect.unreachable()
    expect(await repaired(tiles, checkpoints[2] ?? '')).toEqual({
      repaired: 0,
      lost: [],
      paths: [],
    })
    expect(tiles.content()).toEqual(before)
  })

  it('makes any tile of hashes anew out of what is below it', async () => {
    const { tiles: whole, checkpoints } = await publishedLog(700)
    for (const path of [...whole.files.keys()].filter((name) => /^tile\/[0-9]/.test(name))) {
      for (const how of ['lost', 'flipped', 'cut'] as const) {
        const tiles = whole.copy()
        damage(tiles, path, how)
        expect((await repaired(tiles, checkpoints[0] ?? '')).paths).toEqual([path])
        expect(tiles.content()).toEqual(whole.content())
      }
    }
  })

  it('makes tiles anew at three levels at once', async () => {
    const { tiles: whole, checkpoints } = await publishedLog(65_536 + 300)
    const tiles = whole.copy()
    const wrong = ['tile/2/000.p/1', 'tile/1/000', 'tile/0/004', 'tile/0/005']
    for (const path of wrong) flipBit(tiles, path)
    expect((await repaired(tiles, checkpoints[0] ?? '')).paths).toEqual(wrong)
    expect(tiles.content()).toEqual(whole.content())
  })

  it('makes all of them anew where only the entries are left', async () => {
    const { tiles: whole, checkpoints } = await publishedLog(700)
    const tiles = whole.copy()
    for (const path of whole.files.keys()) {
      if (/^tile\/[0-9]/.test(path)) damage(tiles, path, 'flipped')
    }
    await repaired(tiles, checkpoints[0] ?? '')
    expect(tiles.content()).toEqual(whole.content())
  })

  it('takes entries from a mirror, and only right ones', async () => {
    const { tiles: whole, checkpoints } = await publishedLog(700)
    const wrong = whole.copy()
    for (const path of wrong.files.keys()) flipBit(wrong, path)
    const failing: TileReader = {
      name: 'failing',
      async read() {
        throw new Error('EIO')
      },
    }
    for (const how of ['lost', 'flipped', 'cut', 'long'] as const) {
      const tiles = whole.copy()
      damage(tiles, 'tile/entries/001', how)
      expect(await repaired(tiles, checkpoints[0] ?? '', [wrong, failing, emptyReader])).toEqual({
        repaired: 0,
        lost: ['tile/entries/001'],
        paths: [],
      })
      const { paths } = await repaired(tiles, checkpoints[0] ?? '', [wrong, failing, whole])
      expect(paths).toEqual(['tile/entries/001'])
      expect(tiles.content()).toEqual(whole.content())
    }
  })

  it('mends any damage that one mirror makes up for', async () => {
    const { tiles: whole, checkpoints } = await publishedLog(700)
    const paths = [...whole.files.keys()].filter((path) => path !== 'checkpoint')
    const hows = fc.constantFrom('lost', 'flipped', 'cut')
    const damages = fc.array(fc.tuple(fc.constantFrom(...paths), hows), { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(damages, async (chosen) => {
        const tiles = whole.copy()
        for (const [path, how] of chosen) damage(tiles, path, how as 'lost')
        await repaired(tiles, checkpoints[0] ?? '', [whole])
        expect(tiles.content()).toEqual(whole.content())
      }),
    )
  })

  it('brings a tree that was restored from a backup up to what was signed', async () => {
    const { tiles: whole, checkpoints } = await publishedLog(300, 700)
    const { tiles: backup } = await publishedLog(300)
    await repaired(backup, checkpoints[1] ?? '', [whole])
    await backup.publish(checkpoints[1] ?? '')
    const needed = Object.keys((await publishedLog(700)).tiles.content())
    for (const path of needed) expect(backup.files.get(path)).toEqual(whole.files.get(path))
  })

  it('reads a mirror over HTTP, which has gone on since', async () => {
    const { tiles: whole, checkpoints } = await publishedLog(300, 700)
    for (const path of ['tile/entries/001.p/44', 'tile/0/001.p/44']) whole.files.delete(path)
    const url = await listening((request, response) => {
      const bytes = whole.files.get((request.url ?? '').replace('/log/', ''))
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes)
    })
    const { tiles } = await publishedLog(300)
    for (const path of tiles.files.keys()) {
      if (path.startsWith('tile/entries')) tiles.files.delete(path)
    }
    const { lost } = await repaired(tiles, checkpoints[0] ?? '', [httpMirror(`${url}log`)])
    expect(lost).toEqual([])
    expect(tiles.content()).toEqual((await publishedLog(300)).tiles.content())
  })

  it('takes the last entries from the stage', async () => {
    const { tiles: whole, checkpoints } = await publishedLog(250, 700)
    const { stage } = memoryStorage()
    const entries = Array.from({ length: 450 }, (_, i) => entryAt(250 + i))
    const base = await headOf(checkpoints[0] ?? '')
    await stage.append(250n, entries.slice(0, 100), base)
    await stage.append(350n, entries.slice(100), base)
    const range = await stage.open()
    if (range === undefined) throw new Error('nothing is staged')
    const tiles = whole.copy()
    for (const path of whole.files.keys()) {
      if (/entries\/00[012](\.p\/188)?$/.test(path)) tiles.files.delete(path)
    }
    const staged = stagedBundles(stage, range, tiles)
    const { lost, paths } = await repaired(tiles, checkpoints[1] ?? '', [staged])
    expect(lost).toEqual([])
    expect(paths).toEqual(['tile/entries/000', 'tile/entries/001', 'tile/entries/002.p/188'])
    expect(tiles.content()).toEqual(whole.content())
    // Without the first 250 entries, their bundle can't be had.
    tiles.files.delete('tile/entries/000')
    tiles.files.delete('tile/entries/000.p/250')
    expect(await repaired(tiles, checkpoints[1] ?? '', [staged])).toMatchObject({
      repaired: 0,
      lost: ['tile/entries/000'],
    })
  })

  it('does not miss what was pruned', async () => {
    const { tiles, checkpoints } = await publishedLog(700)
    for (const path of ['tile/0/000', 'tile/entries/000']) tiles.files.delete(path)
    expect((await repaired(tiles, checkpoints[0] ?? '', [], 256n)).lost).toEqual([])
    expect((await repaired(tiles, checkpoints[0] ?? '')).lost).toEqual(['tile/0/000'])
  })

  it('says what is lost, and ends with the signal', async () => {
    const { checkpoints } = await publishedLog(700)
    const { tiles } = await publishedLog(0)
    const { lost } = await repaired(tiles, checkpoints[0] ?? '')
    expect(lost).toEqual(['tile/1/000.p/2', 'tile/0/002.p/188'])
    const head = await headOf(checkpoints[0] ?? '')
    const { tiles: whole } = await publishedLog(700)
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(repairTree(head, { tiles: whole, sources: [], signal })).rejects.toThrow('enough')
  })

  it('has nothing to do for a log without entries', async () => {
    const { tiles, checkpoints } = await publishedLog(0)
    expect(await repaired(tiles, checkpoints[0] ?? '')).toMatchObject({ repaired: 0, lost: [] })
  })
})

describe('repairing a log', () => {
  const key = logKey

  async function writtenLog() {
    const storage = memoryStorage()
    const options = { storage, ...identity, signers: [key.signer], lockTimeoutMs: 0 }
    const log = await createLog(options)
    await Promise.all(Array.from({ length: 300 }, (_, i) => log.add(entryAt(i)).published))
    await log.close()
    const whole = new MapTiles()
    for await (const path of storage.tiles.list('tile/')) {
      whole.files.set(path, (await storage.tiles.read(path, 1e9)) ?? new Uint8Array())
    }
    whole.files.set('checkpoint', (await storage.tiles.read('checkpoint', 1e9)) ?? new Uint8Array())
    return { storage, options, whole }
  }

  it('goes up to what the writer signed, although the tree and its checkpoint are older', async () => {
    const { storage, options, whole } = await writtenLog()
    const { tiles: backup } = await publishedLog(200)
    const { lock, stage } = storage
    const writer = { lock, stage }
    const mended = { ...identity, tiles: backup, writer, mirrors: [whole], lockTimeoutMs: 0 }
    const { head, isPublished, lost, repaired: count } = await repairLog(mended)
    expect({ size: head.size, isPublished, lost, count }).toEqual({
      size: 300n,
      isPublished: true,
      lost: [],
      count: 5,
    })
    expect(Buffer.from(backup.files.get('checkpoint') ?? '').toString()).toBe(head.checkpoint)
    const log = await openLog({ ...options, storage: { ...storage, tiles: backup } })
    expect((await log.add(entryAt(300)).published).index).toBe(300n)
    await log.close()
    // Nothing is left to do, and the lock was given back.
    expect(await repairLog({ ...mended, mirrors: [] })).toMatchObject({ repaired: 0, lost: [] })
  })

  it('takes the checkpoint of a mirror where the log has none, and of nobody else', async () => {
    const { whole } = await writtenLog()
    const tiles = new MapTiles()
    const mended = await repairLog({ ...identity, tiles, mirrors: [emptyReader, whole] })
    expect(mended).toMatchObject({ isPublished: true, lost: [] })
    expect(tiles.content()).toMatchObject({ checkpoint: whole.content()['checkpoint'] })
    const { checkpoints } = await publishedLog(3)
    const forged = new MapTiles()
    await forged.publish((checkpoints[0] ?? '').replace('\n3\n', '\n4\n'))
    const refused = repairLog({
      ...identity,
      tiles: new MapTiles(),
      mirrors: [forged, emptyReader],
    })
    await expect(refused).rejects.toMatchObject({ code: 'LOG_NOT_FOUND' })
  })

  it('publishes nothing as long as something is lost', async () => {
    const { storage, whole } = await writtenLog()
    const { tiles: backup } = await publishedLog(200)
    whole.files.delete('tile/entries/000')
    const before = backup.files.get('checkpoint')
    const { lock, stage } = storage
    const result = await repairLog({
      ...identity,
      tiles: backup,
      writer: { lock, stage },
      mirrors: [whole],
    })
    expect(result).toMatchObject({ isPublished: false, lost: ['tile/entries/000'] })
    expect(backup.files.get('checkpoint')).toBe(before)
  })

  it('asks for cosignatures where it publishes', async () => {
    const { storage, whole } = await writtenLog()
    whole.files.delete('checkpoint')
    const { lock, stage } = storage
    await repairLog({
      ...identity,
      tiles: whole,
      writer: { lock, stage },
      cosign: async (checkpoint) => `${checkpoint}— w ${'A'.repeat(7)}=\n`,
    })
    expect(Buffer.from(whole.files.get('checkpoint') ?? '').toString()).toContain('— w ')
  })

  it('waits for the writer to end, and refuses two histories', async () => {
    const { storage, options } = await writtenLog()
    const log = await openLog(options)
    const { lock, stage, tiles } = storage
    const locked = repairLog({ ...identity, tiles, writer: { lock, stage }, lockTimeoutMs: 0 })
    await expect(locked).rejects.toMatchObject({ code: 'LOG_LOCKED' })
    await log.close()
    const { tiles: other } = await logOf([300], (i) => Buffer.from(`other ${i}`))
    const forked = repairLog({ ...identity, tiles: other, writer: { lock, stage } })
    await expect(forked).rejects.toMatchObject({ code: 'LOG_FORKED' })
  })
})
