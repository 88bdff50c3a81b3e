/** Recognises repeated entries by their keys, with an index that is derived from the entries. */
import { hash } from 'node:crypto'
import { encodeHex, equalBytes } from '@vaultmesh/merkle/bytes'
import { tileWidth, type VerifiedTiles } from '@vaultmesh/merkle/tiles'
import type { DedupeKeyOf } from './appender.ts'
import type { Tree } from './head.ts'
import type { Item } from './item.ts'
import type { KeyIndex, KeyRow } from './storage.ts'
import { bundleOf, rootAt } from './tree-reads.ts'

/** How many bundles are read before the index is brought up to them. */
const bundlesAtOnce = 64n

const wide = BigInt(tileWidth)

/** The key of an entry as it is indexed: 32 bytes, whatever its length. */
function digestOf(key: string): Uint8Array {
  return hash('sha256', key, 'buffer')
}

/** The keys of a log: of its integrated entries in the index, of later ones in memory. */
export class KeyedEntries {
  readonly #keys: KeyIndex
  readonly #keyOf: DedupeKeyOf
  readonly #recent = new Map<string, Item>()

  constructor(keys: KeyIndex, keyOf: DedupeKeyOf) {
    this.#keys = keys
    this.#keyOf = keyOf
  }

  /** An entry's key as it is indexed, or undefined where it has none. */
  digest(entry: Uint8Array): Uint8Array | undefined {
    const key = this.#keyOf(entry)?.key
    return key === undefined ? undefined : digestOf(key)
  }

  /** Brings the index up to a tree. It is begun anew where it is not of this log's history. */
  async fill(tree: VerifiedTiles): Promise<void> {
    let covered = await this.#keys.covered()
    const isOurs =
      covered !== undefined &&
      covered.size <= tree.size &&
      equalBytes(covered.root, await rootAt(tree, covered.size))
    if (covered !== undefined && !isOurs) {
      await this.#keys.clear()
      covered = undefined
    }
    let size = covered?.size ?? 0n
    while (size < tree.size) {
      const end = (size / wide + bundlesAtOnce) * wide
      const next = end < tree.size ? end : tree.size
      const rows: KeyRow[] = []
      for (let bundle = size / wide; bundle * wide < next; bundle += 1n) {
        for (const [i, entry] of (await bundleOf(tree, bundle)).entries()) {
          const index = bundle * wide + BigInt(i)
          const key = index < size ? undefined : this.digest(entry)
          if (key !== undefined) rows.push({ key, index })
        }
      }
      await this.#keys.add(rows, { size: next, root: await rootAt(tree, next) })
      size = next
    }
  }

  /** Drops the index and fills it again. */
  async rebuild(tree: VerifiedTiles): Promise<void> {
    await this.#keys.clear()
    await this.fill(tree)
  }

  /** The index of the entry with this key that the log has. */
  find(digest: Uint8Array): Promise<bigint | undefined> {
    return this.#keys.find(digest)
  }

  /** The entry with this key that is on its way. */
  recent(digest: Uint8Array): Item | undefined {
    return this.#recent.get(encodeHex(digest))
  }

  /** Remembers an entry whose key is not in the index yet. */
  remember(digest: Uint8Array, item: Item): void {
    this.#recent.set(encodeHex(digest), item)
  }

  /** Forgets an entry that did not come into the log. */
  forget(digest: Uint8Array): void {
    this.#recent.delete(encodeHex(digest))
  }

  /** Moves entries that are integrated from memory to the index, which covers `tree` from then on. */
  async integrate(rows: readonly KeyRow[], tree: Tree): Promise<void> {
    await this.#keys.add(rows, tree)
    for (const { key } of rows) this.forget(key)
  }

  /** Whether two entries with one key have the same content. */
  isSame(first: Uint8Array, repeated: Uint8Array): boolean {
    return equalBytes(this.#contentOf(first), this.#contentOf(repeated))
  }

  #contentOf(entry: Uint8Array): Uint8Array {
    return this.#keyOf(entry)?.content ?? entry
  }
}
