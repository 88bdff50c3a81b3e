/** Published logs, made without a writer. */
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { formatCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { signNote } from '@vaultmesh/merkle/note'
import { emptyEdge, extendEdge } from '../../src/edge.ts'
import type { TileReader, TileStore } from '../../src/storage.ts'
import { bytesOf, origin, recordingKey } from './logs.ts'

/** A {@link TileStore} in a map that the test may look into and damage. */
export class MapTiles implements TileStore {
  readonly name = 'a map'
  readonly files = new Map<string, Uint8Array>()

  async read(path: string, limit: number): Promise<Uint8Array | undefined> {
    const bytes = this.files.get(path)
    if (bytes !== undefined && bytes.length > limit) throw new Error(`${path} is too long`)
    return bytes
  }

  async prepare(): Promise<void> {}

  async put(files: readonly { path: string; bytes: Uint8Array }[]): Promise<void> {
    for (const { path, bytes } of files) {
      const present = this.files.get(path)
      if (present !== undefined && Buffer.compare(present, bytes) !== 0) {
        throw new Error(`${path} would be overwritten`)
      }
      this.files.set(path, Uint8Array.from(bytes))
    }
  }

  async publish(checkpoint: string): Promise<void> {
    this.files.set('checkpoint', encodeUtf8(checkpoint))
  }

  async *list(prefix: string): AsyncGenerator<string, void, void> {
    for (const path of [...this.files.keys()]) if (path.startsWith(prefix)) yield path
  }

  async delete(paths: readonly string[]): Promise<void> {
    for (const path of paths) this.files.delete(path)
  }

  /** What is there, in hex, to be compared. */
  content(): Record<string, string> {
    const sorted = [...this.files].sort(([a], [b]) => (a < b ? -1 : 1))
    return Object.fromEntries(
      sorted.map(([path, bytes]) => [path, Buffer.from(bytes).toString('hex')]),
    )
  }

  /** The same files, to be changed on their own. */
  copy(): MapTiles {
    const copied = new MapTiles()
    for (const [path, bytes] of this.files) copied.files.set(path, Uint8Array.from(bytes))
    return copied
  }
}

/** The key of all logs that {@link publishedLog} makes, and their identity. */
export const logKey: ReturnType<typeof recordingKey> = recordingKey()

/** Whose checkpoints they have. */
export const identity = { origin, verifiers: [logKey.verifier] }

/** The signed checkpoint of a tree. */
function signedCheckpoint(size: bigint, root: Uint8Array): Promise<string> {
  return signNote(formatCheckpoint({ origin, size, root, extensions: [] }), [logKey.signer])
}

export function entryAt(index: number): Uint8Array {
  return bytesOf(`entry ${index}`)
}

/**
 * A log that grew to each of `sizes`, one after the other, with all the partial files of those
 * sizes; `checkpoints` has the signed checkpoint of each.
 */
export function publishedLog(
  ...sizes: readonly number[]
): Promise<{ tiles: MapTiles; checkpoints: string[] }> {
  return logOf(sizes, entryAt)
}

/** As {@link publishedLog}, with other entries. */
export async function logOf(
  sizes: readonly number[],
  entry: (index: number) => Uint8Array,
): Promise<{ tiles: MapTiles; checkpoints: string[] }> {
  const tiles = new MapTiles()
  const checkpoints: string[] = []
  let edge = emptyEdge
  for (const size of sizes) {
    const from = Number(edge.size)
    const added = Array.from({ length: size - from }, (_, i) => entry(from + i))
    const growth = extendEdge(edge, added)
    edge = growth.edge
    await tiles.put(growth.files)
    checkpoints.push(await signedCheckpoint(edge.size, growth.root))
  }
  await tiles.publish(checkpoints.at(-1) ?? '')
  return { tiles, checkpoints }
}

/** Changes one bit at the end of a file: of a hash, or of an entry, but of no length. */
export function flipBit(tiles: MapTiles, path: string): void {
  const bytes = Uint8Array.from(tiles.files.get(path) ?? [])
  const at = bytes.length - 1
  bytes[at] = (bytes[at] ?? 0) ^ 1
  tiles.files.set(path, bytes)
}

/** Gives nothing. */
export const emptyReader: TileReader = { name: 'nothing', read: async () => undefined }
