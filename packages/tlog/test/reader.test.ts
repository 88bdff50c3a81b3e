import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { nodeEd25519NoteVerifier } from '@vaultmesh/merkle/node'
import { parseTlogProof } from '@vaultmesh/merkle/tlog-proof'
import { conformanceDirectory, describeWith, temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { checkLog, createLog, type LogOptions, openLog, openLogReader } from '../src/index.ts'
import { bytesOf, naiveRoot, recordingKey, testLog } from './support/logs.ts'

/** A closed log of `count` entries, in batches of at most 256. */
async function logOf(count: number, ...more: string[]): Promise<LogOptions> {
  const { options } = testLog(temporaryDirectory())
  const log = await createLog(options)
  await Promise.all(
    Array.from({ length: count }, (_, i) => log.add(bytesOf(`entry ${i}`)).published),
  )
  for (const text of more) await log.add(bytesOf(text)).published
  await log.close()
  return options
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path)
  const place = at % bytes.length
  bytes[place] = (bytes[place] ?? 0) ^ 1
  writeFileSync(path, bytes)
}

describe('reading a log', () => {
  it('follows the writer', async () => {
    const options = await logOf(1)
    const reader = await openLogReader(options)
    expect((await reader.head()).size).toBe(1n)
    const log = await openLog(options)
    await log.add(bytesOf('more')).published
    expect((await reader.head()).size).toBe(2n)
    expect(await reader.entry(1n)).toEqual(bytesOf('more'))
    await log.close()
  })

  it('refuses what is beyond the head', async () => {
    const options = await logOf(3)
    const reader = await openLogReader(options)
    for (const index of [-1n, 3n, 2n ** 64n]) {
      await expect(reader.entry(index)).rejects.toMatchObject({ code: 'ENTRY_NOT_FOUND' })
      await expect(reader.prove(index)).rejects.toMatchObject({ code: 'ENTRY_NOT_FOUND' })
    }
    for (const [from, to] of [
      [-1n, 2n],
      [2n, 1n],
      [0n, 4n],
      [4n, undefined],
    ] as const) {
      await expect(reader.entries(from, to)[Symbol.asyncIterator]().next()).rejects.toMatchObject({
        code: 'ENTRY_NOT_FOUND',
      })
    }
  })

  it('believes a checkpoint by the log only', async () => {
    const options = await logOf(1)
    const { verifier } = recordingKey(options.origin, 2)
    await expect(openLogReader({ ...options, verifiers: [verifier] })).rejects.toMatchObject({
      code: 'LOG_CHECKPOINT_INVALID',
    })
    writeFileSync(join(options.directory, 'checkpoint'), 'no note')
    await expect(openLogReader(options)).rejects.toMatchObject({ code: 'LOG_CHECKPOINT_INVALID' })
    await expect(checkLog(options)).rejects.toMatchObject({ code: 'LOG_CHECKPOINT_INVALID' })
  })

  it('reads the full tile where the partial one was deleted', async () => {
    const options = await logOf(250)
    const old = readFileSync(join(options.directory, 'checkpoint'))
    const log = await openLog(options)
    await Promise.all(Array.from({ length: 10 }, (_, i) => log.add(bytesOf(`more ${i}`)).published))
    await log.close()
    rmSync(join(options.directory, 'tile/0/000.p'), { recursive: true })
    rmSync(join(options.directory, 'tile/entries/000.p'), { recursive: true })
    writeFileSync(join(options.directory, 'checkpoint'), old)
    const reader = await openLogReader(options)
    expect((await reader.head()).size).toBe(250n)
    expect(await reader.entry(249n)).toEqual(bytesOf('entry 249'))
    expect(parseTlogProof(await reader.prove(249n))).toMatchObject({ ok: true })
    expect((await checkLog(options)).problems).toEqual([])
  })

  it('gives no entry and no proof from a tile or bundle that was changed', async () => {
    const options = await logOf(300)
    const restored = join(temporaryDirectory(), 'copy')
    cpSync(options.directory, restored, { recursive: true })
    for (const [path, index] of [
      ['tile/entries/000', 3n],
      ['tile/entries/001.p/44', 299n],
      ['tile/0/000', 3n],
      ['tile/0/001.p/44', 3n],
      ['tile/1/000.p/1', 3n],
    ] as const) {
      flip(join(options.directory, path), 40)
      const reader = await openLogReader(options)
      for (const read of [() => reader.entry(index), () => reader.prove(index)]) {
        await expect(read(), path).rejects.toMatchObject({
          code: 'LOG_TREE_DAMAGED',
          message: expect.stringContaining(path),
        })
      }
      cpSync(restored, options.directory, { recursive: true })
      // What failed is not remembered: the files are back.
      expect(await reader.entry(index)).toEqual(bytesOf(`entry ${index}`))
    }
  })

  it.each([
    ['missing', (path: string) => rmSync(path), 'LOG_TREE_DAMAGED'],
    [
      'shorter',
      (path: string) => writeFileSync(path, readFileSync(path).subarray(1)),
      'LOG_TREE_DAMAGED',
    ],
    ['longer', (path: string) => appendFileSync(path, 'x'), 'LOG_TREE_DAMAGED'],
    ['huge', (path: string) => writeFileSync(path, Buffer.alloc(2 ** 24 + 2 ** 10)), 'LOG_IO'],
    [
      'a folder',
      (path: string) => {
        rmSync(path)
        mkdirSync(path)
      },
      'LOG_IO',
    ],
    [
      'a pipe that nobody writes to',
      (path: string) => {
        rmSync(path)
        execFileSync('mkfifo', [path])
      },
      'LOG_IO',
    ],
  ] as const)('reports a file that is %s', async (_, change, code) => {
    for (const path of ['tile/0/000', 'tile/entries/000', 'tile/0/001.p/4']) {
      const options = await logOf(260)
      change(join(options.directory, path))
      const reader = await openLogReader(options)
      const error = { code, message: expect.stringContaining(path) }
      await expect(reader.prove(0n)).rejects.toMatchObject(error)
      expect((await checkLog(options)).problems).toContainEqual({
        path,
        detail: expect.stringContaining(path),
      })
    }
  })

  it('does not follow a checkpoint that is a pipe', async () => {
    const options = await logOf(1)
    const path = join(options.directory, 'checkpoint')
    rmSync(path)
    execFileSync('mkfifo', [path])
    await expect(openLogReader(options)).rejects.toMatchObject({ code: 'LOG_IO' })
  })
})

