import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import type { Tree } from '../src/index.ts'
import { createLog, type LogOptions, openLog, openLogReader, recoverLog } from '../src/index.ts'
import { decideResumption } from '../src/resume.ts'
import type { StagedRange } from '../src/storage.ts'
import { bytesOf, naiveRoot, recordingKey, stageEntries, testLog } from './support/logs.ts'

const a = new Uint8Array(32).fill(1)
const b = new Uint8Array(32).fill(2)

function tree(size: bigint, root = a): Tree {
  return { size, root }
}

function staged(first: bigint, next: bigint, base: Tree): StagedRange {
  return { first, next, base }
}

describe('what a writer that was stopped does', () => {
  const none = { isReplayed: false, isContinued: false }

  it('is nothing where all is ended', () => {
    expect(decideResumption(tree(5n), tree(5n))).toEqual(none)
    expect(decideResumption(tree(5n), tree(5n), staged(3n, 5n, tree(3n, b)))).toEqual(none)
    expect(decideResumption(tree(5n), tree(5n), staged(1n, 3n, tree(1n, b)))).toEqual(none)
  })

  it('is to sign what is staged', () => {
    const continued = { isReplayed: false, isContinued: true }
    expect(decideResumption(tree(5n), tree(5n), staged(5n, 7n, tree(5n)))).toEqual(continued)
    expect(decideResumption(tree(5n), tree(5n), staged(2n, 6n, tree(4n, b)))).toEqual(continued)
  })

  it('is to publish what is signed, and to sign what was staged after it', () => {
    const replayed = { isReplayed: true, isContinued: false }
    expect(decideResumption(tree(7n, b), tree(5n), staged(5n, 7n, tree(5n)))).toEqual(replayed)
    expect(decideResumption(tree(7n, b), tree(5n), staged(3n, 9n, tree(7n, b)))).toEqual({
      isReplayed: true,
      isContinued: true,
    })
  })

  it.each([
    ['LOG_STATE_BEHIND', tree(5n), tree(6n), undefined],
    ['LOG_STATE_BEHIND', tree(5n), tree(5n), staged(6n, 7n, tree(5n))],
    ['LOG_STATE_BEHIND', tree(5n), tree(5n), staged(4n, 7n, tree(6n))],
    ['LOG_STATE_DAMAGED', tree(5n), tree(5n), staged(5n, 6n, tree(5n, b))],
    ['LOG_FORKED', tree(5n), tree(5n, b), undefined],
    ['LOG_TREE_BEHIND', tree(7n), tree(5n), undefined],
    ['LOG_TREE_BEHIND', tree(7n), tree(5n), staged(5n, 6n, tree(5n))],
    ['LOG_TREE_BEHIND', tree(7n), tree(5n), staged(6n, 7n, tree(5n))],
  ])(
    'is nothing but %s where going on could mean two histories',
    (code, signed, published, range) => {
      expect(() => decideResumption(signed, published, range)).toThrow(
        expect.objectContaining({ name: 'TlogError', code }),
      )
    },
  )
})

/** A log of the given texts, and its options. */
async function logOf(texts: readonly string[]): Promise<LogOptions> {
  const { options } = testLog(temporaryDirectory())
  const log = await createLog(options)
  for (const text of texts) await log.add(bytesOf(text)).published
  await log.close()
  return options
}

async function addTo(options: LogOptions, ...texts: string[]): Promise<void> {
  const log = await openLog(options)
  for (const text of texts) await log.add(bytesOf(text)).published
  await log.close()
}

function backUp(directory: string): () => void {
  const copy = join(temporaryDirectory(), 'copy')
  cpSync(directory, copy, { recursive: true })
  return () => {
    rmSync(directory, { recursive: true, force: true })
    cpSync(copy, directory, { recursive: true })
  }
}

async function expectEntries(options: LogOptions, texts: readonly string[]): Promise<void> {
  const head = await (await openLogReader(options)).head()
  expect(head.size).toBe(BigInt(texts.length))
  expect(head.root).toEqual(naiveRoot(texts.map(bytesOf)))
}

