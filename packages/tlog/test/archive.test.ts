import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeUtf8 } from '@vaultmesh/merkle/bytes'
import { itWith, temporaryDirectory } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportLog } from '../src/archive/export.ts'
import { importLog } from '../src/archive/import.ts'
import { importDirectory } from '../src/archive/import-directory.ts'
import { parseTarHeader, tarHeader } from '../src/archive/tar.ts'
import {
  emptyReader,
  flipBit,
  identity,
  logOf,
  MapTiles,
  publishedLog,
} from './support/published.ts'

async function exported(tiles: MapTiles, minimumIndex = 0n): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of exportLog({ ...identity, tiles, minimumIndex })) pieces.push(piece)
  return new Uint8Array(Buffer.concat(pieces))
}

async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

async function imported(bytes: Uint8Array, minimumIndex = 0n, length = 60_000): Promise<MapTiles> {
  const tiles = new MapTiles()
  try {
    await importLog({ ...identity, archive: inPieces(bytes, length), tiles, minimumIndex })
  } finally {
    // Whole, or nothing of it.
    expect(tiles.files.has('checkpoint') || tiles.files.size === 0).toBe(true)
  }
  return tiles
}

describe('a log as one file', () => {
  it.each([1, 255, 256, 257, 700, 65_536 + 300])(
    'comes back the same, at %i entries',
    async (size) => {
      const { tiles } = await publishedLog(size)
      expect((await imported(await exported(tiles))).content()).toEqual(tiles.content())
    },
  )

  it('is the same file, whatever older partial files lie about', async () => {
    const { tiles } = await publishedLog(700)
    const { tiles: grown } = await publishedLog(5, 300, 700)
    expect(grown.files.size).toBeGreaterThan(tiles.files.size)
    expect(Buffer.compare(await exported(grown), await exported(tiles))).toBe(0)
  })

  it('comes back from pieces of any length', async () => {
    const { tiles } = await publishedLog(300)
    const file = await exported(tiles)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), async (length) => {
        expect((await imported(file, 0n, length)).content()).toEqual(tiles.content())
      }),
    )
  })

  it('holds a log without entries', async () => {
    const { tiles } = await publishedLog(0)
    const file = await exported(tiles)
    expect((await imported(file)).content()).toEqual(tiles.content())
  })

  it('leaves out what was pruned, and comes back only where that is known', async () => {
    const { tiles } = await publishedLog(700)
    for (const path of ['tile/0/000', 'tile/entries/000']) tiles.files.delete(path)
    const file = await exported(tiles, 300n)
    expect((await imported(file, 300n)).content()).toEqual(tiles.content())
    await expect(imported(file)).rejects.toMatchObject({ code: 'LOG_ARCHIVE_INVALID' })
    await expect(exported(tiles)).rejects.toMatchObject({ code: 'LOG_TREE_DAMAGED' })
  })

  itWith(['tar'], 'is unpacked by tar into a tree that any web server can host', async () => {
    const { tiles } = await publishedLog(300)
    const directory = temporaryDirectory('tlog-tar-')
    const file = join(directory, 'log.tar')
    writeFileSync(file, await exported(tiles))
    mkdirSync(join(directory, 'tree'))
    execFileSync('tar', ['-xf', file, '-C', join(directory, 'tree')])
    for (const [path, bytes] of tiles.files) {
      expect(readFileSync(join(directory, 'tree', path))).toEqual(Buffer.from(bytes))
    }
  })

  it('names the file that is wrong, and has no end then', async () => {
    const { tiles } = await publishedLog(700)
    flipBit(tiles, 'tile/entries/001')
    await expect(exported(tiles)).rejects.toThrow('tile/entries/001')
    await expect(exported(tiles)).rejects.toMatchObject({ code: 'LOG_TREE_DAMAGED' })
    const missing = exportLog({ ...identity, tiles: emptyReader }).next()
    await expect(missing).rejects.toMatchObject({ code: 'LOG_NOT_FOUND' })
  })
})

