/** Makes the proof of a fork that was seen, as telling as the tiles at hand allow. */
import type { VerifiedTiles } from '@vaultmesh/merkle/tiles'
import { type BuiltForkProof, buildForkProof } from '../fork-proof/build.ts'
import { encodeForkProof } from '../fork-proof/encode.ts'
import { openTiles, type Seen } from './compare.ts'

async function tilesOf(seen: Seen): Promise<VerifiedTiles | undefined> {
  const opened = await openTiles(seen)
  return opened.ok ? opened.tiles : undefined
}

type Proven =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | Exclude<BuiltForkProof, { ok: true }>

/**
 * The bytes of a fork proof of two heads that contradict each other. Where the tiles of one tree are
 * withheld it shows that they do, and not where they part.
 */
export async function proveFork(a: Seen, b: Seen): Promise<Proven> {
  const [tilesA, tilesB] = [await tilesOf(a), await tilesOf(b)]
  const isLaterA = a.head.size > b.head.size
  const later = isLaterA ? [tilesA, undefined] : [undefined, tilesB]
  let built = await buildForkProof(a.head, b.head, tilesA, tilesB)
  if (!built.ok) built = await buildForkProof(a.head, b.head, ...later)
  if (!built.ok) built = await buildForkProof(a.head, b.head)
  return built.ok ? { ok: true, bytes: encodeForkProof(built.proof) } : built
}
