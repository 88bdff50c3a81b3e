/** An entry between its caller and the log. */
import type { Progress } from './progress.ts'
import { maxBatch, maxStagedBytes } from './storage.ts'

/** An entry on its way. */
export interface Item {
  readonly entry: Uint8Array
  readonly progress: Progress
  /** The SHA-256 of its key (32 bytes), where it has one. */
  readonly digest: Uint8Array | undefined
}

/** How many bytes the entries have together. */
export function bytesOf(items: readonly Item[]): number {
  return items.reduce((sum, { entry }) => sum + entry.length, 0)
}

/** How much fits. */
export interface Room {
  readonly entries: number
  readonly bytes: number
}

/** Takes out the first of `items`, as many as fit and may be handled together. */
export function takeBatch(
  items: Item[],
  room: Room = { entries: maxBatch, bytes: maxStagedBytes },
): Item[] {
  const most = Math.min(room.entries, maxBatch)
  const mostBytes = Math.min(room.bytes, maxStagedBytes)
  let count = 0
  let bytes = 0
  for (const { entry } of items) {
    bytes += entry.length
    if (count >= most || bytes > mostBytes) break
    count += 1
  }
  return items.splice(0, count)
}
