/** Reads a whole published log and says which of its files are wrong. */
import { type FsckProblem, fsck } from '@vaultmesh/merkle/fsck'
import { parseTilePath, tileCount, tileWidth } from '@vaultmesh/merkle/tiles'
import { endIndex } from './archive/order.ts'
import { loadBatchHasher } from './batch-hasher.ts'
import type { Head } from './head.ts'
import { type LogReaderOptions, readerContext, type TileReaderOptions } from './options.ts'
import type { TileReader, TileStore } from './storage.ts'
import { requireHead } from './tree-files.ts'
import { sourceOf } from './tree-source.ts'

/** A file that is not what it should be. */
export interface LogProblem {
  /**
   * Below the folder of the tree, as `tile/0/000.p/5`. Several, joined by ` or `, where copies of
   * one hash in different files were lost together, so that it can't be told which.
   */
  readonly path: string
  readonly detail: string
}

/** How to check a log. */
export interface CheckOptions {
  /** Full tiles and bundles that end at or before it may be missing: they were pruned. */
  readonly minimumIndex?: bigint
  /** What an earlier check of the same head gave as `token`: it goes on from there. */
  readonly token?: string
  /** Told after each bundle of 256 entries how many entries were checked. */
  readonly onProgress?: (entries: bigint, size: bigint) => void
  /** Stops the check, which then gives what it found so far. */
  readonly signal?: AbortSignal
}

/** What checking a log found. */
export interface LogCheck {
  /** The head that was checked. */
  readonly head: Head
  /** None for a sound log. The check ends after the first 100. */
  readonly problems: readonly LogProblem[]
  /** Whether every file was checked. */
  readonly isComplete: boolean
  /** Where a later check may go on. Nothing protects it: keep it where you keep what you trust. */
  readonly token: string
}

const maxProblems = 100

function isStore(tree: TileReader): tree is TileStore {
  return 'list' in tree
}

/** The names in a folder of the tree. */
async function namesIn(store: TileStore, folder: string): Promise<string[]> {
  const names: string[] = []
  const prefix = `${folder}/`
  for await (const path of store.list(prefix)) names.push(path.slice(prefix.length))
  return names
}

function isPruned({ code, paths }: FsckProblem, minimumIndex: bigint): boolean {
  if (code !== 'TILE_MISSING') return false
  return paths.every((path) => {
    const place = parseTilePath(path)
    if (place?.width !== tileWidth) return false
    return endIndex(place.level, place.index) <= minimumIndex
  })
}

/** As {@link checkLog}, against a head that the caller has verified. */
export async function checkTree(
  tree: TileReader,
  head: Head,
  options: CheckOptions = {},
): Promise<LogCheck> {
  const { minimumIndex = 0n, token, onProgress, signal } = options
  // One for each bundle that was pruned, and less than one for its tile and those above.
  const pruned = 3 * Number(tileCount(minimumIndex, 0))
  const report = await fsck(head, sourceOf(tree), {
    hasher: await loadBatchHasher(),
    maxProblems: maxProblems + pruned,
    ...(isStore(tree) ? { list: (folder) => namesIn(tree, folder) } : {}),
    ...(token === undefined ? {} : { token }),
    ...(onProgress === undefined
      ? {}
      : { onProgress: ({ entries, size }) => onProgress(entries, size) }),
    ...(signal === undefined ? {} : { signal }),
  })
  const problems = report.problems
    .filter((problem) => !isPruned(problem, minimumIndex))
    .slice(0, maxProblems)
    .map(({ paths, detail }) => ({ path: paths.join(' or '), detail }))
  return { head, problems, isComplete: report.complete, token: report.token }
}

/**
 * Reads a whole published log and recomputes every hash; also those of older partial files, where
 * the log is in a folder or store that can list them. Needs no state and no lock, writes nothing,
 * and keeps a few files in memory at a time.
 *
 * Rejects with LOG_NOT_FOUND, LOG_CHECKPOINT_INVALID, LOG_OPTIONS or LOG_IO where there is no
 * signed checkpoint to check the log against; all else that is wrong is returned as problems.
 */
export async function checkLog(
  options: (LogReaderOptions | TileReaderOptions) & CheckOptions,
): Promise<LogCheck> {
  const { tree, identity } = readerContext(options)
  return checkTree(tree, await requireHead(tree, identity), options)
}
