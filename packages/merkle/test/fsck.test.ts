import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { TreeBuilder } from '../src/build.ts'
import { concatBytes, encodeUtf8 } from '../src/bytes.ts'
import { CompactRange, compactNodes } from '../src/compact.ts'
import { formatToken } from '../src/fsck/token.ts'
import { type FsckOptions, type FsckProblem, type FsckReport, fsck } from '../src/fsck.ts'
import { nodeHasher } from '../src/node.ts'
import { batchHasherFrom, emptyRoot } from '../src/rfc6962.ts'
import { loadSimdHasher } from '../src/simd.ts'
import {
  encodeEntryBundle,
  entryBundlePath,
  parseTilePath,
  type TileSource,
  tilePath,
} from '../src/tiles.ts'
import { flipBit, rejectionOf } from './support.ts'

const hasher = (await loadSimdHasher()) ?? batchHasherFrom(nodeHasher)

interface Log {
  readonly head: { readonly size: bigint; readonly root: Uint8Array }
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** A log as it is after each of some sizes, with the partial files of all of them. */
function logOf(...sizes: readonly number[]): Log {
  const files = new Map<string, Uint8Array>()
  const builder = TreeBuilder.empty(hasher)
  for (const size of sizes) {
    let at = Number(builder.size)
    // From the beginning of the last bundle, of which a part may be there already.
    const begin = at - (at % 256)
    const entries = Array.from({ length: size - begin }, (_, i) => encodeUtf8(`${begin + i}`))
    for (let i = 0; i < entries.length; i += 256) {
      const bundle = entries.slice(i, i + 256)
      const width = bundle.length < 256 ? bundle.length : undefined
      files.set(entryBundlePath(BigInt((begin + i) / 256), width), encodeEntryBundle(bundle))
    }
    for (; at < size; at = Number(builder.size)) {
      for (const { level, index, hashes } of builder.append(entries.slice(at - begin))) {
        files.set(tilePath(level, index), hashes)
      }
    }
    for (const { level, index, hashes } of builder.partialTiles()) {
      files.set(tilePath(level, index, hashes.length / 32), hashes)
    }
  }
  return { head: { size: builder.size, root: builder.root() }, files }
}

function sourceOf(files: ReadonlyMap<string, Uint8Array>): TileSource {
  return async (path) => files.get(path)
}

type Change = readonly [path: string, change: (bytes: Uint8Array) => Uint8Array | undefined]

function changed({ head, files }: Log, changes: readonly Change[]): Log {
  const copy = new Map(files)
  for (const [path, change] of changes) {
    const bytes = copy.get(path)
    if (bytes === undefined) throw new Error(`there is no ${path}`)
    const after = change(bytes)
    copy.delete(path)
    if (after !== undefined) copy.set(path, after)
  }
  return { head, files: copy }
}

function check({ head, files }: Log, options: FsckOptions = {}): Promise<FsckReport> {
  return fsck(head, sourceOf(files), { hasher, ...options })
}

/** What is found in a log after some changes; the check must go through to the end. */
async function problemsOf(
  log: Log,
  changes: readonly Change[],
  options?: FsckOptions,
): Promise<readonly FsckProblem[]> {
  const { complete, problems } = await check(changed(log, changes), options)
  expect(complete).toBe(true)
  return problems
}

/** The files that are found to be wrong. Each has to be named alone. */
async function wrongFiles(
  log: Log,
  changes: readonly Change[],
  options?: FsckOptions,
): Promise<string[]> {
  const problems = await problemsOf(log, changes, options)
  return problems
    .map(({ paths: [path, ...others] }) => {
      expect(others).toEqual([])
      return path ?? ''
    })
    .sort()
}

/** The names in a directory, as a file system gives them. */
function listOf(files: ReadonlyMap<string, Uint8Array>): (directory: string) => Promise<string[]> {
  return async (directory) =>
    [...files.keys()]
      .filter((path) => path.startsWith(`${directory}/`))
      .map((path) => path.slice(directory.length + 1))
}

const flip =
  (bit: number) =>
  (bytes: Uint8Array): Uint8Array =>
    flipBit(bytes, bit)
const missing = (): undefined => undefined
const zeros = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes.length)
const garbage = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0x55)
const damages: readonly (readonly [string, Change[1]])[] = [
  ['missing', missing],
  ['empty', () => new Uint8Array()],
  ['cut', (bytes) => bytes.slice(0, -1)],
  ['longer', (bytes) => Uint8Array.of(...bytes, 0)],
  ['of zeros', zeros],
]

