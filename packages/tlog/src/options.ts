/** What a log is opened with. */
import { relative, resolve, sep } from 'node:path'
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { isKeyName, type NoteSigner, type NoteVerifier } from '@vaultmesh/merkle/note'
import { TlogError } from './errors.ts'
import { type FileSystem, nodeFileSystem } from './fs.ts'
import type { LogIdentity } from './head.ts'
import type { TreeLocation } from './tree-files.ts'

/** What is needed to read a log. */
export interface LogReaderOptions {
  /** The folder of the published tree. */
  readonly directory: string
  /** The log's identity, also the name of its key. */
  readonly origin: string
  /** The keys of the log; others, such as those of witnesses, may be among them. */
  readonly verifiers: readonly NoteVerifier[]
  /** Where files are; the file system of this machine by default. */
  readonly fileSystem?: FileSystem
}

/** What is needed to write a log. */
export interface LogOptions extends LogReaderOptions {
  /** The folder of the writer's own state. Outside the tree; never in the same backup. */
  readonly stateDirectory: string
  /** Who signs checkpoints. The first is the log's key, and also among the verifiers. */
  readonly signers: readonly NoteSigner[]
  /** How long to wait for another writer to end, in milliseconds: 10,000 by default. */
  readonly lockTimeoutMs?: number
  /** Ends the wait for another writer. */
  readonly signal?: AbortSignal
}

/** {@link LogReaderOptions}, read. */
export interface ReaderContext {
  readonly tree: TreeLocation
  readonly identity: LogIdentity
}

/** {@link LogOptions}, read. */
export interface WriterContext extends ReaderContext {
  readonly stateDirectory: string
  readonly signers: readonly NoteSigner[]
}

/** An origin stands in every proof; this keeps it, and the stage's header, within bounds. */
const maxOriginLength = 1024

/** Resolves the folder. Throws LOG_OPTIONS for an origin that can't be one. */
export function readerContext(options: LogReaderOptions): ReaderContext {
  const { origin, verifiers, fileSystem = nodeFileSystem } = options
  if (!isKeyName(origin) || encodeUtf8(origin).length > maxOriginLength) {
    throw new TlogError(
      'LOG_OPTIONS',
      `${JSON.stringify(origin.slice(0, 100))} can't be an origin: it is up to ${maxOriginLength} bytes without spaces, control characters or +`,
    )
  }
  return {
    tree: { fs: fileSystem, directory: resolve(options.directory) },
    identity: { origin, verifiers },
  }
}

function isInside(inner: string, outer: string): boolean {
  const path = relative(outer, inner)
  return path !== '..' && !path.startsWith(`..${sep}`) && resolve(outer, path) === inner
}

/** As {@link readerContext}; also LOG_OPTIONS for the folders, and LOG_SIGNER for the keys. */
export function writerContext(options: LogOptions): WriterContext {
  const context = readerContext(options)
  const { directory } = context.tree
  const stateDirectory = resolve(options.stateDirectory)
  if (isInside(stateDirectory, directory) || isInside(directory, stateDirectory)) {
    throw new TlogError(
      'LOG_OPTIONS',
      `the state in ${stateDirectory} and the tree in ${directory} must not be one inside the other: the tree is published and restored from backups, the state never`,
    )
  }
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
  return { ...context, stateDirectory, signers: options.signers }
}
