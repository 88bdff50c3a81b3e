/** Records found by their words. */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@vaultmesh/tlog/sqlite'
import fc from 'fast-check'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { matchOf } from '../src/workspace/search-query.ts'
import { initWorkspace, openWorkspace, type Workspace } from '../src/workspace.ts'
import { makeHome } from './kit/home.ts'

const titles = (found: readonly { readonly title: string }[]) => found.map(({ title }) => title)

async function made(): Promise<{ workspace: Workspace; folder: string }> {
  const home = makeHome()
  await home.init()
  const workspace = await home.open()
  await workspace.record({
    kind: 'decision',
    title: 'Use PostgreSQL for orders',
    body: { text: 'We know how to run it.' },
    details: { status: 'accepted' },
    tags: ['storage', 'größe'],
  })
  await workspace.record({
    kind: 'incident',
    title: 'Checkout is down',
    body: { text: 'It was DNS. It is always DNS: the resolver of the orders service.' },
    details: { severity: 'sev1', status: 'resolved' },
  })
  await workspace.record({
    kind: 'note',
    title: 'Said in the log itself',
    body: { text: 'quicksilver', inline: true },
  })
  return { workspace, folder: join(home.project, '.vaultmesh') }
}

it('finds and lists on a full disk, and leaves the file of the index alone', async () => {
  const { workspace, folder } = await made()
  const index = join(folder, 'index.sqlite')
  await workspace.timeline()
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
  const exec = DatabaseSync.prototype.exec
  const begin = vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (
    this: InstanceType<typeof DatabaseSync>,
    sql,
  ) {
    if (sql === 'BEGIN IMMEDIATE' && this.location() !== null) {
      throw Object.assign(new Error('database or disk is full'), { errcode: 13 })
    }
    exec.call(this, sql)
  })
  expect(titles(await workspace.search('resolver'))).toEqual(['Checkout is down'])
  expect(begin).toHaveBeenCalled()
  expect(await workspace.timeline()).toHaveLength(3)
  begin.mockRestore()
  const file = openDatabase(index)
  onTestFinished(() => file.close())
  expect(file.prepare('SELECT count(*) AS records FROM records').get()).toEqual({ records: 3 })
  await workspace.close()
})

describe('a search', () => {
  let workspace: Workspace
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'vaultmesh-search-'))
    const env = { HOME: directory }
    const clock = () => new Date()
    await initWorkspace({ directory, namespace: 'payments', passphrase: null, clock, env })
    workspace = await openWorkspace({ directory, clock, env })
    for (const [title, text, tags] of [
      ['Use PostgreSQL for orders', 'We know how to run it.', ['storage', 'größe']],
      ['Checkout was down', 'It is always DNS: the resolver of the orders service.', []],
      ['Drop "quotes" AND other* NEAR words', 'plain', ['a b']],
    ] as const) {
      await workspace.record({ kind: 'note', title, body: { text }, tags })
    }
    return async () => {
      await workspace.close()
      rmSync(directory, { recursive: true })
    }
  })

  it.each<[string, string[]]>([
    ['postgres', ['Use PostgreSQL for orders']],
    ['ORDERS', ['Checkout was down', 'Use PostgreSQL for orders']],
    ['orders dns', ['Checkout was down']],
    ['"the resolver"', ['Checkout was down']],
    ['"resolver the"', []],
    ['grosse', []],
    ['größe', ['Use PostgreSQL for orders']],
    ['grö', ['Use PostgreSQL for orders']],
    ['note checkout', ['Checkout was down']],
    ['NEAR', ['Drop "quotes" AND other* NEAR words']],
    ['title:orders', []],
    ['--', []],
    ['"', []],
  ])('for %s', async (query, found) => {
    expect(titles(await workspace.search(query))).toEqual(found)
  })

  it('for nothing finds all, page by page, the newest first', async () => {
    expect((await workspace.search('')).map(({ index }) => index)).toEqual([2n, 1n, 0n])
    const page = await workspace.search(' ', { limit: 2 })
    const last = page.at(-1)?.index
    if (last === undefined) throw new Error('a page')
    expect((await workspace.search('', { before: last })).map(({ index }) => index)).toEqual([0n])
    expect(await workspace.search('', { before: 0n })).toEqual([])
    expect(await workspace.search('', { before: -1n })).toEqual([])
    expect(await workspace.search('', { before: 2n ** 70n })).toHaveLength(3)
  })

  it('may be narrowed by kind, tag and time', async () => {
    expect(titles(await workspace.search('orders', { tag: 'storage' }))).toEqual([
      'Use PostgreSQL for orders',
    ])
    expect(await workspace.search('', { tag: 'a' })).toEqual([])
    expect(await workspace.search('orders', { kind: 'decision' })).toEqual([])
    expect(await workspace.search('', { since: new Date('2099-01-01') })).toEqual([])
  })

  it('shows the words around those that were found', async () => {
    const [hit] = await workspace.search('resolver')
    expect(hit?.excerpt).toBe('It is always DNS: the resolver of the orders service.')
  })

  it('takes whatever is typed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 60 }),
          fc
            .array(
              fc.constantFrom(
                '"',
                '*',
                '(',
                ')',
                'NEAR',
                ' ',
                'OR',
                '-',
                '^',
                '{',
                ':',
                'a',
                '\0',
                "'",
              ),
            )
            .map((parts) => parts.join('')),
        ),
        async (query) => {
          await workspace.search(query)
        },
      ),
    )
  })
})

