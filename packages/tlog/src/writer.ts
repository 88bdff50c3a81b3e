/** Signs and publishes, in an order that a kill or a power cut can't turn into a loss or a fork. */
import { encodeUtf8, equalBytes } from '@vaultmesh/merkle/bytes'
import { formatCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { signNote } from '@vaultmesh/merkle/note'
import { isContradiction } from './cosign.ts'
import { emptyEdge, rootOfEdge, type TreeFile } from './edge.ts'
import { describeError, TlogError } from './errors.ts'
import { grow } from './grow.ts'
import { type Head, isSameTree, openHead, type Tree } from './head.ts'
import type { WriterContext } from './options.ts'
import { decideResumption } from './resume.ts'
import { requireLeadsTo, requireOwnStage, stagedBatches } from './staged.ts'
import { readEdge } from './tree-reads.ts'
import { openTiles } from './tree-source.ts'

/** Signs the head of a tree. Throws LOG_SIGNER where its own verifiers don't accept it. */
export async function signHead(context: WriterContext, tree: Tree): Promise<Head> {
  const { origin } = context.identity
  const text = formatCheckpoint({ origin, size: tree.size, root: tree.root, extensions: [] })
  return requireOwn(context, tree, await signNote(text, context.signers))
}

/** The head of a checkpoint that is of this tree and that the log's own verifiers accept. */
async function requireOwn(context: WriterContext, tree: Tree, checkpoint: string): Promise<Head> {
  const head = await openHead(encodeUtf8(checkpoint), context.identity)
  if (typeof head !== 'string' && isSameTree(head, tree)) return head
  const said = typeof head === 'string' ? head : 'it is of another tree'
  throw new TlogError('LOG_SIGNER', `the log's own verifiers refuse what its key signed: ${said}`)
}

/** The one writer of a log, who holds its lock. */
export class LogWriter {
  readonly #context: WriterContext
  #signed: Head
  #edge = emptyEdge
  /** Files of the signed tree that are not put yet. */
  #files: readonly TreeFile[] = []
  #published: Head | undefined
  #next: bigint

  private constructor(context: WriterContext, signed: Head, published: Head | undefined) {
    this.#context = context
    this.#signed = signed
    this.#published = published
    this.#next = signed.size
  }

  /** The last signed head. */
  get signed(): Head {
    return this.#signed
  }

  /** The published head, undefined before anything is. */
  get published(): Head | undefined {
    return this.#published
  }

  /** The index of the next entry. */
  get next(): bigint {
    return this.#next
  }

  /** Whether the lock still holds what this writer put there. */
  async isCurrent(): Promise<boolean> {
    const stored = await this.#context.storage.lock.read()
    return stored !== undefined && equalBytes(stored, encodeUtf8(this.#signed.checkpoint))
  }

  /**
   * Takes up a log where its writer stopped, and ends what was under way.
   *
   * `signed` is the head in the lock, `published` the one that readers see.
   */
  static async resume(
    context: WriterContext,
    signed: Head,
    published: Head | undefined,
  ): Promise<LogWriter> {
    const { lock, stage, tiles } = context.storage
    // A log is published at size 0 right after it is made; a missing tree is an empty one.
    const start = published ?? { size: 0n, root: rootOfEdge(emptyEdge) }
    const staged = await stage.open()
    const { isReplayed, isContinued } = decideResumption(signed, start, staged)
    const writer = new LogWriter(context, signed, published)
    const tree = await openTiles(start, tiles)
    writer.#edge = await readEdge(tree)
    if (staged !== undefined && (isReplayed || isContinued)) {
      await requireOwnStage(tree, staged)
      await requireLeadsTo(stage, writer.#edge, staged, signed)
      writer.#next = staged.next
    }
    // What can be read may be in memory only, where a run was killed before its sync, or the sync
    // failed. All that the next steps rest on is brought to the disk again.
    const own = encodeUtf8(signed.checkpoint)
    if (!(await lock.replace(own, own))) throw changedMeanwhile(context)
    if (isReplayed || isContinued) await stage.secure(start.size)
    if (published === undefined) await tiles.prepare()
    if (isReplayed) await writer.#replay(start.size)
    else await tiles.publish((published ?? signed).checkpoint)
    if (!isReplayed) writer.#published = published ?? signed
    if (isContinued) {
      for await (const entries of stagedBatches(stage, signed.size, writer.#next)) {
        await writer.integrate(writer.signed.size, entries)
        await writer.apply()
      }
    }
    if (isReplayed || isContinued) await writer.#publishIfCosigned()
    else await stage.discard(signed.size)
    return writer
  }

  /** Puts the tiles of signed entries, which are known to lead to the signed root. */
  async #replay(from: bigint): Promise<void> {
    const { stage, tiles } = this.#context.storage
    for await (const entries of stagedBatches(stage, from, this.#signed.size)) {
      const growth = await grow(this.#edge, entries)
      await tiles.put(growth.files)
      this.#edge = growth.edge
    }
  }

  /** Publishes; without its cosignatures the log is open all the same. */
  async #publishIfCosigned(): Promise<void> {
    try {
      await this.publish()
    } catch (error) {
      if (!(error instanceof TlogError && error.code === 'LOG_NOT_WITNESSED')) throw error
    }
  }

  /**
   * Gives entries the next indexes, durably. Gives the first one's.
   *
   * Throws LOG_NO_SPACE where nothing was staged and the writer can go on. After any other error
   * the writer must not be used again.
   */
  async sequence(entries: readonly Uint8Array[]): Promise<bigint> {
    const first = this.#next
    await this.#context.storage.stage.append(first, entries, this.#signed)
    // From here on the stage decides what comes next: whatever is signed now or, after a crash,
    // later, is these entries. So not even a signature that was lost can contradict another one.
    this.#next += BigInt(entries.length)
    return first
  }

  /**
   * Signs a checkpoint over the next sequenced entries, of which the first has the index `first`. On
   * return it is in the lock. After an error the writer must not be used again.
   */
  async integrate(first: bigint, entries: readonly Uint8Array[]): Promise<Head> {
    const { lock } = this.#context.storage
    if (first !== this.#signed.size) {
      throw new Error(`entry ${first} does not come next after ${this.#signed.size} entries`)
    }
    // Nothing is ever signed that does not extend the tree of the last signed checkpoint.
    if (!isSameTree({ size: this.#edge.size, root: rootOfEdge(this.#edge) }, this.#signed)) {
      throw new TlogError('LOG_TREE_DAMAGED', `the tiles do not give the last signed root`)
    }
    await this.apply()
    const growth = await grow(this.#edge, entries)
    // Before anything is signed: where the lock does not work, or was removed.
    if (!(await this.isCurrent())) throw changedMeanwhile(this.#context)
    const head = await signHead(this.#context, { size: growth.edge.size, root: growth.root })
    const isOurs = await lock.replace(
      encodeUtf8(this.#signed.checkpoint),
      encodeUtf8(head.checkpoint),
    )
    if (!isOurs) throw changedMeanwhile(this.#context)
    this.#signed = head
    this.#edge = growth.edge
    this.#files = growth.files
    return head
  }

  /** Puts the tiles of the signed tree. On return they are durable. */
  async apply(): Promise<void> {
    if (this.#files.length === 0) return
    await this.#context.storage.tiles.put(this.#files)
    this.#files = []
  }

  /**
   * Makes the signed checkpoint the one that readers see, once it is cosigned. Throws
   * LOG_NOT_WITNESSED where it is not; the writer can go on.
   */
  async publish(): Promise<Head> {
    const { stage, tiles } = this.#context.storage
    await this.apply()
    if (this.#published !== undefined && isSameTree(this.#published, this.#signed)) {
      return this.#published
    }
    const head = await this.#cosigned()
    await tiles.publish(head.checkpoint)
    this.#published = head
    await stage.discard(head.size)
    return head
  }

  async #cosigned(): Promise<Head> {
    let checkpoint: string
    try {
      checkpoint = await this.#context.cosign(this.#signed.checkpoint)
    } catch (error) {
      // Not a matter of trying again: nothing more must be signed.
      if (isContradiction(error)) throw error
      const said = describeError(error)
      throw new TlogError(
        'LOG_NOT_WITNESSED',
        `the checkpoint of ${this.#signed.size} entries is signed but not published: ${said}`,
        { cause: error },
      )
    }
    if (checkpoint === this.#signed.checkpoint) return this.#signed
    return requireOwn(this.#context, this.#signed, checkpoint)
  }
}

function changedMeanwhile({ storage }: WriterContext): Error {
  return new Error(
    `someone else changed the state in ${storage.lock.name} while this writer had the lock, so another writer may be at work`,
  )
}
