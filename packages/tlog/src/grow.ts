/** Grows a log by many entries without holding up everything else. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { tileWidth } from '@vaultmesh/merkle/tiles'
import { loadBatchHasher, oneByOne } from './batch-hasher.ts'
import { type Edge, extendEdge, type Growth, type TreeFile } from './edge.ts'

/** How many entries are hashed before others get a turn: some milliseconds of work. */
const entriesPerTurn = 512

/** From so many on, hashing several at once is worth loading what can. */
const manyEntries = 256

/** As `extendEdge`, in turns. Of each tile and bundle only the widest is left. */
export async function grow(edge: Edge, entries: readonly Uint8Array[]): Promise<Growth> {
  const hasher = entries.length < manyEntries ? oneByOne : await loadBatchHasher()
  // The first turn ends where a tile does, so that the next ones hash whole tiles.
  const first = entriesPerTurn - Number(edge.size % BigInt(tileWidth))
  let growth = extendEdge(edge, entries.slice(0, first), hasher)
  if (entries.length <= first) return growth
  const files = new Map<string, TreeFile>()
  const keep = (file: TreeFile): unknown => files.set(file.path.replace(/\.p\/[0-9]+$/, ''), file)
  growth.files.forEach(keep)
  for (let i = first; i < entries.length; i += entriesPerTurn) {
    await nextTurn()
    growth = extendEdge(growth.edge, entries.slice(i, i + entriesPerTurn), hasher)
    growth.files.forEach(keep)
  }
  return { ...growth, files: [...files.values()] }
}