describe('an expression for FTS5', () => {
  it('holds nothing but quoted words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (query) => {
        const match = matchOf(query)
        if (match === undefined) return
        expect(match).toMatch(
          /^"[\p{L}\p{M}\p{N}]+( [\p{L}\p{M}\p{N}]+)*"( \*)?( AND "[\p{L}\p{M}\p{N}]+( [\p{L}\p{M}\p{N}]+)*"( \*)?)*$/u,
        )
      }),
    )
  })

  it('is bounded', () => {
    const long = matchOf(`${'x'.repeat(10_000)} ${'y '.repeat(10_000)} "${'z '.repeat(10_000)}`)
    expect(long?.length).toBeLessThan(2000)
  })
})

describe('the text of a body', () => {
  function blobOf(folder: string, digest: string): string {
    return join(folder, 'blobs', 'sha256', digest.slice(0, 2), digest)
  }

  async function digestOf(workspace: Workspace, query: string): Promise<string> {
    const [hit] = await workspace.search(query)
    const { subject } = await workspace.show(hit?.id ?? '')
    return subject[0]?.digest['sha256'] ?? ''
  }

  it('is found as long as it is here, and nothing of it stays in the index', async () => {
    const { workspace, folder } = await made()
    const digest = await digestOf(workspace, 'resolver')
    const file = blobOf(folder, digest)
    const aside = join(folder, 'aside')
    renameSync(file, aside)
    expect(await workspace.search('resolver')).toEqual([])
    expect(titles(await workspace.search('checkout'))).toEqual(['Checkout is down'])
    const index = join(folder, 'index.sqlite')
    for (const suffix of ['', '-wal']) {
      const bytes = readFileSync(index + suffix)
      expect(bytes.includes('resolver')).toBe(false)
    }
    renameSync(aside, file)
    expect(titles(await workspace.search('resolver'))).toEqual(['Checkout is down'])
  })

  it('is found after its folder was read long ago', async () => {
    const { workspace, folder } = await made()
    const digest = await digestOf(workspace, 'resolver')
    const shard = join(folder, 'blobs', 'sha256', digest.slice(0, 2))
    // So old that the index remembers it.
    utimesSync(shard, 1e9, 1e9)
    expect(await workspace.search('resolver')).toHaveLength(1)
    const db = openDatabase(join(folder, 'index.sqlite'), { readOnly: true })
    expect(db.prepare('SELECT name FROM shards WHERE changed > 0').all()).toHaveLength(1)
    db.close()
    rmSync(join(folder, 'index.sqlite'))
    rmSync(join(folder, 'index.sqlite-wal'), { force: true })
    rmSync(join(folder, 'index.sqlite-shm'), { force: true })
    await workspace.close()
    const again = await openWorkspace({ directory: folder, clock: () => new Date(), env: {} })
    expect(await again.search('resolver')).toHaveLength(1)
    await again.close()
    expect(statSync(shard).mtimeMs).toBe(1e12)
  })

  it('is not believed where it was altered', async () => {
    const { workspace, folder } = await made()
    const digest = await digestOf(workspace, 'resolver')
    const file = blobOf(folder, digest)
    rmSync(file)
    await workspace.search('x')
    writeFileSync(
      file,
      '{"mediaType":"text/plain","salt":"AAAAAAAAAAAAAAAAAAAAAA==","text":"lies"}',
    )
    expect(await workspace.search('lies')).toEqual([])
    expect(await workspace.search('resolver')).toEqual([])
  })

  it('is forgotten where its whole folder is gone, however young it was', async () => {
    const { workspace, folder } = await made()
    const blob = blobOf(folder, await digestOf(workspace, 'resolver'))
    expect(await workspace.search('resolver')).toHaveLength(1)
    rmSync(join(blob, '..'), { recursive: true })
    expect(await workspace.search('resolver')).toEqual([])
  })

  it('is a part of the log where it stands inline', async () => {
    const { workspace, folder } = await made()
    rmSync(join(folder, 'blobs'), { recursive: true })
    mkdirSync(join(folder, 'blobs'))
    expect(titles(await workspace.search('quicksilver'))).toEqual(['Said in the log itself'])
    expect(await workspace.search('resolver')).toEqual([])
  })
})
