/** Runs a check of a whole log: reads ahead, keeps the place, stops where it is asked to. */
import { equalBytes, isUint64 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'
import { batchHasherFrom, emptyRoot, hashLength, sha256Hasher } from '../rfc6962.ts'
import { readEntries, readHashes, type TileSource } from '../tiles/source.ts'
import type { TreeHead } from '../tiles/verified.ts'
import { tileCount, tileWidth } from '../tiles/width.ts'
import { Checker } from './checker.ts'
import { filesFrom, type LogFile, readAhead } from './files.ts'
import { ProblemList } from './problems.ts'
import type { Reading } from './recover.ts'
import { formatToken, parseToken } from './token.ts'
import type { FsckOptions, FsckProgress, FsckReport } from './types.ts'

const defaultConcurrency = 8
const maxConcurrency = 256
const defaultMaxProblems = 100

function requireCount(count: number, max: number, name: string): number {
  if (Number.isInteger(count) && count >= 1 && count <= max) return count
  throw new MerkleError('INVALID_ARGUMENT', `${name} is 1 to ${max}, not ${count}`)
}

function requireHead({ size, root }: TreeHead): void {
  if (isUint64(size) && root.length === hashLength) return
  throw new MerkleError(
    'INVALID_ARGUMENT',
    `a head has a size of 0 to 2^64 - 1 and a root of ${hashLength} bytes, not ${size} and ${root.length}`,
  )
}

/** Reads a file, for the checker's method that checks it. */
async function readFor(
  checker: Checker,
  { source, signal }: Reading,
  file: LogFile,
): Promise<{ readonly file: LogFile; readonly check: () => Promise<void> }> {
  const { kind, level, index, width } = file
  if (kind === 'tile') {
    const read = await readHashes(source, level, index, width, signal)
    return { file, check: () => checker.checkTile(file, read) }
  }
  const read = await readEntries(source, index, width, signal)
  return { file, check: () => checker.checkBundle(file, read) }
}

/**
 * Reads every file of a log and holds all of them to one head, which must be trusted: from a
 * checkpoint whose signatures were verified.
 *
 * It goes from the root down, so that the file that is wrong is told from those around it, and on
 * below a file that is wrong. In memory are at most `concurrency` files, a few tiles, and
 * the problems. Where the source answers without ever waiting, nothing else runs meanwhile: wait for
 * something in `onProgress` then.
 *
 * What is wrong with the log is in the report. Rejects with INVALID_ARGUMENT for a head, option or
 * token that can't be right, and with whatever `onProgress` rejects with.
 */
export async function fsck(
  head: TreeHead,
  source: TileSource,
  options: FsckOptions = {},
): Promise<FsckReport> {
  requireHead(head)
  const { size, root } = head
  const { hasher = batchHasherFrom(sha256Hasher), list, token, onProgress, signal } = options
  const concurrency = requireCount(
    options.concurrency ?? defaultConcurrency,
    maxConcurrency,
    'concurrency',
  )
  const maxProblems = requireCount(
    options.maxProblems ?? defaultMaxProblems,
    Number.MAX_SAFE_INTEGER,
    'maxProblems',
  )
  const start = token === undefined ? { next: 0n, problems: [] } : parseToken(token, head)
  const problems = new ProblemList(maxProblems, start.problems)
  const reading: Reading = { source, hasher, concurrency, signal }
  const checker = new Checker(head, reading, { source, list, signal }, problems)
  let { next } = start
  const isStopped = (): boolean => signal?.aborted === true || problems.isFull
  const progress = (): FsckProgress => {
    const checked = next * BigInt(tileWidth)
    const position = { next, problems: problems.all }
    return {
      entries: checked < size ? checked : size,
      size,
      problems: position.problems,
      token: () => formatToken(head, position),
    }
  }
  const report = (complete: boolean): FsckReport => {
    const { entries, problems: found, token: make } = progress()
    return { complete, problems: found, entries, token: make() }
  }

  if (size === 0n && !equalBytes(root, emptyRoot())) {
    const detail = 'the root of no entries is not that of an empty tree'
    problems.add({ code: 'ROOT_MISMATCH', paths: ['checkpoint'], detail })
  }
  if (next >= tileCount(size, 0)) return report(true)
  await checker.checkEdge()
  const files = readAhead(filesFrom(size, next), concurrency, (file) =>
    readFor(checker, reading, file),
  )
  if (isStopped()) return report(false)
  for await (const { file, check } of files) {
    await check()
    if (isStopped()) return report(false)
    if (file.kind === 'tile') continue
    next = file.index + 1n
    await onProgress?.(progress())
  }
  return report(true)
}