/** Tiles on three levels: the top one partial, one full and one partial below, and 259 bundles. */
let large: Log
/** Tiles on two levels, both partial ones. */
const small = logOf(3 * 256 + 5)

beforeAll(() => {
  large = logOf(65_536 + 2 * 256 + 3)
})

describe('a sound log', () => {
  test.each([0, 1, 2, 255, 256, 257, 511, 512, 773])('of %d entries has no problems', async (n) => {
    const log = logOf(n)
    expect(await check(log)).toMatchObject({ complete: true, problems: [], entries: BigInt(n) })
  })

  test('is read once, at most so many files at a time, in any order of answers', async () => {
    const reads: string[] = []
    let atOnce = 0
    let most = 0
    const source: TileSource = async (path) => {
      reads.push(path)
      atOnce += 1
      most = Math.max(most, atOnce)
      await new Promise((resolve) => {
        if (reads.length % 2 === 0) setImmediate(resolve)
        else resolve(undefined)
      })
      atOnce -= 1
      return large.files.get(path)
    }
    const report = await fsck(large.head, source, { hasher, concurrency: 5 })
    expect(report).toMatchObject({ complete: true, problems: [], entries: large.head.size })
    expect(reads.toSorted()).toEqual([...large.files.keys()].sort())
    expect(most).toBe(5)
  })

  test('gives the same verdict by the hasher that runs anywhere', async () => {
    expect(await fsck(small.head, sourceOf(small.files))).toMatchObject({ problems: [] })
  })

  test('may have grown, and have full tiles in the place of partial ones', async () => {
    const older = logOf(700)
    const files = new Map(logOf(700, 1024).files)
    for (const path of ['tile/0/002.p/188', 'tile/entries/002.p/188']) files.delete(path)
    expect(await check({ head: older.head, files })).toMatchObject({ complete: true, problems: [] })
    const [first] = await problemsOf({ head: older.head, files }, [['tile/0/002', flip(3)]])
    expect(first).toMatchObject({ code: 'TILE_MISMATCH', paths: ['tile/0/002'] })
  })
})

