/** What a stopped writer left in the stage, and whether it belongs to this log. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { CompactRange } from '@vaultmesh/merkle/compact'
import { nodeHasher } from '@vaultmesh/merkle/node'
import type { VerifiedTiles } from '@vaultmesh/merkle/tiles'
import type { Edge } from './edge.ts'
import { TlogError } from './errors.ts'
import type { Tree } from './head.ts'
import { foreignStage } from './resume.ts'
import { maxBatch, type Stage, type StagedRange } from './storage.ts'
import { rootAt } from './tree-reads.ts'

/** Staged entries from `from` up to, not including, `to`, at most a batch at a time. */
export async function* stagedBatches(
  stage: Stage,
  from: bigint,
  to: bigint,
): AsyncGenerator<readonly Uint8Array[], void, void> {
  let at = from
  while (at < to) {
    const entries = await stage.read(at)
    if (entries.length === 0) {
      throw new TlogError('LOG_STATE_DAMAGED', `entry ${at} is no longer staged in ${stage.name}`)
    }
    for (let i = 0; i < entries.length && at < to; i += maxBatch) {
      const left = Number(to - at)
      const batch = entries.slice(i, i + Math.min(maxBatch, left))
      yield batch
      at += BigInt(batch.length)
    }
  }
}

/** What is staged must continue the very tree that is published, as far as that goes. */
export async function requireOwnStage(tree: VerifiedTiles, { base }: StagedRange): Promise<void> {
  if (base.size > tree.size) return
  if (!equalBytes(await rootAt(tree, base.size), base.root)) throw foreignStage(base.size)
}

/** The staged entries must lead from the published tree to the signed one, before any tile is put. */
export async function requireLeadsTo(
  stage: Stage,
  edge: Edge,
  { base }: StagedRange,
  signed: Tree,
): Promise<void> {
  const range = CompactRange.from(edge.size, edge.hashes, nodeHasher)
  const known = [base, signed]
  for await (const entries of stagedBatches(stage, edge.size, signed.size)) {
    for (const entry of entries) {
      range.append(nodeHasher.hashLeaf(entry))
      for (const tree of known) {
        if (tree.size !== range.size || equalBytes(tree.root, range.root())) continue
        throw tree === base
          ? foreignStage(base.size)
          : new TlogError(
              'LOG_STATE_DAMAGED',
              `the staged entries do not lead to the signed checkpoint of size ${signed.size}`,
            )
      }
    }
  }
}
