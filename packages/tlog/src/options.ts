/** What a log is opened with. */
import { resolve } from 'node:path'
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { isKeyName, type NoteSigner, type NoteVerifier } from '@vaultmesh/merkle/note'
import type { DedupeKeyOf } from './appender.ts'
import type { Cosign } from './cosign.ts'
import { TlogError } from './errors.ts'
import { type FileSystem, nodeFileSystem } from './fs.ts'
import type { LogIdentity } from './head.ts'
import type { LogObserver } from './observer.ts'
import { type PosixPlace, posixStorage } from './posix/storage.ts'
import { PosixTiles } from './posix/tiles.ts'
import type { LogStorage, TileReader } from './storage.ts'

/** A published tree in a folder of this machine. */
export interface TreePlace {
  /** The folder of the published tree. */
  readonly directory: string
  /** Where files are; the file system of this machine by default. */
  readonly fileSystem?: FileSystem
}

/** What a log is, wherever it is. */
interface IdentityOptions {
  /** The log's identity, also the name of its key. */
  readonly origin: string
  /** The keys of the log, older ones too; others, such as those of witnesses, may be among them. */
  readonly verifiers: readonly NoteVerifier[]
}

/** What is needed to read a log in a folder. */
export interface LogReaderOptions extends IdentityOptions, TreePlace {}

/** What is needed to read a log anywhere else. */
export interface TileReaderOptions extends IdentityOptions {
  /** Its published files. */
  readonly tiles: TileReader
}

/** How a log is written. */
interface WriterOptions extends IdentityOptions {
  /** Who signs checkpoints. The first is the log's key, and also among the verifiers. */
  readonly signers: readonly NoteSigner[]
  /** How long to wait for another writer to end, in milliseconds: 10,000 by default. */
  readonly lockTimeoutMs?: number
  /** Ends the wait for another writer. */
  readonly signal?: AbortSignal
  /**
   * How long entries that nobody waits to see integrated or published may stay staged, to be
   * integrated together, in milliseconds: 100 by default.
   */
  readonly integrationDelayMs?: number
  /** Gathers cosignatures; a checkpoint is published only with what it gives. */
  readonly cosign?: Cosign
  /** Reads the keys of entries, for logs that recognise repeated ones. */
  readonly dedupeKeyOf?: DedupeKeyOf
  /** Told of each step. */
  readonly observer?: LogObserver
}

/** What is needed to write a log in two folders of this machine. */
export interface LogOptions extends WriterOptions, PosixPlace {}

/** What is needed to write a log anywhere else. */
export interface StorageOptions extends WriterOptions {
  /** All that it is kept in. */
  readonly storage: LogStorage
}

/** What is needed to look at a log with its writer's state. */
export type PlaceOptions = IdentityOptions & (PosixPlace | { readonly storage: LogStorage })

/** {@link LogReaderOptions}, read. */
export interface ReaderContext {
  readonly tree: TileReader
  readonly identity: LogIdentity
}

/** {@link PlaceOptions}, read. */
export interface PlaceContext extends ReaderContext {
  readonly storage: LogStorage
}

/** {@link LogOptions}, read. */
export interface WriterContext extends PlaceContext {
  readonly signers: readonly NoteSigner[]
  readonly lockTimeoutMs: number
  readonly signal: AbortSignal | undefined
  readonly integrationDelayMs: number
  readonly cosign: Cosign
  readonly dedupeKeyOf: DedupeKeyOf | undefined
  readonly observer: LogObserver
}

const defaultLockTimeoutMs = 10_000
const defaultIntegrationDelayMs = 100

/** An origin stands in every proof; this keeps it within bounds. */
const maxOriginLength = 1024

function identityOf({ origin, verifiers }: IdentityOptions): LogIdentity {
  if (!isKeyName(origin) || encodeUtf8(origin).length > maxOriginLength) {
    throw new TlogError(
      'LOG_OPTIONS',
      `${JSON.stringify(origin.slice(0, 100))} can't be an origin: it is up to ${maxOriginLength} bytes without spaces, control characters or +`,
    )
  }
  return { origin, verifiers }
}

/** Throws LOG_OPTIONS for an origin that can't be one. */
export function readerContext(options: LogReaderOptions | TileReaderOptions): ReaderContext {
  const identity = identityOf(options)
  if ('tiles' in options) return { tree: options.tiles, identity }
  const { directory, fileSystem = nodeFileSystem } = options
  return { tree: new PosixTiles(fileSystem, resolve(directory)), identity }
}

/** As {@link readerContext}; also LOG_OPTIONS for the folders. */
export function placeContext(options: PlaceOptions): PlaceContext {
  const identity = identityOf(options)
  const storage = 'storage' in options ? options.storage : posixStorage(options, options.origin)
  return { storage, tree: storage.tiles, identity }
}

/** As {@link placeContext}; also LOG_SIGNER for the keys. */
export function writerContext(options: LogOptions | StorageOptions): WriterContext {
  const place = placeContext(options)
  const [logSigner] = options.signers
  const isTrusted = options.verifiers.some(
    ({ name, keyId }) => name === logSigner?.name && keyId === logSigner.keyId,
  )
  if (logSigner?.name !== options.origin || !isTrusted) {
    throw new TlogError(
      'LOG_SIGNER',
      `the first signer must be the key named ${options.origin}, and its verifier among the verifiers; else the log could not be opened again`,
    )
  }
  return {
    ...place,
    signers: options.signers,
    lockTimeoutMs: options.lockTimeoutMs ?? defaultLockTimeoutMs,
    signal: options.signal,
    integrationDelayMs: options.integrationDelayMs ?? defaultIntegrationDelayMs,
    cosign: options.cosign ?? (async (checkpoint) => checkpoint),
    dedupeKeyOf: options.dedupeKeyOf,
    observer: options.observer ?? {},
  }
}