describe('a file that is wrong is named', () => {
  test('where any bit of any file is changed', async () => {
    const paths = [...small.files.keys()]
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.nat(256 * 32 * 8), async (path, bit) => {
        expect(await wrongFiles(small, [[path, flip(bit)]])).toEqual([path])
      }),
    )
  })

  test.each([
    ['tile/0/000', flip(3)],
    ['tile/0/258.p/3', flip(3)],
    ['tile/1/000', flip(3)],
    ['tile/1/000', missing],
    ['tile/1/000', zeros],
    ['tile/1/001.p/2', flip(3)],
    ['tile/2/000.p/1', flip(3)],
    ['tile/2/000.p/1', missing],
    ['tile/entries/000', flip(16)],
    ['tile/entries/258.p/3', missing],
  ] as const)('on three levels: %s', async (path, change) => {
    expect(await wrongFiles(large, [[path, change]])).toEqual([path])
  })

  test.each(damages)('where it is %s', async (_, damage) => {
    for (const path of small.files.keys()) {
      expect(await wrongFiles(small, [[path, damage]])).toEqual([path])
    }
  })

  test('with the code that says how, and the entry', async () => {
    for (const [path, damage, code, detail] of [
      ['tile/0/001', flip(0), 'TILE_MISMATCH', /tile\/0\/001 does not hold/],
      ['tile/0/001', () => undefined, 'TILE_MISSING', /missing/],
      ['tile/0/001', () => new Uint8Array(3), 'TILE_LENGTH', /3 bytes/],
      ['tile/1/000.p/3', flip(300), 'TILE_MISMATCH', /root/],
      ['tile/entries/001', flip(5 * 3), 'BUNDLE_MALFORMED', /not a bundle/],
      ['tile/entries/001', flip(16 + 5 * 8 * 4), 'ENTRY_MISMATCH', /entry 260$/],
    ] as const) {
      expect(await problemsOf(small, [[path, damage]])).toEqual([
        { code, paths: [path], detail: expect.stringMatching(detail) },
      ])
    }
  })

  test('with another one, of any two', async () => {
    const paths = [...small.files.keys()]
    const two = fc.uniqueArray(fc.constantFrom(...paths), { minLength: 2, maxLength: 2 })
    await fc.assert(
      fc.asyncProperty(two, fc.nat(9999), fc.nat(9999), async ([one = '', other = ''], a, b) => {
        const wrong = [one, other].sort()
        for (const change of [flip(a), garbage]) {
          const problems = await problemsOf(small, [
            [one, change],
            [other, flip(b)],
          ])
          const named = problems.map(({ paths }) => paths)
          for (const some of named) expect(some.some((path) => wrong.includes(path))).toBe(true)
          expect([...new Set(named.flat())].sort()).toEqual(wrong)
          // At the edge, a leaf's hash is in its tile and its bundle, and nowhere else.
          const isLost = wrong.every((path) => path.endsWith('/003.p/5'))
          if (!isLost) expect(named.flat()).toHaveLength(named.length)
        }
      }),
    )
  })

  test.each([
    [
      'a tile and the tile below it, at one place',
      'tile/1/000',
      flip(7 * 256),
      'tile/0/007',
      flip(5),
    ],
    ['a tile and the tile below it, elsewhere', 'tile/1/000', flip(7 * 256), 'tile/0/009', flip(5)],
    ['a tile of garbage and one below it', 'tile/1/000', zeros, 'tile/0/009', flip(5)],
    ['a tile that is gone and one below it', 'tile/1/000', () => undefined, 'tile/0/009', flip(5)],
    ['the top and the tile below it', 'tile/2/000.p/1', flip(8), 'tile/1/000', flip(9)],
    ['a tile and its bundle, for one entry', 'tile/0/003', flip(0), 'tile/entries/003', flip(16)],
  ] as const)('with another one: %s', async (_, one, change, other, otherChange) => {
    const wrong = await wrongFiles(large, [
      [one, change],
      [other, otherChange],
    ])
    expect(wrong).toEqual([one, other].sort())
  })

  test('with others, as long as one copy of each hash is left', async () => {
    const changes: Change[] = [
      ['tile/1/000', flip(7 * 256)],
      ['tile/0/007', flip(0)],
      ['tile/0/009', flip(0)],
      ['tile/entries/009', flip(16)],
    ]
    expect(await wrongFiles(large, changes)).toEqual(changes.map(([path]) => path).sort())
  })

  test('where a whole level is gone', async () => {
    const gone = [...large.files.keys()].filter((path) => path.startsWith('tile/1/'))
    const changes = gone.map((path): Change => [path, () => undefined])
    expect(await wrongFiles(large, changes)).toEqual(gone.sort())
  })

  test('among others, where all that held one hash is wrong', async () => {
    const changes: Change[] = [
      ['tile/1/000', flip(7 * 256)],
      ['tile/0/007', flip(0)],
      ['tile/entries/007', flip(16)],
      ['tile/entries/200', flip(16)],
    ]
    const problems = await problemsOf(large, changes)
    const named = problems.map(({ paths }) => paths)
    expect(named).toContainEqual(['tile/1/000'])
    expect(named).toContainEqual(['tile/1/000', 'tile/0/007'])
    expect(named).toContainEqual(['tile/entries/007', 'tile/0/007'])
    expect(named).toContainEqual(['tile/entries/200'])
    expect(named).toHaveLength(4)
  })

  test('once, where the tile and the bundle of the last entries hold one hash each, both wrong', async () => {
    const problems = await problemsOf(logOf(5), [
      ['tile/0/000.p/5', flip(0)],
      ['tile/entries/000.p/5', flip(16)],
    ])
    expect(problems.map(({ code }) => code)).toEqual(['ROOT_MISMATCH'])
    expect(problems[0]?.paths).toEqual(['tile/0/000.p/5', 'tile/entries/000.p/5'])
  })

  test('as the checkpoint, where the files agree on another tree', async () => {
    const other = { size: small.head.size, root: flipBit(small.head.root, 9) }
    expect(await wrongFiles({ ...small, head: other }, [])).toEqual(['checkpoint'])
    const empty = { head: { size: 0n, root: small.head.root }, files: new Map() }
    expect(await wrongFiles(empty, [])).toEqual(['checkpoint'])
  })
})