describe('a tree or state from a backup', () => {
  it('is noticed where the tree is older', async () => {
    const options = await logOf(['a'])
    const restore = backUp(options.directory)
    await addTo(options, 'b')
    await addTo(options, 'c')
    restore()
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_TREE_BEHIND' })
    // Also with the operator's word: this writer knows that it signed more.
    await expect(recoverLog({ ...options, expectedSize: 1n })).rejects.toMatchObject({
      code: 'LOG_TREE_BEHIND',
    })
  })

  it('is mended where the stage still has all that the tree lacks', async () => {
    const options = await logOf(['a'])
    const restore = backUp(options.directory)
    await addTo(options, 'b', 'c')
    restore()
    await addTo(options, 'd')
    await expectEntries(options, ['a', 'b', 'c', 'd'])
  })

  it('is noticed where the tree is gone', async () => {
    const options = await logOf(['a'])
    await addTo(options, 'b')
    rmSync(options.directory, { recursive: true })
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_TREE_BEHIND' })
    await expect(recoverLog({ ...options, expectedSize: 2n })).rejects.toMatchObject({
      code: 'LOG_NOT_FOUND',
    })
  })

  it('is mended where the tree is gone and had one batch', async () => {
    const options = await logOf(['a'])
    rmSync(options.directory, { recursive: true })
    await addTo(options, 'b')
    await expectEntries(options, ['a', 'b'])
  })

  it('is noticed where the state is older, until the operator says what is true', async () => {
    const options = await logOf(['a'])
    const restore = backUp(options.stateDirectory)
    await addTo(options, 'b', 'c')
    restore()
    await expect(openLog(options)).rejects.toMatchObject({
      code: 'LOG_STATE_BEHIND',
      message: expect.stringContaining('recover the log'),
    })
    const log = await recoverLog({ ...options, expectedSize: 3n })
    await log.add(bytesOf('d')).published
    await log.close()
    await expectEntries(options, ['a', 'b', 'c', 'd'])
  })

  it('is noticed where both are older but the stage is not', async () => {
    const options = await logOf(['a'])
    const restoreTree = backUp(options.directory)
    const restoreState = backUp(options.stateDirectory)
    await addTo(options, 'b', 'c')
    const putBackStage = backUp(join(options.stateDirectory, 'stage'))
    restoreTree()
    restoreState()
    putBackStage()
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_STATE_BEHIND' })
    rmSync(join(options.stateDirectory, 'checkpoint'))
    await expect(recoverLog({ ...options, expectedSize: 1n })).rejects.toMatchObject({
      code: 'LOG_TREE_BEHIND',
    })
  })

  it('is noticed where the tree is another one of the same size', async () => {
    const options = await logOf(['a', 'b'])
    const other = await logOf(['a', 'x'])
    rmSync(options.directory, { recursive: true })
    cpSync(other.directory, options.directory, { recursive: true })
    await expect(openLog(options)).rejects.toMatchObject({
      code: 'LOG_FORKED',
      message: expect.stringContaining('never sign with this key again'),
    })
    await expect(recoverLog({ ...options, expectedSize: 2n })).rejects.toMatchObject({
      code: 'LOG_FORKED',
    })
  })

  it('is noticed where the tree is a longer one of another history', async () => {
    const options = await logOf(['a', 'b'])
    const other = await logOf(['a', 'x', 'y'])
    rmSync(options.directory, { recursive: true })
    cpSync(other.directory, options.directory, { recursive: true })
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_STATE_BEHIND' })
    await expect(recoverLog({ ...options, expectedSize: 3n })).rejects.toMatchObject({
      code: 'LOG_FORKED',
    })
  })

  it('is noticed where only the checkpoint came back, or is gone', async () => {
    const options = await logOf(['a'])
    await addTo(options, 'b')
    const restore = backUp(join(options.directory, 'checkpoint'))
    rmSync(join(options.directory, 'checkpoint'))
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_TREE_BEHIND' })
    restore()
    rmSync(join(options.directory, 'tile'), { recursive: true })
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_TREE_DAMAGED' })
  })
})

describe('a missing state', () => {
  it('lets a log be read but not written', async () => {
    const options = await logOf(['a', 'b'])
    rmSync(options.stateDirectory, { recursive: true })
    await expect(openLog(options)).rejects.toMatchObject({
      code: 'LOG_STATE_MISSING',
      message: expect.stringContaining('recover the log'),
    })
    expect(await (await openLogReader(options)).entry(1n)).toEqual(bytesOf('b'))
    await expect(createLog(options)).rejects.toMatchObject({ code: 'LOG_EXISTS' })
  })

  it('is made anew with the right size only', async () => {
    const options = await logOf(['a', 'b'])
    rmSync(options.stateDirectory, { recursive: true })
    for (const expectedSize of [0n, 1n, 3n]) {
      await expect(recoverLog({ ...options, expectedSize })).rejects.toMatchObject({
        code: 'LOG_SIZE_MISMATCH',
      })
    }
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_STATE_MISSING' })
    await (await recoverLog({ ...options, expectedSize: 2n })).close()
    await addTo(options, 'c')
    await expectEntries(options, ['a', 'b', 'c'])
  })

  it('is not made anew over a damaged tree', async () => {
    const options = await logOf(['a', 'b'])
    rmSync(options.stateDirectory, { recursive: true })
    writeFileSync(join(options.directory, 'tile/entries/000.p/1'), 'wrong')
    await expect(recoverLog({ ...options, expectedSize: 2n })).rejects.toMatchObject({
      code: 'LOG_TREE_DAMAGED',
      message: expect.stringContaining('tile/entries/000.p/1'),
    })
  })

  it('keeps a stage that may have been signed', async () => {
    const options = await logOf(['a'])
    await stageEntries(options, { size: 1n, root: naiveRoot([bytesOf('a')]) }, 1n, ['b'])
    rmSync(join(options.stateDirectory, 'checkpoint'))
    await (await recoverLog({ ...options, expectedSize: 1n })).close()
    await expectEntries(options, ['a', 'b'])
  })

  it('is not made anew against a stage of another history', async () => {
    const options = await logOf(['a'])
    await stageEntries(options, { size: 1n, root: a }, 1n, ['b'])
    rmSync(join(options.stateDirectory, 'checkpoint'))
    await expect(recoverLog({ ...options, expectedSize: 1n })).rejects.toMatchObject({
      code: 'LOG_FORKED',
    })
  })
})

