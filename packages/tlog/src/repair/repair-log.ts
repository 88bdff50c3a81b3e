/** Mends a log from its writer's stage and from mirrors. */
import { maxNoteLength } from '@vaultmesh/merkle/note'
import type { Cosign } from '../cosign.ts'
import { TlogError } from '../errors.ts'
import { type Head, isSameTree, type LogIdentity, openHead } from '../head.ts'
import type { LockBackend, Stage, TileReader, TileStore } from '../storage.ts'
import { type RepairedTree, repairTree } from './repair.ts'
import { stagedBundles } from './staged.ts'

/** What {@link repairLog} needs. */
export interface RepairOptions extends LogIdentity {
  readonly tiles: TileStore
  /** The writer's state, where it is at hand: it says which tree is the last one. */
  readonly writer?: { readonly lock: LockBackend; readonly stage: Stage } | undefined
  /** Copies of the log. Nothing they give is trusted. */
  readonly mirrors?: readonly TileReader[]
  /** As for `repairTree`. */
  readonly minimumIndex?: bigint
  /** Gathers cosignatures for a checkpoint that has to be published anew. */
  readonly cosign?: Cosign | undefined
  /** How long to wait for the writer to end, in milliseconds: 10,000 by default. */
  readonly lockTimeoutMs?: number
  readonly onRepaired?: (path: string) => void
  readonly signal?: AbortSignal
}

/** What became of a log. */
export interface RepairedLog extends RepairedTree {
  /** The head that the files were held against. */
  readonly head: Head
  /** Whether the checkpoint had to be published anew. */
  readonly isPublished: boolean
}

const defaultLockTimeoutMs = 10_000

/** The head that somebody has, where it can be read and believed. */
async function headIn(
  read: () => Promise<Uint8Array | undefined>,
  identity: LogIdentity,
): Promise<Head | undefined> {
  const bytes = await read().catch(() => undefined)
  if (bytes === undefined) return undefined
  const head = await openHead(bytes, identity)
  return typeof head === 'string' ? undefined : head
}

function headOf(reader: TileReader, identity: LogIdentity): Promise<Head | undefined> {
  return headIn(() => reader.read('checkpoint', maxNoteLength), identity)
}

function laterOf(a: Head | undefined, b: Head | undefined): Head | undefined {
  if (a === undefined || b === undefined) return a ?? b
  if (a.size === b.size && !isSameTree(a, b)) {
    throw new TlogError(
      'LOG_FORKED',
      `two checkpoints of ${a.size} entries were signed; never sign with this key again: keep both as evidence and begin a log with another origin`,
    )
  }
  return a.size < b.size ? b : a
}

/** What is to be repaired, and out of what. */
interface Found {
  readonly head: Head
  readonly published: Head | undefined
  readonly sources: readonly TileReader[]
}

async function find(options: RepairOptions): Promise<Found> {
  const { tiles, writer, mirrors = [] } = options
  const published = await headOf(tiles, options)
  const signed = writer && (await headIn(() => writer.lock.read(), options))
  let head = laterOf(published, signed)
  // Where the log itself has none, any that its key signed will do.
  for (const mirror of head === undefined ? mirrors : []) {
    head = laterOf(head, await headOf(mirror, options))
  }
  if (head === undefined) {
    throw new TlogError(
      'LOG_NOT_FOUND',
      `neither ${tiles.name} nor a mirror has a checkpoint of ${options.origin} that can be believed`,
    )
  }
  const staged = signed && (await writer?.stage.open())
  const stage = staged && writer && stagedBundles(writer.stage, staged, tiles)
  return { head, published, sources: stage === undefined ? mirrors : [stage, ...mirrors] }
}

/** The head's checkpoint, cosigned where a mirror or `cosign` has it so. */
async function checkpointFor(head: Head, options: RepairOptions): Promise<string> {
  if (options.cosign !== undefined) return options.cosign(head.checkpoint)
  for (const mirror of options.mirrors ?? []) {
    const theirs = await headOf(mirror, options)
    if (theirs !== undefined && isSameTree(theirs, head)) return theirs.checkpoint
  }
  return head.checkpoint
}

async function repairFound(options: RepairOptions): Promise<RepairedLog> {
  const { tiles, minimumIndex = 0n, onRepaired, signal } = options
  const { head, published, sources } = await find(options)
  const repaired = await repairTree(head, {
    tiles,
    sources,
    minimumIndex,
    ...(onRepaired === undefined ? {} : { onRepaired }),
    signal,
  })
  const isPublished = published !== undefined && isSameTree(published, head)
  if (isPublished || repaired.lost.length > 0) return { ...repaired, head, isPublished: false }
  await tiles.prepare()
  await tiles.publish(await checkpointFor(head, options))
  return { ...repaired, head, isPublished: true }
}

/**
 * Mends the published files of a log, as `repairTree` does, up to the last checkpoint that its
 * writer signed; without the writer's state, up to the one that is published, else up to the one of
 * a mirror. Where all of it could be mended, that checkpoint is published.
 *
 * Takes the writer's lock. Rejects with LOG_NOT_FOUND where nothing says what the log should be,
 * LOG_FORKED, LOG_LOCKED, LOG_NOT_WITNESSED, LOG_IO, LOG_NO_SPACE, or the signal's reason.
 */
export async function repairLog(options: RepairOptions): Promise<RepairedLog> {
  const { writer, signal, lockTimeoutMs: timeoutMs = defaultLockTimeoutMs } = options
  signal?.throwIfAborted()
  if (writer === undefined || (await writer.lock.read()) === undefined) {
    return repairFound({ ...options, writer: undefined })
  }
  const lock = await writer.lock.acquire({ timeoutMs, signal })
  try {
    return await repairFound(options)
  } finally {
    await writer.stage.close()
    await lock.release()
  }
}