describe('older partial files', () => {
  const log = logOf(5, 200, 256, 300, 700, 773)

  test('are checked where they can be listed', async () => {
    const list = listOf(log.files)
    expect(await wrongFiles(log, [], { list })).toEqual([])
    for (const path of log.files.keys()) {
      expect(await wrongFiles(log, [[path, flip(17)]], { list })).toEqual([path])
    }
    expect(await wrongFiles(log, [['tile/0/000.p/5', flip(17)]])).toEqual([])
  })

  test('wider than the head, and other names, are not of this tree', async () => {
    const files = new Map(log.files)
    for (const name of ['6', '255', '256', '0', '05', 'x']) {
      files.set(`tile/0/003.p/${name}`, new Uint8Array(1))
    }
    expect(await wrongFiles({ head: log.head, files }, [], { list: listOf(files) })).toEqual([])
  })

  test('that can not be listed or read are a problem', async () => {
    const list = async (directory: string): Promise<string[]> => {
      if (directory === 'tile/0/001.p') throw new Error('denied')
      if (directory === 'tile/0/002.p') throw Object.create(null)
      return directory === 'tile/0/000.p' ? ['5', '9'] : []
    }
    const source: TileSource = async (path) => {
      if (path === 'tile/0/000.p/5') throw new Error('broken')
      return log.files.get(path)
    }
    const { problems } = await fsck(log.head, source, { hasher, list })
    expect(problems).toEqual([
      { code: 'SOURCE_FAILED', paths: ['tile/0/000.p/5'], detail: expect.stringMatching('broken') },
      { code: 'SOURCE_FAILED', paths: ['tile/0/001.p'], detail: expect.stringMatching('denied') },
      { code: 'SOURCE_FAILED', paths: ['tile/0/002.p'], detail: expect.stringMatching('why') },
    ])
  })
})

describe('a check that is stopped', () => {
  const wrong = changed(logOf(3000), [
    ['tile/0/002', flip(7)],
    ['tile/entries/004', flip(16)],
    ['tile/1/000.p/11', flip(9)],
    ['tile/entries/011.p/184', () => undefined],
  ])

  test('goes on from any place, and finds the same', async () => {
    const whole = await check(wrong)
    expect(whole).toMatchObject({ complete: true, entries: 3000n })
    expect(whole.problems).toHaveLength(4)
    for (let stop = 1n; stop <= 12n; stop += 1n) {
      const controller = new AbortController()
      const stopped = await check(wrong, {
        signal: controller.signal,
        onProgress: ({ entries }) => {
          if (entries >= stop * 256n || entries === 3000n) controller.abort()
        },
      })
      if (stop < 12n) expect(stopped).toMatchObject({ complete: false, entries: stop * 256n })
      const reads: string[] = []
      const source: TileSource = async (path) => {
        reads.push(path)
        return wrong.files.get(path)
      }
      const rest = await fsck(wrong.head, source, { hasher, token: stopped.token })
      expect(rest).toEqual(whole)
      expect(reads.filter((path) => path === 'tile/entries/000')).toEqual([])
    }
  })

  test('before it began has found nothing', async () => {
    const report = await check(wrong, { signal: AbortSignal.abort() })
    expect(report).toMatchObject({ complete: false, problems: [], entries: 0n })
  })

  test('ends, though the source or the list never answers', async () => {
    const { head, files } = logOf(3000)
    const never = (): Promise<never> => new Promise(() => {})
    const hanging = ['tile/1/000.p/11', 'tile/0/005', 'tile/entries/005']
    for (const path of [...hanging, 'tile/0/000.p']) {
      const controller = new AbortController()
      const answer = async <T>(asked: string, given: T): Promise<T> => {
        if (asked !== path) return given
        controller.abort()
        return never()
      }
      const report = await fsck(head, (asked) => answer(asked, files.get(asked)), {
        hasher,
        list: (directory) => answer(directory, []),
        signal: controller.signal,
      })
      expect(report).toMatchObject({ complete: false, problems: [] })
    }
  })

  test('by too many problems tells which there were', async () => {
    const stopped = await check(wrong, { maxProblems: 2 })
    expect(stopped).toMatchObject({ complete: false, entries: 512n })
    expect(stopped.problems).toHaveLength(2)
    const rest = await check(wrong, { token: stopped.token })
    expect(rest.problems).toEqual((await check(wrong)).problems)
  })

  test('says how far it has come, and waits for whoever listens', async () => {
    const seen: string[] = []
    await check(small, {
      onProgress: async ({ entries, size, problems }) => {
        await new Promise((resolve) => setImmediate(resolve))
        seen.push(`${entries}/${size} ${problems.length}`)
      },
    })
    expect(seen).toEqual(['256/773 0', '512/773 0', '768/773 0', '773/773 0'])
  })

  test('goes on with its own head and token only', async () => {
    const { token } = await check(small)
    expect(await check(small, { token })).toMatchObject({ complete: true, entries: 773n })
    const root = flipBit(small.head.root, 0)
    for (const head of [{ ...small.head, root }, logOf(774).head]) {
      expect(await rejectionOf(check({ ...small, head }, { token }))).toBe('INVALID_ARGUMENT')
    }
    const withProblem = (problem: unknown): string => token.replace('[]', JSON.stringify([problem]))
    const problem = { code: 'TILE_MISSING', paths: ['tile/0/000'], detail: 'gone' }
    expect((await check(small, { token: withProblem(problem) })).problems).toEqual([problem])
    for (const text of [
      ...['', '{}', '[]', 'null', token.slice(1), `${token} `, token.replace(']', ',0]')],
      withProblem({ ...problem, code: 'toString' }),
      withProblem({ ...problem, detail: 1 }),
      withProblem({ ...problem, paths: [1] }),
      withProblem(null),
    ]) {
      expect(await rejectionOf(check(small, { token: text }))).toBe('INVALID_ARGUMENT')
    }
  })
})