describe('a file to be imported', () => {
  it('is refused with any bit flipped, and leaves nothing', async () => {
    const { tiles } = await publishedLog(300)
    const file = await exported(tiles)
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length * 8 - 1), async (bit) => {
        const changed = Uint8Array.from(file)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const code = expect.stringMatching(/^LOG_(ARCHIVE|CHECKPOINT)_INVALID$/)
        await expect(imported(changed)).rejects.toMatchObject({ code })
      }),
    )
  })

  it('is refused cut anywhere, and with anything after it', async () => {
    const { tiles } = await publishedLog(300)
    const file = await exported(tiles)
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), async (length) => {
        await expect(imported(file.subarray(0, length))).rejects.toMatchObject({
          code: 'LOG_ARCHIVE_INVALID',
        })
      }),
    )
    const longer = new Uint8Array(file.length + 1)
    longer.set(file)
    await expect(imported(longer)).rejects.toThrow('something else follows')
  })

  it('is refused with files in another order, or of another log', async () => {
    const { tiles } = await publishedLog(300)
    const file = Buffer.from(await exported(tiles))
    const [first, second] = ['tile/1/000.p/1', 'tile/0/001.p/44']
    const changed = Buffer.from(file)
    changed.set(tarHeader(second, 32), file.indexOf(first))
    await expect(imported(changed)).rejects.toThrow(`${first} is expected where ${second} stands`)
    const other = importLog({
      origin: 'example.com/other',
      verifiers: identity.verifiers,
      archive: inPieces(file, 1000),
      tiles: new MapTiles(),
    })
    await expect(other).rejects.toMatchObject({ code: 'LOG_CHECKPOINT_INVALID' })
  })

  it('does not go where there is a log, or a part of one', async () => {
    const { tiles } = await publishedLog(300)
    const file = await exported(tiles)
    for (const path of ['checkpoint', 'tile/0/000']) {
      const there = new MapTiles()
      there.files.set(path, tiles.files.get(path) ?? new Uint8Array())
      const attempt = importLog({ ...identity, archive: inPieces(file, 1000), tiles: there })
      await expect(attempt).rejects.toMatchObject({ code: 'LOG_EXISTS' })
      expect([...there.files.keys()]).toEqual([path])
    }
  })

  it('leaves nothing where the disk fills up, or the reading is ended', async () => {
    // Enough for several groups of files.
    const { tiles } = await logOf([300], () => new Uint8Array(30_000))
    const file = await exported(tiles)
    const full = new MapTiles()
    const put = full.put.bind(full)
    full.put = async (files) => {
      await put(files.slice(0, 2))
      throw new Error('ENOSPC')
    }
    const failing = importLog({ ...identity, archive: inPieces(file, 60_000), tiles: full })
    await expect(failing).rejects.toThrow('ENOSPC')
    expect(full.files.size).toBe(0)

    const ending = new AbortController()
    const ended = new MapTiles()
    async function* archive(): AsyncGenerator<Uint8Array> {
      yield file.subarray(0, 5_000_000)
      ending.abort(new Error('enough'))
      yield file.subarray(5_000_000)
    }
    const { signal } = ending
    const aborted = importLog({ ...identity, archive: archive(), tiles: ended, signal })
    await expect(aborted).rejects.toThrow('enough')
    expect(ended.files.size).toBe(0)
  })
})

describe('a file imported into a folder', () => {
  it('makes the folder whole, readable for a web server, and only where none is', async () => {
    const { tiles } = await publishedLog(300)
    const file = await exported(tiles)
    const parent = temporaryDirectory('tlog-import-')
    const directory = join(parent, 'tree')
    const options = { ...identity, directory }
    const { size } = await importDirectory({ ...options, archive: inPieces(file, 5000) })
    expect(size).toBe(300n)
    for (const [path, bytes] of tiles.files) {
      expect(readFileSync(join(directory, path))).toEqual(Buffer.from(bytes))
    }
    expect(statSync(directory).mode & 0o777).toBe(0o755)
    const again = importDirectory({ ...options, archive: inPieces(file, 5000) })
    await expect(again).rejects.toMatchObject({ code: 'LOG_EXISTS' })
    expect(readdirSync(parent)).toEqual(['tree'])
  })

  it('leaves nothing where it fails', async () => {
    const { tiles } = await publishedLog(300)
    const file = await exported(tiles)
    const parent = temporaryDirectory('tlog-import-')
    const options = { ...identity, directory: join(parent, 'tree') }
    const cut = importDirectory({ ...options, archive: inPieces(file.subarray(0, 9000), 500) })
    await expect(cut).rejects.toMatchObject({ code: 'LOG_ARCHIVE_INVALID' })
    const nowhere = importDirectory({
      ...options,
      directory: join(parent, 'missing', 'tree'),
      archive: inPieces(file, 5000),
    })
    await expect(nowhere).rejects.toMatchObject({ code: 'LOG_IO' })
    const ended = importDirectory({
      ...options,
      archive: inPieces(file, 5000),
      signal: AbortSignal.abort(new Error('enough')),
    })
    await expect(ended).rejects.toThrow('enough')
    expect(readdirSync(parent)).toEqual([])
  })
})

describe('the header of a file', () => {
  it('is read back, and has one spelling', () => {
    const header = tarHeader('tile/0/x001/234.p/5', 160)
    expect(parseTarHeader(header)).toEqual({ name: 'tile/0/x001/234.p/5', size: 160 })
    fc.assert(
      fc.property(fc.nat(511), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Uint8Array.from(header)
        changed[at] = (changed[at] ?? 0) ^ change
        expect(parseTarHeader(changed)).toBeUndefined()
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const member = parseTarHeader(bytes)
        if (member !== undefined) expect(tarHeader(member.name, member.size)).toEqual(bytes)
      }),
    )
    expect(decodeUtf8(header.subarray(257, 262))).toBe('ustar')
  })
})
