/** Finds the entries of a batch that are in the log already. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { tileWidth, type VerifiedTiles } from '@vaultmesh/merkle/tiles'
import type { DedupeKeyOf } from './appender.ts'
import { KeyedEntries } from './dedupe.ts'
import { TlogError } from './errors.ts'
import type { Tree } from './head.ts'
import type { Item } from './item.ts'
import type { WriterContext } from './options.ts'
import { bundleOf } from './tree-reads.ts'
import { openTiles } from './tree-source.ts'
import type { LogWriter } from './writer.ts'

const wide = BigInt(tileWidth)

/** An entry that is repeated, and the index of the first one in the log. */
export interface Repeated {
  readonly item: Item
  readonly index: bigint
}

/** Tells new entries from repeated ones. */
export class Repetitions {
  readonly #context: WriterContext
  readonly #keyed: KeyedEntries

  constructor(context: WriterContext, keyOf: DedupeKeyOf) {
    this.#context = context
    this.#keyed = new KeyedEntries(context.storage.keys, keyOf)
  }

  /** The SHA-256 of an entry's key, or undefined where it has none. */
  digest(entry: Uint8Array): Uint8Array | undefined {
    return this.#keyed.digest(entry)
  }

  /** Brings the index up to what is integrated. */
  async fill(writer: LogWriter): Promise<void> {
    await this.#keyed.fill(await this.#treeOf(writer))
  }

  #treeOf(writer: LogWriter): Promise<VerifiedTiles> {
    return openTiles(writer.signed, this.#context.tree)
  }

  /**
   * The entries of a batch that are new; they count as being in the log from now on, unless they
   * are given to {@link forget}. Repetitions of what is on its way follow that, conflicts fail, and
   * the rest is given as `repeated`.
   */
  async sort(
    writer: LogWriter,
    batch: readonly Item[],
  ): Promise<{ readonly added: Item[]; readonly repeated: Repeated[] }> {
    const added: Item[] = []
    const repeated: Repeated[] = []
    for (const item of batch) {
      const { digest } = item
      const underWay = digest && this.#keyed.recent(digest)
      if (underWay !== undefined) {
        this.#follow(underWay, item)
        continue
      }
      const index = digest && (await this.#find(writer, item, digest))
      if (index === 'conflict') continue
      if (index === undefined) {
        added.push(item)
        if (digest !== undefined) this.#keyed.remember(digest, item)
      } else {
        repeated.push({ item, index })
      }
    }
    return { added, repeated }
  }

  #follow(first: Item, item: Item): void {
    const conflict = this.#conflict(first.entry, item)
    if (conflict === undefined) item.progress.follow(first.progress)
    else item.progress.fail(conflict)
  }

  /** Where the log has an entry with this key; undefined for nowhere. */
  async #find(
    writer: LogWriter,
    item: Item,
    digest: Uint8Array,
  ): Promise<bigint | 'conflict' | undefined> {
    let index = await this.#keyed.find(digest)
    if (index === undefined) return undefined
    const tree = await this.#treeOf(writer)
    let first = await entryOf(tree, index)
    if (!this.#hasKey(first, digest)) {
      // The index is damaged, or of another log.
      await this.#keyed.rebuild(tree)
      index = await this.#keyed.find(digest)
      if (index === undefined) return undefined
      first = await entryOf(tree, index)
    }
    const conflict = this.#conflict(first ?? new Uint8Array(), item)
    if (conflict === undefined) return index
    item.progress.fail(conflict)
    return 'conflict'
  }

  #hasKey(entry: Uint8Array | undefined, digest: Uint8Array): boolean {
    const found = entry && this.#keyed.digest(entry)
    return found !== undefined && equalBytes(found, digest)
  }

  #conflict(first: Uint8Array, { entry }: Item): TlogError | undefined {
    if (this.#keyed.isSame(first, entry)) return undefined
    return new TlogError(
      'LOG_CONFLICT',
      'an entry with this key and other content is in the log already; give another entry another key',
    )
  }

  /** Takes back what {@link sort} gave as new. */
  forget(items: readonly Item[]): void {
    for (const { digest } of items) if (digest !== undefined) this.#keyed.forget(digest)
  }

  /** Indexes entries that are integrated, in this tree. */
  async integrated(items: readonly Item[], tree: Tree): Promise<void> {
    const rows = items.flatMap(({ digest, progress: { index } }) =>
      digest === undefined ? [] : [{ key: digest, index }],
    )
    await this.#keyed.integrate(rows, tree)
  }
}

async function entryOf(tree: VerifiedTiles, index: bigint): Promise<Uint8Array | undefined> {
  if (index >= tree.size) return undefined
  return (await bundleOf(tree, index / wide))[Number(index % wide)]
}
