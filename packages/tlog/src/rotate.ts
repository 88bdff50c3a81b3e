/** Signs and cosigns the last checkpoint again: how a log's key is replaced, or witnesses come in. */
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { parseNote } from '@vaultmesh/merkle/note'
import { TlogError } from './errors.ts'
import { readSignedHead } from './found.ts'
import { type Head, isSameTree } from './head.ts'
import { openLog } from './log.ts'
import {
  type LogOptions,
  type StorageOptions,
  type WriterContext,
  writerContext,
} from './options.ts'
import { readPublishedHead } from './tree-files.ts'
import { signHead } from './writer.ts'

/** Writes the entry that tells readers of a change of keys; this package knows no entries. */
export type EncodeRotation = (head: Head) => Uint8Array | Promise<Uint8Array>

/** What {@link resignLog} needs. */
export type ResignOptions = (LogOptions | StorageOptions) & {
  /** Makes an entry about the change, out of the last head before it, to be added first. */
  readonly encodeRotation?: EncodeRotation
}

/** Whether the log's own signatures are those of the signers, no more and no fewer. */
function isSignedByAll({ identity, signers }: WriterContext, { checkpoint }: Head): boolean {
  const parsed = parseNote(checkpoint)
  if (!parsed.ok) return false
  const { signatures } = parsed.note
  const has = (id: number): boolean => signatures.some(({ keyId }) => keyId === id)
  const own = signatures.filter(({ name }) => name === identity.origin)
  return (
    signers.every(({ keyId }) => has(keyId)) &&
    own.every(({ keyId }) => signers.some((signer) => signer.keyId === keyId))
  )
}

/** The same tree: nothing that was signed before is contradicted. */
async function signAnew(context: WriterContext, signed: Head): Promise<Head> {
  const { lock } = context.storage
  const head = await signHead(context, signed)
  const isOurs = await lock.replace(encodeUtf8(signed.checkpoint), encodeUtf8(head.checkpoint))
  if (!isOurs) throw new Error(`someone else changed the state in ${lock.name} meanwhile`)
  return head
}

async function resign(context: WriterContext): Promise<Head> {
  const { tiles } = context.storage
  const signed = await readSignedHead(context)
  const published = await readPublishedHead(context.tree, context.identity)
  if (signed === undefined || published === undefined || !isSameTree(signed, published)) {
    throw new TlogError(
      'LOG_LOCKED',
      `another writer added to the log in ${tiles.name} meanwhile; wait until it ends, or end it`,
    )
  }
  const isSigned = isSignedByAll(context, signed) && isSignedByAll(context, published)
  const head = isSigned ? published : await signAnew(context, signed)
  const checkpoint = await context.cosign(head.checkpoint)
  if (checkpoint !== published.checkpoint) await tiles.publish(checkpoint)
  return { ...head, checkpoint }
}

/**
 * Publishes all that was added, then the same tree again, signed by exactly the `signers` and
 * cosigned anew. The first of them is the log's key from now on.
 *
 * With the keys that it has, this has a tree cosigned that was published before there were witnesses.
 *
 * A key is replaced in two steps: with the new and the old one as signers, for as long as readers
 * need to learn of the new one; then with the new one alone. The old one stays among the verifiers
 * of whoever has older checkpoints. Either step may be repeated.
 *
 * Rejects as `openLog` does, and with LOG_NOT_WITNESSED.
 */
export async function resignLog(options: ResignOptions): Promise<Head> {
  const { encodeRotation } = options
  const context = writerContext(options)
  const log = await openLog(options)
  try {
    if (encodeRotation !== undefined) {
      await log.add(await encodeRotation(await log.head())).published
    }
    await log.publish()
  } finally {
    await log.close()
  }
  const { lockTimeoutMs: timeoutMs, signal, storage } = context
  const lock = await storage.lock.acquire({ timeoutMs, signal })
  try {
    return await resign(context)
  } finally {
    await lock.release()
  }
}
