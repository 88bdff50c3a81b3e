/** What the tiles of a head prove of the trees that fork proofs speak of. */
import type { TreeHead, VerifiedTiles } from '@vaultmesh/merkle/tiles'
import type { TileReader } from '@vaultmesh/tlog'
import { treeKey } from '../evidence/join.ts'
import { proveLink } from '../evidence/link.ts'
import type { Link } from '../evidence/types.ts'
import type { ProvenFork } from '../fork-proof/types.ts'
import type { SignedHead } from '../head.ts'
import { openTiles } from './compare.ts'
import { sourceOf } from './layered-source.ts'

/** The links, or why the tiles don't prove them: some are missing or wrong. */
export type TileLinksFound =
  | { readonly ok: true; readonly links: readonly Link[] }
  | { readonly ok: false; readonly detail: string }

/** The sizes of the trees that forks say something of, where a tree of `size` leaves has them too. */
function sizesIn(forks: readonly ProvenFork[], size: bigint): ReadonlySet<bigint> {
  const sizes = forks.flatMap(({ heads: [first, second], divergence }) => {
    const parting = divergence === undefined ? [] : [divergence.size, divergence.size + 1n]
    return [first.size, second.size, ...parting]
  })
  return new Set(sizes.filter((at) => at > 0n && at < size))
}

async function linkAt(
  tiles: VerifiedTiles,
  head: TreeHead,
  size: bigint,
): Promise<{ readonly ok: true; readonly link: Link } | { ok: false; readonly detail: string }> {
  const at = await tiles.rootAt(size)
  if (!at.ok) return at
  const proof = await tiles.consistency(size)
  return proof.ok ? proveLink({ size, root: at.root }, head, proof.hashes) : proof
}

/**
 * Links from a head's own beginnings to it, at each size that a fork proof speaks of. A head of a fork
 * that has this root there is then known to be part of it, and one that has another to contradict it.
 * They are made once for each head and size: there are at most four for each of the fork proofs that
 * are kept.
 */
export class TileLinks {
  readonly #tiles: TileReader
  #head = ''
  #known: ReadonlyMap<bigint, Link> = new Map()

  constructor(tiles: TileReader) {
    this.#tiles = tiles
  }

  /** Never rejects: tiles that can't be read are missing. */
  async of(head: SignedHead | undefined, forks: readonly ProvenFork[]): Promise<TileLinksFound> {
    if (head === undefined) return { ok: true, links: [] }
    const key = treeKey(head)
    const had = this.#head === key ? this.#known : new Map<bigint, Link>()
    const found = new Map<bigint, Link>()
    let opened: Awaited<ReturnType<typeof openTiles>> | undefined
    for (const size of sizesIn(forks, head.size)) {
      let link = had.get(size)
      if (link === undefined) {
        opened ??= await openTiles({ head, source: sourceOf(this.#tiles) })
        const made = opened.ok ? await linkAt(opened.tiles, head, size) : opened
        if (!made.ok) return made
        link = made.link
      }
      found.set(size, link)
    }
    this.#head = key
    this.#known = found
    return { ok: true, links: [...found.values()] }
  }
}
