import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { concatBytes } from '@vaultmesh/merkle/bytes'
import { temporaryDirectory } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FileSystem, nodeFileSystem, type Tree } from '../src/index.ts'
import { PosixStage } from '../src/posix/stage.ts'
import {
  bindingOf,
  entriesOf,
  formatGroup,
  parseGroups,
  type StageKey,
} from '../src/posix/stage-format.ts'
import { systemError } from './support/faults.ts'
import { bytesOf, origin } from './support/logs.ts'

const base: Tree = { size: 3n, root: new Uint8Array(32).fill(7) }
const key: StageKey = { salt: new Uint8Array(16).fill(9), binding: bindingOf(origin) }

const someEntries = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), {
  minLength: 1,
  maxLength: 20,
})
const someGroups = fc.array(someEntries, { minLength: 1, maxLength: 4 })

/** The bytes of groups, one after the other, and where each of them begins. */
function written(groups: readonly (readonly Uint8Array[])[]): {
  readonly bytes: Uint8Array
  readonly begins: readonly number[]
} {
  let first = base.size
  let bytes = new Uint8Array()
  const begins: number[] = []
  for (const entries of groups) {
    begins.push(bytes.length)
    bytes = concatBytes(bytes, formatGroup(key, first, entries, base))
    first += BigInt(entries.length)
  }
  return { bytes, begins }
}

function read(bytes: Uint8Array, by: StageKey = key): Uint8Array[] | undefined {
  return parseGroups(bytes, by)?.flatMap((group) => entriesOf(bytes, group) ?? [])
}

describe('the bytes of a stage', () => {
  it('are read as they were written, with or without room behind them', () => {
    fc.assert(
      fc.property(someGroups, fc.nat(300), (groups, room) => {
        const bytes = concatBytes(written(groups).bytes, new Uint8Array(room))
        expect(read(bytes)).toEqual(groups.flat())
        expect(parseGroups(bytes, key)?.at(-1)).toMatchObject({
          next: base.size + BigInt(groups.flat().length),
          base,
        })
      }),
    )
  })

  it('end before a group that was not written to its end', () => {
    fc.assert(
      fc.property(someGroups, fc.nat(), (groups, cut) => {
        const { bytes, begins } = written(groups)
        const last = begins.at(-1) ?? 0
        const end = last + (cut % (bytes.length - last))
        expect(read(bytes.subarray(0, end))).toEqual(groups.slice(0, -1).flat())
      }),
    )
  })

  it('end before a last group with any byte wrong; a wrong one before it is damage', () => {
    fc.assert(
      fc.property(someGroups, fc.nat(), fc.integer({ min: 1, max: 255 }), (groups, where, by) => {
        const { bytes, begins } = written(groups)
        const at = where % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ by
        const isLast = at >= (begins.at(-1) ?? 0)
        expect(read(bytes)).toEqual(isLast ? groups.slice(0, -1).flat() : undefined)
      }),
    )
  })

  it('are of one file of one log', () => {
    const { bytes } = written([[bytesOf('x')]])
    expect(read(bytes)).toEqual([bytesOf('x')])
    expect(read(bytes, { ...key, salt: new Uint8Array(16) })).toEqual([])
    expect(read(bytes, { ...key, binding: bindingOf('example.com/other') })).toEqual([])
  })

  it('are damage where groups do not follow each other', () => {
    const group = formatGroup(key, 3n, [bytesOf('x')], base)
    expect(read(concatBytes(group, group))).toBeUndefined()
  })

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(read(bytes)).toEqual([])
      }),
    )
  })
})

describe('a stage in a folder', () => {
  function stageIn(directory: string): PosixStage {
    return new PosixStage(nodeFileSystem, join(directory, 'stage'), origin)
  }

  async function appended(directory: string, first: bigint, texts: readonly string[]) {
    const stage = stageIn(directory)
    await stage.open()
    await stage.append(first, texts.map(bytesOf), base)
    await stage.close()
  }

  it('refuses a file that is damaged before its end, and names it', async () => {
    const directory = temporaryDirectory()
    const stage = stageIn(directory)
    await stage.append(3n, [bytesOf('a')], base)
    await stage.append(4n, [bytesOf('b')], base)
    await stage.close()
    const [name = ''] = readdirSync(join(directory, 'stage'))
    const path = join(directory, 'stage', name)
    const bytes = readFileSync(path)
    bytes[130] = (bytes[130] ?? 0) ^ 1
    writeFileSync(path, bytes)
    await expect(stageIn(directory).open()).rejects.toMatchObject({
      code: 'LOG_STATE_DAMAGED',
      message: expect.stringContaining(name),
    })
  })

  it('goes on in a new file, which takes the place of what was never acknowledged', async () => {
    const directory = temporaryDirectory()
    await appended(directory, 3n, ['a', 'b'])
    await appended(directory, 5n, ['never acknowledged'])
    await appended(directory, 5n, ['c'])
    const stage = stageIn(directory)
    expect(await stage.open()).toEqual({ first: 3n, next: 6n, base })
    expect(await stage.read(3n)).toEqual(['a', 'b'].map(bytesOf))
    expect(await stage.read(4n)).toEqual([bytesOf('b')])
    expect(await stage.read(5n)).toEqual([bytesOf('c')])
    expect(await stage.read(6n)).toEqual([])
    await stage.close()
  })

  it('forgets what lies before a gap', async () => {
    const directory = temporaryDirectory()
    await appended(directory, 3n, ['a'])
    await appended(directory, 9n, ['b'])
    expect(await stageIn(directory).open()).toEqual({ first: 9n, next: 10n, base })
  })

  it('drops files whose entries are published, but for the newest', async () => {
    const directory = temporaryDirectory()
    await appended(directory, 3n, ['a'])
    await appended(directory, 4n, ['b'])
    const stage = stageIn(directory)
    await stage.open()
    await stage.discard(5n)
    expect(readdirSync(join(directory, 'stage'))).toHaveLength(1)
    expect(await stage.open()).toEqual({ first: 4n, next: 5n, base })
  })

  it('takes a group that the disk has room for, if not for the zeros behind it', async () => {
    const directory = temporaryDirectory()
    const room = 1000
    const fileSystem: FileSystem = {
      ...nodeFileSystem,
      async create(path) {
        const file = await nodeFileSystem.create(path)
        return {
          ...file,
          async write(bytes, at) {
            await file.write(bytes.subarray(0, room - at), at)
            if (at + bytes.length > room) throw systemError('ENOSPC')
          },
        }
      },
    }
    const stage = new PosixStage(fileSystem, join(directory, 'stage'), origin)
    const entry = new Uint8Array(500).fill(1)
    await stage.append(3n, [entry], base)
    // What is refused is not there: neither now, nor when the log is opened again.
    const full = { code: 'LOG_NO_SPACE' }
    await expect(stage.append(4n, [entry], base)).rejects.toMatchObject(full)
    await stage.close()
    expect(await stageIn(directory).open()).toEqual({ first: 3n, next: 4n, base })
  })

  it('begins a new file after 8 MiB', async () => {
    const directory = temporaryDirectory()
    const stage = stageIn(directory)
    const large = Array.from({ length: 100 }, () => new Uint8Array(65_535).fill(1))
    for (const first of [0n, 100n, 200n]) await stage.append(first, large, base)
    expect(readdirSync(join(directory, 'stage'))).toHaveLength(2)
    await stage.discard(300n)
    expect(readdirSync(join(directory, 'stage'))).toHaveLength(1)
    await stage.close()
  })
})
