/** Logs in memory, made without a writer, which a test can damage, fork and stop. */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { TreeBuilder } from '@vaultmesh/merkle/build'
import { concatBytes, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { formatCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { ed25519Cosigner } from '@vaultmesh/merkle/cosignature'
import { ed25519NoteSigner, ed25519Signer, nodeHasher } from '@vaultmesh/merkle/node'
import { type NoteSigner, signNote } from '@vaultmesh/merkle/note'
import { parsePolicy, type TlogPolicy } from '@vaultmesh/merkle/policy'
import { batchHasherFrom } from '@vaultmesh/merkle/rfc6962'
import { entryBundlePath, tilePath, tileWidth } from '@vaultmesh/merkle/tiles'
import type { TileReader, TileStore, TreeFile } from '@vaultmesh/tlog'

export const origin = 'example.com/vm/payments'

/** An Ed25519 key that is the same in every run. */
export function testKey(seed: number): KeyObject {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
  const key = Buffer.concat([prefix, Buffer.alloc(32, seed)])
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
}

/** The key of the log that the tests mirror. */
export const logKey: NoteSigner & { readonly vkey: string } = ed25519NoteSigner(origin, testKey(1))

/** The key of a witness. */
export function witnessKey(
  name: string,
  seed: number,
  now: () => bigint = () => 1_700_000_000n,
): NoteSigner & { readonly vkey: string } {
  return ed25519Cosigner({ name, signer: ed25519Signer(testKey(seed)), now })
}

export function policyFrom(text: string): TlogPolicy {
  const parsed = parsePolicy(text)
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.policy
}

/** The text of a policy without a quorum. */
export const plainPolicy: TlogPolicy = policyFrom(`log ${logKey.vkey}\nquorum none\n`)

/** A {@link TileStore} in a map. */
export class MapTiles implements TileStore {
  readonly name = 'a map'
  readonly files = new Map<string, Uint8Array>()
  /** The paths that were read. */
  readonly reads: string[] = []
  /** Called before each operation; what it throws is the operation's. */
  intercept: (operation: string, path: string) => void | Promise<void> = () => {}

  async read(path: string, limit: number): Promise<Uint8Array | undefined> {
    await this.intercept('read', path)
    this.reads.push(path)
    const bytes = this.files.get(path)
    if (bytes !== undefined && bytes.length > limit) throw new Error(`${path} is too long`)
    return bytes
  }

  async prepare(): Promise<void> {
    await this.intercept('prepare', '')
  }

  async put(files: readonly TreeFile[]): Promise<void> {
    for (const { path, bytes } of files) {
      await this.intercept('put', path)
      const present = this.files.get(path)
      if (present !== undefined && Buffer.compare(present, bytes) !== 0) {
        throw new Error(`${path} would be overwritten`)
      }
      this.files.set(path, Uint8Array.from(bytes))
    }
  }

  async publish(checkpoint: string): Promise<void> {
    await this.intercept('publish', 'checkpoint')
    this.files.set('checkpoint', encodeUtf8(checkpoint))
  }

  async *list(prefix: string): AsyncGenerator<string, void, void> {
    for (const path of [...this.files.keys()]) if (path.startsWith(prefix)) yield path
  }

  async delete(paths: readonly string[]): Promise<void> {
    for (const path of paths) {
      await this.intercept('delete', path)
      this.files.delete(path)
    }
  }

  /** What is there, to be compared. */
  content(): Record<string, string> {
    const sorted = [...this.files].sort(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(
      sorted.map(([path, bytes]) => [path, Buffer.from(bytes).toString('base64')]),
    )
  }

  /** The same files, to be changed on their own. */
  copy(): MapTiles {
    const copied = new MapTiles()
    for (const [path, bytes] of this.files) copied.files.set(path, Uint8Array.from(bytes))
    return copied
  }
}

/** Changes one bit at the end of a file. */
export function flipBit(tiles: MapTiles, path: string): void {
  const bytes = Uint8Array.from(tiles.files.get(path) ?? [])
  const at = bytes.length - 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  tiles.files.set(path, bytes)
}

/** Gives nothing. */
export const emptyReader: TileReader = { name: 'nothing', read: async () => undefined }

/** How a log is made. */
export interface LogShape {
  readonly name?: string
  readonly signer?: NoteSigner
  /** From this index on, entries are others: a fork of the same log with another number. */
  readonly forkAt?: number
  readonly branch?: number
  /** Who else signs each checkpoint. */
  readonly cosigners?: readonly NoteSigner[]
}

/** A log that can grow. */
export class MapLog {
  readonly tiles = new MapTiles()
  readonly checkpoints: string[] = []
  readonly #builder = TreeBuilder.empty(batchHasherFrom(nodeHasher))
  readonly #shape: LogShape
  #open: Uint8Array[] = []

  constructor(shape: LogShape = {}) {
    this.#shape = shape
  }

  #entry(index: number): Uint8Array {
    const { forkAt = Number.POSITIVE_INFINITY, branch = 0 } = this.#shape
    return encodeUtf8(index < forkAt ? `entry ${index}` : `entry ${index} of branch ${branch}`)
  }

  /** Adds entries up to `size`, and publishes a checkpoint. */
  async grow(size: number, cosigners = this.#shape.cosigners ?? []): Promise<string> {
    const { name = origin, signer = logKey } = this.#shape
    const from = Number(this.#builder.size)
    const added = Array.from({ length: size - from }, (_, i) => this.#entry(from + i))
    const full = this.#builder.append(added)
    for (const { level, index, hashes } of full)
      this.tiles.files.set(tilePath(level, index), hashes)
    for (const { level, index, width, hashes } of this.#builder.partialTiles()) {
      this.tiles.files.set(tilePath(level, index, width), hashes)
    }
    this.#bundles(added, from)
    const root = this.#builder.root()
    const text = formatCheckpoint({ origin: name, size: BigInt(size), root, extensions: [] })
    const checkpoint = await signNote(text, [signer, ...cosigners])
    this.checkpoints.push(checkpoint)
    this.tiles.files.set('checkpoint', encodeUtf8(checkpoint))
    return checkpoint
  }

  #bundles(added: readonly Uint8Array[], from: number): void {
    let index = BigInt(Math.floor(from / tileWidth))
    for (const entry of added) {
      this.#open.push(entry)
      if (this.#open.length < tileWidth) continue
      this.tiles.files.set(entryBundlePath(index), bundle(this.#open))
      this.#open = []
      index += 1n
    }
    if (this.#open.length === 0) return
    this.tiles.files.set(entryBundlePath(index, this.#open.length), bundle(this.#open))
  }
}

function bundle(entries: readonly Uint8Array[]): Uint8Array {
  const parts = entries.flatMap((entry) => [
    Uint8Array.of(entry.length >> 8, entry.length & 255),
    entry,
  ])
  return concatBytes(...parts)
}

/** A log of some size. */
export async function logOf(size: number, shape: LogShape = {}): Promise<MapLog> {
  const log = new MapLog(shape)
  await log.grow(size)
  return log
}
