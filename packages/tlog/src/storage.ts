/**
 * What a log is kept in: an untrusted store of tiles that everyone reads, and the trusted lock,
 * stage and key index of its writer. A driver implements these; the conformance suite holds it to
 * them.
 */
import type { TreeFile } from './edge.ts'
import type { Tree } from './head.ts'

/** The published files of a log, to be read. Whatever it gives may have been written by anybody. */
export interface TileReader {
  /** Where it is, for messages: a folder, a URL. */
  readonly name: string
  /**
   * The bytes at a path that tlog-tiles defines (`checkpoint`, `tile/0/x001/067`, ...), or undefined
   * where there are none. Rejects where there are more than `limit` bytes, and where it can't be
   * read.
   */
  read(path: string, limit: number): Promise<Uint8Array | undefined>
  /** The paths below a folder such as `tile/0/`, in no order, where it can list them. */
  list?(folder: string): AsyncIterable<string>
}

/**
 * The published files of a log, to be written. It needs no trust and no order: immutable puts, one
 * mutable object (`checkpoint`), listing and deletion, as an S3 bucket has.
 */
export interface TileStore extends TileReader {
  /** Makes the place where it is missing. */
  prepare(): Promise<void>
  /**
   * Brings tiles and entry bundles to durable storage. Putting the same bytes again is done again:
   * an earlier put may have been lost. Throws LOG_TREE_DAMAGED where other bytes are there: nothing
   * is ever overwritten.
   */
  put(files: readonly TreeFile[]): Promise<void>
  /** Makes `checkpoint` the one that readers see, durably and at once. */
  publish(checkpoint: string): Promise<void>
  /** The paths of tiles and bundles below a folder such as `tile/0/`, in no order. */
  list(folder: string): AsyncIterable<string>
  /** Removes what is no longer needed. Paths that are not there are passed over. */
  delete(paths: readonly string[]): Promise<void>
}

/** How to wait for a lock. */
export interface LockOptions {
  /** How long to wait, in milliseconds. */
  readonly timeoutMs: number
  /** Ends the wait: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** A lock that is held. */
export interface Lock {
  /** Gives it up. Nothing happens the second time. */
  release(): Promise<void>
}

/** The trusted memory of the last checkpoint that was signed, and the right to sign the next one. */
export interface LockBackend {
  /** Where it is, for messages. */
  readonly name: string
  /**
   * Whether other processes may write between two batches: the lock is then held for a batch at a
   * time. Otherwise it is held from opening to closing.
   */
  readonly isShared: boolean
  /** Makes the place where it is missing. */
  prepare(): Promise<void>
  /**
   * Becomes the only writer. Freed when the holder dies. Throws LOG_LOCKED after `timeoutMs`, the
   * signal's reason, LOG_IO or LOG_NO_SPACE.
   */
  acquire(options: LockOptions): Promise<Lock>
  /** The last signed checkpoint, or undefined where there never was one. Needs no lock. */
  read(): Promise<Uint8Array | undefined>
  /**
   * Stores `next` where `expected` is what is stored (undefined: nothing), and says whether it did.
   * On return it is durable. Storing what is stored makes sure that it is durable.
   */
  replace(expected: Uint8Array | undefined, next: Uint8Array): Promise<boolean>
}

/** What a stage holds: the entries `first` up to, not including, `next`. */
export interface StagedRange {
  readonly first: bigint
  readonly next: bigint
  /** The last signed tree when the newest of them were staged. */
  readonly base: Tree
}

/**
 * Entries that have an index for ever, from when they are sequenced until they are published. Only
 * the holder of the lock uses it.
 */
export interface Stage {
  /** Where it is, for messages. */
  readonly name: string
  /**
   * Looks at what an earlier writer has left; undefined for nothing. What was not written to its
   * end was never acknowledged and counts as nothing. Throws LOG_STATE_DAMAGED where what is there
   * can't be what a writer leaves.
   */
  open(): Promise<StagedRange | undefined>
  /** The staged entries from `from` on: at least one where it is below `next`, in any number. */
  read(from: bigint): Promise<readonly Uint8Array[]>
  /**
   * Brings the entries from `from` on to durable storage again: what can be read may never have got
   * there.
   */
  secure(from: bigint): Promise<void>
  /**
   * Adds entries at index `first`, which is `next` of what is staged. On return they are durable.
   * Throws LOG_NO_SPACE where none is staged and the stage can be used further.
   */
  append(first: bigint, entries: readonly Uint8Array[], base: Tree): Promise<void>
  /** Entries below `before` are published and may be dropped, at once or later. */
  discard(before: bigint): Promise<void>
  /** Lets go of files and connections. */
  close(): Promise<void>
}

/** An entry's key: the SHA-256 of it (32 bytes), and the entry's index. */
export interface KeyRow {
  readonly key: Uint8Array
  readonly index: bigint
}

/**
 * Where the keys of entries are found. Derived from the entries: it may be lost, or be behind, and
 * is then filled again. Only the holder of the lock uses it.
 */
export interface KeyIndex {
  /** The tree whose entries it covers, or undefined where it is empty or can't be used. */
  covered(): Promise<Tree | undefined>
  /** The index of the first entry with a key. */
  find(key: Uint8Array): Promise<bigint | undefined>
  /** Adds rows, keeping the first of each key, and covers `tree` from now on: both or neither. */
  add(rows: readonly KeyRow[], tree: Tree): Promise<void>
  /** Drops everything. */
  clear(): Promise<void>
  /** Lets go of files and connections. */
  close(): Promise<void>
}

/** All that a log is kept in. */
export interface LogStorage {
  readonly tiles: TileStore
  readonly lock: LockBackend
  readonly stage: Stage
  readonly keys: KeyIndex
}

/** The most entries that are staged together, and that one checkpoint adds. */
export const maxBatch = 4096

/** The most bytes that are staged together; a single entry may always be. */
export const maxStagedBytes: number = 8 * 1024 * 1024
