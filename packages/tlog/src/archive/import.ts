/** Reads a whole log out of one file. */
import { nodeHasher } from '@vaultmesh/merkle/node'
import { type TileFailure, VerifiedTiles } from '@vaultmesh/merkle/tiles'
import type { TreeFile } from '../edge.ts'
import { TlogError } from '../errors.ts'
import { type Head, type LogIdentity, openHead } from '../head.ts'
import type { TileStore } from '../storage.ts'
import { treeFiles } from './order.ts'
import { ArchiveSource, invalidArchive } from './source.ts'

/** What {@link importLog} needs. */
export interface ImportOptions extends LogIdentity {
  /** The file, in pieces of any length. */
  readonly archive: AsyncIterable<Uint8Array>
  /** Where the log goes: a place without one. */
  readonly tiles: TileStore
  /** As the log was exported with. */
  readonly minimumIndex?: bigint
  /** Ends the import: it rejects with the signal's reason, and nothing stays. */
  readonly signal?: AbortSignal
}

/** Files are written in groups of about this many bytes. */
const groupLength = 4 * 1024 * 1024

function toError({ detail, cause }: TileFailure): Error {
  return cause instanceof Error ? cause : invalidArchive(detail, cause)
}

async function* pathsOf(store: TileStore): AsyncGenerator<string, void, void> {
  yield* store.list('tile/')
}

async function requireEmpty(store: TileStore): Promise<void> {
  let isEmpty = (await store.read('checkpoint', Number.MAX_SAFE_INTEGER)) === undefined
  for await (const _ of pathsOf(store)) {
    isEmpty = false
    break
  }
  if (isEmpty) return
  throw new TlogError('LOG_EXISTS', `there is a log, or a part of one, in ${store.name} already`)
}

async function removeAll(store: TileStore): Promise<void> {
  let paths: string[] = []
  for await (const path of pathsOf(store)) {
    paths.push(path)
    if (paths.length < 1000) continue
    await store.delete(paths)
    paths = []
  }
  await store.delete(paths)
}

/** Puts every file, each after it was verified. Gives the head that they belong to. */
async function putAll(options: ImportOptions, source: ArchiveSource): Promise<Head> {
  const { tiles: store, minimumIndex = 0n, signal } = options
  const head = await openHead(await source.next('checkpoint'), options)
  if (typeof head === 'string') {
    throw new TlogError(
      'LOG_CHECKPOINT_INVALID',
      `the checkpoint in the file is not to be believed: ${head}; check the origin and keys`,
    )
  }
  const opened = await VerifiedTiles.open(head, source.tiles, { hasher: nodeHasher })
  if (!opened.ok) throw toError(opened)
  let group: TreeFile[] = []
  let length = 0
  for await (const file of treeFiles({ tiles: opened.tiles, minimumIndex, toError, signal })) {
    group.push(file)
    length += file.bytes.length
    if (length < groupLength) continue
    await store.put(group)
    group = []
    length = 0
  }
  await source.end()
  await store.put(group)
  return head
}

/**
 * Brings a log that {@link exportLog} wrote to a place without one. Every file is verified against
 * the signed checkpoint before it is written; the checkpoint comes last. Where that fails, nothing
 * stays; where the process dies before, tiles without a checkpoint do, which are no log.
 *
 * What is imported can be read, and not written to: its writer's state is not in the file. Rejects
 * with LOG_ARCHIVE_INVALID, LOG_CHECKPOINT_INVALID, LOG_EXISTS, LOG_IO, LOG_NO_SPACE, what the
 * archive rejects with, or the signal's reason.
 */
export async function importLog(options: ImportOptions): Promise<Head> {
  const { tiles: store, signal } = options
  signal?.throwIfAborted()
  await requireEmpty(store)
  const source = new ArchiveSource(options.archive)
  try {
    await store.prepare()
    const head = await putAll(options, source)
    await store.publish(head.checkpoint)
    return head
  } catch (error) {
    await removeAll(store)
    throw error
  } finally {
    await source.close()
  }
}
