/** Writes a whole log as one file. */
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import type { LogIdentity } from '../head.ts'
import type { TileReader } from '../storage.ts'
import { requireHead } from '../tree-files.ts'
import { openTiles, treeError } from '../tree-source.ts'
import { treeFiles } from './order.ts'
import { tarEnd, tarFile } from './tar.ts'

/** What {@link exportLog} needs. */
export interface ExportOptions extends LogIdentity {
  readonly tiles: TileReader
  /** Where entries were pruned: what ends at or before this index is left out. 0 by default. */
  readonly minimumIndex?: bigint
  /** Ends the export: the next piece rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * A log as it is published now, as the pieces of one file: a tar archive of its checkpoint, tiles
 * and entry bundles (docs/formats/log.md). The same log gives the same bytes. Every piece is
 * verified before it is given out, and one is in memory at a time: at most 16 MiB.
 *
 * Rejects with LOG_NOT_FOUND, LOG_CHECKPOINT_INVALID, LOG_TREE_DAMAGED, LOG_IO, or the signal's
 * reason. What was given out before is then to be thrown away: it has no end.
 */
export async function* exportLog(options: ExportOptions): AsyncGenerator<Uint8Array, void, void> {
  const { tiles: reader, minimumIndex = 0n, signal } = options
  signal?.throwIfAborted()
  const head = await requireHead(reader, options)
  const tiles = await openTiles(head, reader)
  yield tarFile('checkpoint', encodeUtf8(head.checkpoint))
  for await (const { path, bytes } of treeFiles({
    tiles,
    minimumIndex,
    toError: treeError,
    signal,
  })) {
    yield tarFile(path, bytes)
  }
  yield tarEnd
}
