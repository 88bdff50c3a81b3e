/** A published C2SP tree, made at once: logs of a size that appending would take long to reach. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { TreeBuilder } from '@vaultmesh/merkle/build'
import type { BatchHasher } from '@vaultmesh/merkle/rfc6962'
import { encodeEntryBundle, entryBundlePath, tilePath, tileWidth } from '@vaultmesh/merkle/tiles'

/** Takes a file of the tree, by its path. */
export type PutFile = (path: string, bytes: Uint8Array) => void

/** The entry of an index: `length` bytes that begin with it, as peers in other languages make it. */
export function indexedEntry(index: number, length: number): Uint8Array {
  const entry = new Uint8Array(length)
  new DataView(entry.buffer).setBigUint64(0, BigInt(index))
  return entry
}

/**
 * Makes the files of a tree of `count` entries, but for the checkpoint, and gives its root. Holds
 * one bundle at a time.
 */
export function makeTree(
  count: number,
  entryLength: number,
  hasher: BatchHasher,
  put: PutFile,
): Uint8Array {
  const builder = TreeBuilder.empty(hasher)
  const pathOf = (level: number, index: bigint, width: number) =>
    tilePath(level, index, width === tileWidth ? undefined : width)
  for (let at = 0; at < count; at += tileWidth) {
    const width = Math.min(tileWidth, count - at)
    const entries = Array.from({ length: width }, (_, i) => indexedEntry(at + i, entryLength))
    const partial = width === tileWidth ? undefined : width
    put(entryBundlePath(BigInt(at / tileWidth), partial), encodeEntryBundle(entries))
    for (const { level, index, hashes } of builder.append(entries)) {
      put(pathOf(level, index, tileWidth), hashes)
    }
  }
  for (const { level, index, hashes } of builder.partialTiles()) {
    put(pathOf(level, index, hashes.length / 32), hashes)
  }
  return builder.root()
}

/** Writes the files below a folder. They are not synced: only their reading is measured. */
export function filesBelow(directory: string): PutFile {
  const made = new Set<string>()
  return (path, bytes) => {
    const file = join(directory, path)
    const folder = dirname(file)
    if (!made.has(folder)) {
      mkdirSync(folder, { recursive: true })
      made.add(folder)
    }
    const descriptor = openSync(file, 'w')
    writeSync(descriptor, bytes)
    closeSync(descriptor)
  }
}
