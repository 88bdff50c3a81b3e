import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '@vaultmesh/testing'
import { openDatabase } from '@vaultmesh/tlog/sqlite'
import { describe, expect, it } from 'vitest'
import { encodeEntry } from '../src/index.ts'
import { type IndexedLog, RecordIndex } from '../src/workspace/record-index.ts'
import type { RecordDraft } from '../src/workspace.ts'
import { type Home, makeHome } from './kit/home.ts'
import { decision, makeEntry } from './kit/scene.ts'

const note = (title: string): RecordDraft => ({ kind: 'note', title, body: { text: 'x' } })

function indexFile(home: Home): string {
  return join(home.project, '.vaultmesh', 'index.sqlite')
}

async function titles(home: Home): Promise<string[]> {
  const workspace = await home.open({ env: {} })
  const found = await workspace.timeline()
  await workspace.close()
  return found.map(({ title }) => title)
}

async function madeHome(): Promise<Home> {
  const home = makeHome()
  await home.init()
  const workspace = await home.open()
  await workspace.record(note('one'))
  await workspace.record(note('two'))
  await workspace.timeline()
  await workspace.close()
  return home
}

describe('index.sqlite is made again from the log', () => {
  it.each<[string, (path: string) => void]>([
    ['missing', (path) => rmSync(path)],
    ['empty', (path) => truncateSync(path)],
    ['no database at all', (path) => writeFileSync(path, 'x'.repeat(10_000))],
    ['cut off', (path) => truncateSync(path, statSync(path).size - 4096)],
    [
      'damaged in the middle',
      (path) => {
        const bytes = readFileSync(path)
        bytes.fill(0xff, 4096)
        writeFileSync(path, bytes)
      },
    ],
    [
      'damaged within a text',
      (path) => {
        const db = openDatabase(path)
        db.exec("UPDATE records SET tags = '['")
        db.close()
      },
    ],
    [
      'of another version',
      (path) => {
        const db = openDatabase(path)
        db.exec('DELETE FROM records; PRAGMA user_version = 99')
        db.close()
      },
    ],
    [
      'ahead of the log',
      (path) => {
        const db = openDatabase(path)
        db.exec("UPDATE state SET size = 7; UPDATE records SET title = 'wrong'")
        db.close()
      },
    ],
    [
      'of another log',
      (path) => {
        const db = openDatabase(path)
        db.exec("UPDATE state SET origin = 'example.com/x'; UPDATE records SET title = 'wrong'")
        db.close()
      },
    ],
    [
      'of another tree of the same origin',
      (path) => {
        const db = openDatabase(path)
        db.exec("UPDATE state SET last = x'00'; UPDATE records SET title = 'wrong'")
        db.close()
      },
    ],
  ])('where it is %s', async (_, change) => {
    const home = await madeHome()
    expect(await titles(home)).toEqual(['two', 'one'])
    change(indexFile(home))
    expect(await titles(home)).toEqual(['two', 'one'])
    expect(await titles(home)).toEqual(['two', 'one'])
  })

  it('and goes on where it is behind', async () => {
    const home = await madeHome()
    const kept = readFileSync(indexFile(home))
    const workspace = await home.open()
    await workspace.record(note('three'))
    await workspace.timeline()
    await workspace.close()
    rmSync(`${indexFile(home)}-wal`, { force: true })
    writeFileSync(indexFile(home), kept)
    expect(await titles(home)).toEqual(['three', 'two', 'one'])
  })

  it('in memory, where no file can be made', async () => {
    const home = await madeHome()
    rmSync(indexFile(home))
    mkdirSync(indexFile(home))
    expect(await titles(home)).toEqual(['two', 'one'])
  })

  it('in memory, where the file may not be written', async () => {
    const home = await madeHome()
    chmodSync(indexFile(home), 0o444)
    expect(await titles(home)).toEqual(['two', 'one'])
  })
})

it('does not believe an index that points elsewhere', async () => {
  const home = await madeHome()
  const db = openDatabase(indexFile(home))
  db.exec(
    'UPDATE records SET position = position + 10; UPDATE records SET position = 11 - position',
  )
  db.close()
  const workspace = await home.open({ env: {} })
  const [first] = await workspace.timeline()
  await expect(workspace.show(first?.id ?? '')).rejects.toMatchObject({ code: 'LOG_ENTRY_INVALID' })
})

describe('RecordIndex', () => {
  function logOf(entries: readonly Uint8Array[]): IndexedLog {
    return {
      origin: 'example.com/vm/payments',
      head: () => Promise.resolve({ size: BigInt(entries.length) }),
      entry: (index) => Promise.resolve(entries[Number(index)] ?? new Uint8Array()),
      async *entries(from = 0n, to = BigInt(entries.length)) {
        for (let index = from; index < to; index += 1n) {
          yield { index, entry: entries[Number(index)] ?? new Uint8Array() }
        }
      },
    }
  }

  it('leaves out what it can not read, and goes on behind it', async () => {
    const entry = encodeEntry(await makeEntry())
    const index = new RecordIndex(join(temporaryDirectory(), 'index.sqlite'))
    const log = logOf([Uint8Array.of(1), entry, Uint8Array.of(2), entry])
    expect(await index.timeline(log, {})).toMatchObject([{ index: 1n }])
    index.close()
  })

  it('reads a long log in several steps, and two processes may read it at once', async () => {
    const entry = encodeEntry(await makeEntry({ draft: { ...decision, idempotencyKey: 'once' } }))
    const filler = Array.from({ length: 2500 }, (_, i) => Uint8Array.of(1, i >> 8, i & 255))
    const log = logOf([...filler, entry])
    const path = join(temporaryDirectory(), 'index.sqlite')
    const [one, two] = [new RecordIndex(path), new RecordIndex(path)]
    const found = await Promise.all([one.withKey(log, 'once'), two.withKey(log, 'once')])
    expect(found.map((position) => position?.index)).toEqual([2500n, 2500n])
    expect(await one.withKey(log, 'never')).toBeUndefined()
    one.close()
    two.close()
  })

  it('finds records whose ids begin alike', async () => {
    const entries = await Promise.all(
      Array.from({ length: 64 }, async () => encodeEntry(await makeEntry())),
    )
    const index = new RecordIndex(':memory:')
    const log = logOf(entries)
    const found = await index.withPrefix(log, '')
    expect(found).toHaveLength(2)
    index.close()
  })
})