describe('checking a log', () => {
  it('finds nothing in a sound one, with all its older partial files', async () => {
    const options = await logOf(254, 'a', 'b', 'c')
    const { head, problems } = await checkLog(options)
    expect(head.size).toBe(257n)
    expect(problems).toEqual([])
  })

  it.each([
    'tile/entries/000',
    'tile/entries/001.p/1',
    'tile/0/000',
    'tile/0/000.p/255',
    'tile/0/001.p/1',
    'tile/1/000.p/1',
    'tile/entries/000.p/255',
    'tile/entries/000.p/254',
  ])('names %s where one bit of it is wrong, and no other file', async (path) => {
    const options = await logOf(254, 'a', 'b', 'c')
    flip(join(options.directory, path), 5)
    const { problems } = await checkLog(options)
    expect(problems.map((problem) => problem.path)).toEqual([path])
  })

  it('names the files where several are wrong', async () => {
    const options = await logOf(300)
    flip(join(options.directory, 'tile/entries/000'), 5)
    flip(join(options.directory, 'tile/0/000'), 5)
    expect((await checkLog(options)).problems.map(({ path }) => path)).toEqual([
      'tile/0/000',
      'tile/entries/000',
    ])
  })

  it('names the checkpoint where the whole tree is another one', async () => {
    const options = await logOf(3)
    const other = await logOf(2, 'something else')
    cpSync(join(other.directory, 'tile'), join(options.directory, 'tile'), { recursive: true })
    expect((await checkLog(options)).problems.map(({ path }) => path)).toEqual(['checkpoint'])
  })

  it('stops after 100 problems', async () => {
    const options = await logOf(256 * 101)
    for (let i = 0; i < 101; i += 1) {
      rmSync(join(options.directory, `tile/0/${String(i).padStart(3, '0')}`))
    }
    expect((await checkLog(options)).problems).toHaveLength(100)
  })

  it('finds what a wrong tile hides below it, in a log of three levels', async () => {
    // 65,536 entries fill a tile at level 1, whose root alone stands at level 2.
    const options = await logOf(65_537)
    let count = 0
    for await (const { index } of (await openLogReader(options)).entries()) {
      expect(index).toBe(BigInt(count))
      count += 1
    }
    expect(count).toBe(65_537)
    flip(join(options.directory, 'tile/1/000'), 32 * 7)
    expect((await checkLog(options)).problems.map(({ path }) => path)).toEqual(['tile/1/000'])
    flip(join(options.directory, 'tile/0/007'), 32)
    const { problems } = await checkLog(options)
    expect(problems.map(({ path }) => path)).toEqual(['tile/1/000', 'tile/0/007'])
    renameSync(
      join(options.directory, 'tile/entries/008'),
      join(options.directory, 'tile/entries/007'),
    )
    expect((await checkLog(options)).problems.map(({ path }) => path)).toContain('tile/entries/008')
  })
})

describeWith(['conformance'], "another implementation's log", () => {
  // The public key of Tessera's test log, whose tree is the conformance data.
  const origin = 'example.com/log/testdata'
  const vkey = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx'
  const verifiers = [nodeEd25519NoteVerifier(vkey)]

  it('is read and proven at every size', async () => {
    const source = join(conformanceDirectory(), 'tlog-tiles')
    const directory = temporaryDirectory()
    cpSync(source, directory, { recursive: true })
    for (let size = 0; size <= 15; size += 1) {
      cpSync(join(source, `checkpoint.${size}`), join(directory, 'checkpoint'))
      const reader = await openLogReader({ directory, origin, verifiers })
      const entries: Uint8Array[] = []
      for await (const { entry } of reader.entries()) entries.push(entry)
      const head = await reader.head()
      expect(head.size).toBe(BigInt(size))
      expect(head.root).toEqual(naiveRoot(entries))
      for (let index = 0; index < size; index += 1) await reader.prove(BigInt(index))
      expect((await checkLog({ directory, origin, verifiers })).problems).toEqual([])
    }
  })
})
