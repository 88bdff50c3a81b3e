/** Adds batches to a log, in an order that a kill or a power cut can't turn into a loss or a fork. */
import { encodeUtf8, equalBytes } from '@vaultmesh/merkle/bytes'
import { formatCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { CompactRange } from '@vaultmesh/merkle/compact'
import { nodeHasher } from '@vaultmesh/merkle/node'
import { signNote } from '@vaultmesh/merkle/note'
import { partialWidth, tileWidth } from '@vaultmesh/merkle/tiles'
import { type Edge, emptyEdge, extendEdge, type Growth } from './edge.ts'
import { describeError, TlogError } from './errors.ts'
import { type Head, openHead } from './head.ts'
import type { WriterContext } from './options.ts'
import { decideResumption, type Tree } from './resume.ts'
import type { Stage } from './stage.ts'
import type { LogState } from './state.ts'
import { TreeWriter } from './tree-writer.ts'
import { splitTile, VerifiedTree } from './verified-tree.ts'

/** Entries that are published. */
export interface Committed {
  /** The index of the first of them. */
  readonly first: bigint
  /** The signed checkpoint that covers all of them. */
  readonly checkpoint: string
}

/** Signs the head of a tree. Throws LOG_SIGNER where its own verifiers don't accept it. */
export async function signHead(context: WriterContext, tree: Tree): Promise<Head> {
  const { origin } = context.identity
  const text = formatCheckpoint({ origin, size: tree.size, root: tree.root, extensions: [] })
  const note = await signNote(text, context.signers)
  const head = await openHead(encodeUtf8(note), context.identity)
  if (typeof head !== 'string') return head
  throw new TlogError('LOG_SIGNER', `the log's own verifiers refuse what its key signed: ${head}`)
}

/** The right edge of a published tree, checked against its root. Throws LOG_TREE_DAMAGED, LOG_IO. */
async function readEdge(context: WriterContext, head: Tree): Promise<Edge> {
  if (head.size === 0n) return emptyEdge
  const tree = await VerifiedTree.open(context.tree, head)
  const levels = [0, 1, 2, 3, 4, 5, 6, 7].filter((level) => head.size >> BigInt(8 * level) > 0n)
  const tiles = levels.map((level) => splitTile(tree.partialTile(level)))
  const isBundleOpen = partialWidth(head.size, 0) > 0
  const entries = isBundleOpen ? await tree.bundle(head.size / BigInt(tileWidth)) : []
  return { size: head.size, hashes: tree.hashes, tiles, entries }
}

function rootOf(edge: Edge): Uint8Array {
  return CompactRange.from(edge.size, edge.hashes, nodeHasher).root()
}

function failed(what: string, why: string, error: unknown): TlogError {
  const said = describeError(error)
  return new TlogError('LOG_FAILED', `${what}: ${said}; open the log again ${why}`, {
    cause: error,
  })
}

/** The one writer of a log, which holds its lock. */
export class LogWriter {
  readonly #context: WriterContext
  readonly #state: LogState
  readonly #treeWriter: TreeWriter
  #head: Head
  #edge: Edge

  private constructor(context: WriterContext, state: LogState, head: Head, edge: Edge) {
    this.#context = context
    this.#state = state
    this.#treeWriter = new TreeWriter(context.tree)
    this.#head = head
    this.#edge = edge
  }

  /**
   * Takes up a log where its writer stopped, and ends what was under way.
   *
   * `signed` is the head in the state, `published` the one in the tree.
   */
  static async resume(
    context: WriterContext,
    state: LogState,
    signed: Head,
    published: Head | undefined,
  ): Promise<LogWriter> {
    // A log is published at size 0 right after it is made; a missing tree is an empty one.
    const start = published ?? { size: 0n, root: rootOf(emptyEdge) }
    const resumption = decideResumption(signed, start, await state.readStage())
    const writer = new LogWriter(context, state, signed, await readEdge(context, start))
    await state.prepareStage()
    // What can be read may be in memory only, where a run was killed before its sync, or the sync
    // failed. All that the next steps rest on is written again.
    await state.writeHead(signed)
    if (resumption.step !== 'none') await state.keepStage(resumption.stage)
    if (published === undefined) await writer.#treeWriter.prepare()
    if (resumption.step === 'publish') {
      await writer.#publish(writer.#extend(resumption.stage), signed)
      return writer
    }
    await writer.#treeWriter.publish(signed.checkpoint)
    if (resumption.step === 'sign') await writer.#sign(writer.#extend(resumption.stage))
    return writer
  }

  /**
   * Adds 1 to 256 entries and publishes them.
   *
   * Throws LOG_NO_SPACE where nothing was written and the writer can go on. After any other error
   * the writer must not be used again.
   */
  async commit(entries: readonly Uint8Array[]): Promise<Committed> {
    const { size, root } = this.#head
    const stage: Stage = { origin: this.#context.identity.origin, size, root, entries }
    const range = `entries ${size} to ${size + BigInt(entries.length) - 1n}`
    try {
      await this.#requireOwnState()
      await this.#state.writeStage(stage)
    } catch (error) {
      if (error instanceof TlogError && error.code === 'LOG_NO_SPACE') throw error
      throw failed(`${range} may not be staged`, 'to see whether they are in it', error)
    }
    // From here on the stage decides what comes next: whatever is signed now or, after a crash,
    // later, is this batch. So not even a signature that was lost can contradict another one.
    try {
      await this.#sign(this.#extend(stage))
    } catch (error) {
      throw failed(`${range} are staged but not published`, 'to publish them', error)
    }
    return { first: size, checkpoint: this.#head.checkpoint }
  }

  /** Refuses where somebody else signed meanwhile: where the lock does not work, or was removed. */
  async #requireOwnState(): Promise<void> {
    const stored = await this.#state.readCheckpoint()
    if (stored !== undefined && equalBytes(stored, encodeUtf8(this.#head.checkpoint))) return
    throw new Error(
      `someone else changed the state in ${this.#state.directory} while this writer had the lock, so another writer may be at work`,
    )
  }

  #extend(stage: Stage): Growth {
    // Nothing is ever signed that does not extend the tree of the last signed checkpoint.
    if (this.#edge.size !== stage.size || !equalBytes(rootOf(this.#edge), stage.root)) {
      throw new TlogError(
        'LOG_TREE_DAMAGED',
        `the tiles do not give the root of the last checkpoint at ${stage.size} entries`,
      )
    }
    return extendEdge(this.#edge, stage.entries)
  }

  async #sign(growth: Growth): Promise<void> {
    const head = await signHead(this.#context, { size: growth.edge.size, root: growth.root })
    await this.#state.writeHead(head)
    await this.#publish(growth, head)
  }

  async #publish(growth: Growth, head: Head): Promise<void> {
    if (growth.edge.size !== head.size || !equalBytes(growth.root, head.root)) {
      throw new TlogError(
        'LOG_STATE_DAMAGED',
        `the staged entries do not lead to the checkpoint of size ${head.size} in the state`,
      )
    }
    await this.#treeWriter.write(growth.files)
    await this.#treeWriter.publish(head.checkpoint)
    this.#head = head
    this.#edge = growth.edge
  }
}
