/** Trees of a few entries, their tiles, and heads of them. */
import { concatBytes, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { formatCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { CompactRange } from '@vaultmesh/merkle/compact'
import { nodeHasher, nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { signNote } from '@vaultmesh/merkle/note'
import type { TlogPolicy } from '@vaultmesh/merkle/policy'
import { type TreeHead, tilePath, VerifiedTiles } from '@vaultmesh/merkle/tiles'
import { type HeadNote, openHead, type SignedHead } from '../../src/index.ts'
import type { TestSigner } from './keys.ts'

/** `count` entries that differ, and differ from those of another branch. */
export function entriesOf(count: number, branch = 'main', from = 0): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => encodeUtf8(`${branch} ${from + i}`))
}

/** A tree with its tiles. */
export interface TestTree extends TreeHead {
  readonly entries: readonly Uint8Array[]
  /** Its tiles of hashes, by their paths. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly tiles: VerifiedTiles
}

/** The root of a tree, and its tiles of hashes by their paths. */
function build(entries: readonly Uint8Array[]): {
  readonly root: Uint8Array
  readonly files: ReadonlyMap<string, Uint8Array>
} {
  const levels: Uint8Array[][] = []
  const range = CompactRange.empty(nodeHasher)
  for (const entry of entries) {
    range.append(nodeHasher.hashLeaf(entry), (level, _, hash) => {
      if (level % 8 !== 0) return
      levels[level / 8] ??= []
      levels[level / 8]?.push(hash)
    })
  }
  const files = new Map<string, Uint8Array>()
  for (const [level, hashes] of levels.entries()) {
    for (let at = 0; at < hashes.length; at += 256) {
      const tile = hashes.slice(at, at + 256)
      const width = tile.length === 256 ? undefined : tile.length
      files.set(tilePath(level, BigInt(at / 256), width), concatBytes(...tile))
    }
  }
  return { root: range.root(), files }
}

export function rootOf(entries: readonly Uint8Array[]): Uint8Array {
  return build(entries).root
}

/** A tree of entries. */
export async function treeOf(entries: readonly Uint8Array[]): Promise<TestTree> {
  const { root, files } = build(entries)
  const head = { size: BigInt(entries.length), root }
  const opened = await VerifiedTiles.open(head, async (path) => files.get(path), {
    hasher: nodeHasher,
  })
  if (!opened.ok) throw new Error(opened.detail)
  return { ...head, entries, files, tiles: opened.tiles }
}

/** A head as somebody signed it. */
export async function signHead(
  origin: string,
  { size, root }: TreeHead,
  signers: readonly TestSigner[],
  extensions: readonly string[] = [],
): Promise<HeadNote> {
  const text = formatCheckpoint({ origin, size, root, extensions })
  return { origin, size, root, checkpoint: await signNote(text, signers) }
}

/** A head that was verified. */
export async function signedHead(
  origin: string,
  tree: TreeHead,
  signers: readonly TestSigner[],
  policy: TlogPolicy,
): Promise<SignedHead> {
  const { checkpoint } = await signHead(origin, tree, signers)
  const opened = await openHead(checkpoint, origin, policy, nodeVerifyEd25519)
  if (!opened.ok) throw new Error(opened.detail)
  return opened.head
}
