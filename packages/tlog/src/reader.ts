/** Reads a log. Needs neither the writer's state nor its lock, and trusts nothing but its keys. */
import { nodeHasher } from '@vaultmesh/merkle/node'
import { verifyInclusion } from '@vaultmesh/merkle/proof'
import { tileWidth, type VerifiedTiles } from '@vaultmesh/merkle/tiles'
import { formatTlogProof } from '@vaultmesh/merkle/tlog-proof'
import { TlogError } from './errors.ts'
import type { Head } from './head.ts'
import {
  type LogReaderOptions,
  type ReaderContext,
  readerContext,
  type TileReaderOptions,
} from './options.ts'
import { requireHead } from './tree-files.ts'
import { bundleOf, sound } from './tree-reads.ts'
import { openTiles } from './tree-source.ts'

/** An entry and where it is. */
export interface IndexedEntry {
  readonly index: bigint
  readonly entry: Uint8Array
}

/**
 * A log as it is published now. All that is read is checked against the signed checkpoint.
 *
 * Every method rejects with LOG_CHECKPOINT_INVALID, LOG_TREE_DAMAGED or LOG_IO where the published
 * files don't hold what they must.
 */
export interface LogReader {
  /** The log's identity. */
  readonly origin: string
  /** The newest published head, its signature verified. */
  head(): Promise<Head>
  /** The bytes of an entry. Rejects with ENTRY_NOT_FOUND beyond the head. */
  entry(index: bigint): Promise<Uint8Array>
  /**
   * The entries from index `from` (0 by default) up to, not including, `to` (the head's size by
   * default). Rejects with ENTRY_NOT_FOUND where that goes beyond the head.
   */
  entries(from?: bigint, to?: bigint): AsyncIterable<IndexedEntry>
  /**
   * A C2SP tlog-proof that the current head covers an entry, verified before it is given out.
   * Rejects with ENTRY_NOT_FOUND beyond the head.
   */
  prove(index: bigint): Promise<string>
}

const wide = BigInt(tileWidth)

function entryNotFound(index: bigint, size: bigint): TlogError {
  return new TlogError('ENTRY_NOT_FOUND', `there is no entry ${index} in a log of ${size} entries`)
}

/** The reader behind {@link openLogReader}, over a log that is there. */
export class TreeReader implements LogReader {
  readonly origin: string
  readonly #context: ReaderContext
  #head: Head | undefined
  #tree: { readonly head: Head; readonly opened: Promise<VerifiedTiles> } | undefined

  constructor(context: ReaderContext) {
    this.#context = context
    this.origin = context.identity.origin
  }

  async head(): Promise<Head> {
    const { tree, identity } = this.#context
    this.#head = await requireHead(tree, identity, this.#head)
    return this.#head
  }

  async entry(index: bigint): Promise<Uint8Array> {
    const { tree } = await this.#current(index)
    const bundle = await bundleOf(tree, index / wide)
    return bundle[Number(index % wide)] ?? new Uint8Array()
  }

  async *entries(from = 0n, to?: bigint): AsyncGenerator<IndexedEntry, void, void> {
    const head = await this.head()
    const end = to ?? head.size
    if (from < 0n || from > end) throw entryNotFound(from, head.size)
    if (end > head.size) throw entryNotFound(end - 1n, head.size)
    const tree = await this.#treeOf(head)
    for (let bundle = from / wide; bundle * wide < end; bundle += 1n) {
      for (const [i, entry] of (await bundleOf(tree, bundle)).entries()) {
        const index = bundle * wide + BigInt(i)
        if (index >= from && index < end) yield { index, entry }
      }
    }
  }

  async prove(index: bigint): Promise<string> {
    const { head, tree } = await this.#current(index)
    const entry = (await bundleOf(tree, index / wide))[Number(index % wide)] ?? new Uint8Array()
    const { hashes } = sound(await tree.inclusion(index))
    const leafHash = nodeHasher.hashLeaf(entry)
    const { size, root } = head
    const verified = verifyInclusion({ index, size, leafHash, hashes, root }, nodeHasher)
    if (!verified.ok) {
      throw new TlogError(
        'LOG_TREE_DAMAGED',
        `the tiles give no valid proof of entry ${index}: ${verified.detail}; check the log`,
      )
    }
    return formatTlogProof({ index, hashes, checkpoint: head.checkpoint })
  }

  async #current(index: bigint): Promise<{ head: Head; tree: VerifiedTiles }> {
    const head = await this.head()
    if (index < 0n || index >= head.size) throw entryNotFound(index, head.size)
    return { head, tree: await this.#treeOf(head) }
  }

  /** The tree at a head, kept while the head stays, so that its tiles are read once. */
  #treeOf(head: Head): Promise<VerifiedTiles> {
    if (this.#tree?.head === head) return this.#tree.opened
    const kept = { head, opened: openTiles(head, this.#context.tree) }
    this.#tree = kept
    kept.opened.catch(() => {
      if (this.#tree === kept) this.#tree = undefined
    })
    return kept.opened
  }
}

/**
 * Opens a log to read it. Many may, while one writes.
 *
 * Rejects with LOG_NOT_FOUND, LOG_CHECKPOINT_INVALID, LOG_OPTIONS or LOG_IO.
 */
export async function openLogReader(
  options: LogReaderOptions | TileReaderOptions,
): Promise<LogReader> {
  const reader = new TreeReader(readerContext(options))
  await reader.head()
  return reader
}