describe('a log of a million million entries', () => {
  /** The roots over 2^k empty entries. */
  const roots = Array.from({ length: 48 }).reduce<Uint8Array[]>(
    (found) => {
      const last = found.at(-1) ?? new Uint8Array()
      return [...found, nodeHasher.hashNode(last, last)]
    },
    [nodeHasher.hashLeaf(new Uint8Array())],
  )
  const size = 2n ** 40n + 70_000n
  const edge = compactNodes(size).map(({ level }) => roots[level] ?? new Uint8Array())
  const head = { size, root: CompactRange.from(size, edge).root() }
  const source: TileSource = async (path) => {
    const { kind, level, width } = parseTilePath(path) ?? {}
    if (kind === undefined || level === undefined || width === undefined) return undefined
    if (kind === 'entries') return new Uint8Array(2 * width)
    return concatBytes(...Array(width).fill(roots[8 * level]))
  }
  const token = formatToken(head, { next: 2n ** 32n - 2n, problems: [] })

  test('is checked to its end', async () => {
    const report = await fsck(head, source, { hasher, token })
    expect(report).toMatchObject({ complete: true, problems: [], entries: size })
  })

  test.each([
    'tile/4/000',
    'tile/3/255',
    'tile/2/x065/535',
    'tile/1/x016/x777/216',
    'tile/0/x004/x294/x967/295',
    'tile/entries/x004/x294/x967/294',
    'tile/5/000.p/1',
  ])('has a file named that is wrong: %s', async (wrong) => {
    const damaged: TileSource = async (path) => {
      const bytes = await source(path)
      return path === wrong && bytes instanceof Uint8Array ? flipBit(bytes, 9) : bytes
    }
    const { complete, problems } = await fsck(head, damaged, { hasher, token })
    expect(complete).toBe(true)
    expect(problems.map(({ paths }) => paths)).toEqual([[wrong]])
  })
})

describe('a hostile source', () => {
  test('without any file costs little, whatever the size', async () => {
    for (const size of [2n ** 63n - 1n, 2n ** 64n - 1n, 2n ** 48n]) {
      let reads = 0
      const source: TileSource = async () => {
        reads += 1
        return undefined
      }
      const report = await fsck({ size, root: emptyRoot() }, source, { hasher })
      expect(report.complete).toBe(false)
      expect(report.problems).toHaveLength(100)
      expect(reads).toBeLessThan(10_000)
    }
  })

  test('with garbage for every file costs little', async () => {
    let reads = 0
    const source: TileSource = async (path) => {
      reads += 1
      const width = Number(/[0-9]+$/.exec(path.split('.p/')[1] ?? '256'))
      return path.includes('entries') ? new Uint8Array(2 * width) : new Uint8Array(32 * width)
    }
    const head = { size: 2n ** 40n + 12_345n, root: emptyRoot() }
    const report = await fsck(head, source, { hasher, maxProblems: 10 })
    expect(report.complete).toBe(false)
    expect(reads).toBeLessThan(100_000)
  })

  test('that fails is told from a file that is wrong', async () => {
    const source: TileSource = async (path) => {
      if (path === 'tile/0/001') throw new Error('no route')
      if (path === 'tile/entries/002') return { ok: false, code: 'HTTP_STATUS', detail: 'got 500' }
      return small.files.get(path)
    }
    const { problems } = await fsck(small.head, source, { hasher })
    expect(problems).toMatchObject([
      { code: 'SOURCE_FAILED', paths: ['tile/0/001'] },
      { code: 'HTTP_STATUS', paths: ['tile/entries/002'] },
    ])
  })
})

test('options that can not be right are refused', async () => {
  const { head } = small
  for (const options of [{ concurrency: 0 }, { concurrency: 257 }, { maxProblems: 0.5 }]) {
    expect(await rejectionOf(check(small, options))).toBe('INVALID_ARGUMENT')
  }
  for (const wrong of [
    { ...head, size: -1n },
    { ...head, size: 2n ** 64n },
    { ...head, root: new Uint8Array(31) },
  ]) {
    expect(await rejectionOf(check({ ...small, head: wrong }))).toBe('INVALID_ARGUMENT')
  }
})