describe('a damaged state', () => {
  it('is refused, and made anew by recovery', async () => {
    const options = await logOf(['a', 'b'])
    writeFileSync(join(options.stateDirectory, 'checkpoint'), 'not a checkpoint')
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_STATE_DAMAGED' })
    await (await recoverLog({ ...options, expectedSize: 2n })).close()
    await addTo(options, 'c')
    await expectEntries(options, ['a', 'b', 'c'])
  })

  it('is not made anew where it can not even be read', async () => {
    const options = await logOf(['a'])
    rmSync(join(options.stateDirectory, 'checkpoint'))
    writeFileSync(join(options.stateDirectory, 'checkpoint'), new Uint8Array(2 ** 20 + 1))
    await expect(recoverLog({ ...options, expectedSize: 1n })).rejects.toMatchObject({
      code: 'LOG_IO',
    })
  })

  it('is refused where it is of another log', async () => {
    const options = await logOf(['a'])
    const { signer, verifier } = recordingKey('example.com/vm/other')
    const other = { origin: signer.name, signers: [signer], verifiers: [verifier] }
    await expect(openLog({ ...options, ...other })).rejects.toMatchObject({
      code: 'LOG_STATE_DAMAGED',
    })
  })

  it('is refused where the stage does not lead to the checkpoint', async () => {
    const options = await logOf(['a', 'b'])
    rmSync(options.directory, { recursive: true })
    rmSync(join(options.stateDirectory, 'stage'), { recursive: true })
    await stageEntries(options, { size: 0n, root: naiveRoot([]) }, 0n, ['x', 'y'])
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_STATE_DAMAGED' })
  })

  it('does without a stage where nothing is under way', async () => {
    const options = await logOf(['a'])
    rmSync(join(options.stateDirectory, 'stage'), { recursive: true })
    await addTo(options, 'b')
    await expectEntries(options, ['a', 'b'])
  })
})

describe('a recovery that is not needed', () => {
  it('opens the log', async () => {
    const options = await logOf(['a'])
    const log = await recoverLog({ ...options, expectedSize: 1n })
    expect((await log.add(bytesOf('b')).published).index).toBe(1n)
    await log.close()
  })
})

describe('a writer whose lock did not work', () => {
  it('stops when it sees that somebody else signed', async () => {
    const options = await logOf(['a'])
    const log = await openLog(options)
    writeFileSync(join(options.stateDirectory, 'checkpoint'), encodeUtf8('by someone else'))
    await expect(log.add(bytesOf('b')).published).rejects.toMatchObject({
      code: 'LOG_FAILED',
      message: expect.stringContaining('someone else changed the state'),
    })
    await log.close()
  })
})

describe('a file that is in the way', () => {
  it('is never overwritten', async () => {
    const options = await logOf(['a'])
    const inTheWay = join(options.directory, 'tile/0/000.p/2')
    writeFileSync(inTheWay, 'from elsewhere')
    const log = await openLog(options)
    await expect(log.add(bytesOf('b')).published).rejects.toMatchObject({
      code: 'LOG_FAILED',
      cause: expect.objectContaining({ code: 'LOG_TREE_DAMAGED' }),
    })
    await log.close()
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_TREE_DAMAGED' })
    expect(readFileSync(inTheWay, 'utf8')).toBe('from elsewhere')
    rmSync(inTheWay)
    await addTo(options, 'c')
    await expectEntries(options, ['a', 'b', 'c'])
  })
})

describe('a log that is not there', () => {
  it('is not opened', async () => {
    const { options } = testLog(temporaryDirectory())
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_NOT_FOUND' })
    await expect(openLogReader(options)).rejects.toMatchObject({ code: 'LOG_NOT_FOUND' })
    await expect(recoverLog({ ...options, expectedSize: 0n })).rejects.toMatchObject({
      code: 'LOG_NOT_FOUND',
    })
  })
})
