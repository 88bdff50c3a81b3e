/** Reads a log. Needs neither the writer's state nor its lock, and trusts nothing but its keys. */
import { nodeHasher } from '@vaultmesh/merkle/node'
import { buildInclusion, verifyInclusion } from '@vaultmesh/merkle/proof'
import { tileWidth } from '@vaultmesh/merkle/tiles'
import { formatTlogProof } from '@vaultmesh/merkle/tlog-proof'
import { TlogError } from './errors.ts'
import type { Head } from './head.ts'
import { type LogReaderOptions, type ReaderContext, readerContext } from './options.ts'
import { readPublishedHead } from './tree-files.ts'
import { VerifiedTree } from './verified-tree.ts'

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
  #tree: { readonly head: Head; readonly opened: Promise<VerifiedTree> } | undefined

  constructor(context: ReaderContext) {
    this.#context = context
    this.origin = context.identity.origin
  }

  async head(): Promise<Head> {
    const { tree, identity } = this.#context
    const head = await readPublishedHead(tree, identity, this.#head)
    if (head === undefined) {
      throw new TlogError(
        'LOG_NOT_FOUND',
        `${tree.directory} has no file "checkpoint": there is no log, or it was moved`,
      )
    }
    this.#head = head
    return head
  }

  async entry(index: bigint): Promise<Uint8Array> {
    const { tree } = await this.#current(index)
    const bundle = await tree.bundle(index / wide)
    return bundle[Number(index % wide)] ?? new Uint8Array()
  }

  async *entries(from = 0n, to?: bigint): AsyncGenerator<IndexedEntry, void, void> {
    const head = await this.head()
    const end = to ?? head.size
    if (from < 0n || from > end) throw entryNotFound(from, head.size)
    if (end > head.size) throw entryNotFound(end - 1n, head.size)
    const tree = await this.#treeOf(head)
    for (let bundle = from / wide; bundle * wide < end; bundle += 1n) {
      for (const [i, entry] of (await tree.bundle(bundle)).entries()) {
        const index = bundle * wide + BigInt(i)
        if (index >= from && index < end) yield { index, entry }
      }
    }
  }

  async prove(index: bigint): Promise<string> {
    const { head, tree } = await this.#current(index)
    const entry = (await tree.bundle(index / wide))[Number(index % wide)] ?? new Uint8Array()
    const hashes = await buildInclusion(index, head.size, tree.nodes(), nodeHasher)
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

  async #current(index: bigint): Promise<{ head: Head; tree: VerifiedTree }> {
    const head = await this.head()
    if (index < 0n || index >= head.size) throw entryNotFound(index, head.size)
    return { head, tree: await this.#treeOf(head) }
  }

  /** The tree at a head, kept while the head stays, so that its tiles are read once. */
  #treeOf(head: Head): Promise<VerifiedTree> {
    if (this.#tree?.head === head) return this.#tree.opened
    const kept = { head, opened: VerifiedTree.open(this.#context.tree, head) }
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
export async function openLogReader(options: LogReaderOptions): Promise<LogReader> {
  const reader = new TreeReader(readerContext(options))
  await reader.head()
  return reader
}
