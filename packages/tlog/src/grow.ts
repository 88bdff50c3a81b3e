/** Grows a log by many entries without holding up everything else. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Edge, extendEdge, type Growth, type TreeFile } from './edge.ts'

/** How many entries are hashed before others get a turn: some milliseconds of work. */
const entriesPerTurn = 512

/** As `extendEdge`, in turns. Of each tile and bundle only the widest is left. */
export async function grow(edge: Edge, entries: readonly Uint8Array[]): Promise<Growth> {
  let growth = extendEdge(edge, entries.slice(0, entriesPerTurn))
  if (entries.length <= entriesPerTurn) return growth
  const files = new Map<string, TreeFile>()
  const keep = (file: TreeFile): unknown => files.set(file.path.replace(/\.p\/[0-9]+$/, ''), file)
  growth.files.forEach(keep)
  for (let i = entriesPerTurn; i < entries.length; i += entriesPerTurn) {
    await nextTurn()
    growth = extendEdge(growth.edge, entries.slice(i, i + entriesPerTurn))
    growth.files.forEach(keep)
  }
  return { ...growth, files: [...files.values()] }
}
