/** Logs to measure. */
import { createPrivateKey } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { formatCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { CompactRange } from '@vaultmesh/merkle/compact'
import { ed25519NoteSigner, nodeEd25519NoteVerifier, nodeHasher } from '@vaultmesh/merkle/node'
import { signNote } from '@vaultmesh/merkle/note'
import { createLog, type Log, type LogOptions, posixStorage } from '@vaultmesh/tlog'
import { filesBelow, indexedEntry, makeTree } from '../log-tree.ts'
import { ourBatchHasher } from '../merkle/builders.ts'

const origin = 'example.com/benchmark'

// PKCS#8 of an Ed25519 key (RFC 8410) up to its seed, and a seed: the key of every measured log, so
// that another process can make one.
const pkcs8 = Buffer.concat([
  Buffer.from('302e020100300506032b657004220420', 'hex'),
  Buffer.alloc(32, 'benchmark'),
])
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })

/** The key of every measured log, as others name it. */
export const logVkey: string = ed25519NoteSigner(origin, privateKey).vkey

/** Options of a log below `directory`. */
export function logOptions(directory: string): LogOptions {
  const signer = ed25519NoteSigner(origin, privateKey)
  return {
    directory: join(directory, 'tree'),
    stateDirectory: join(directory, 'state'),
    origin,
    signers: [signer],
    verifiers: [nodeEd25519NoteVerifier(signer.vkey)],
  }
}

/**
 * Makes a log of `count` entries with the given options, all at once: only its checkpoint goes
 * through the writer's state. Gives its root.
 */
export async function makeLog(
  options: LogOptions,
  count: number,
  length: number,
): Promise<Uint8Array> {
  const { hasher } = await ourBatchHasher()
  mkdirSync(options.directory)
  const root = makeTree(count, length, hasher, filesBelow(options.directory))
  const text = formatCheckpoint({ origin, size: BigInt(count), root, extensions: [] })
  const checkpoint = await signNote(text, options.signers)
  const { tiles, lock } = posixStorage(options, origin)
  await tiles.publish(checkpoint)
  await lock.prepare()
  const held = await lock.acquire({ timeoutMs: 0 })
  await lock.replace(undefined, encodeUtf8(checkpoint))
  await held.release()
  return root
}

/** The root of the first `count` entries of `indexedEntry`, by one hash after the other. */
export function expectedRoot(count: number, length: number): string {
  const range = CompactRange.empty(nodeHasher)
  for (let i = 0; i < count; i += 1) range.append(nodeHasher.hashLeaf(indexedEntry(i, length)))
  return Buffer.from(range.root()).toString('base64')
}

/** A log under measurement: it gets the entries of `indexedEntry`, one after the other. */
export class MeasuredLog {
  readonly log: Log
  readonly #length: number
  #added = 0

  constructor(log: Log, length: number) {
    this.log = log
    this.#length = length
  }

  /** Makes a new log, adds `warm` entries, and holds its root to the one by definition. */
  static async create(
    options: Parameters<typeof createLog>[0],
    length: number,
    warm: number,
  ): Promise<MeasuredLog> {
    const measured = new MeasuredLog(await createLog(options), length)
    await Promise.all(measured.next(warm).map((entry) => measured.log.add(entry).sequenced))
    const { root } = await measured.log.publish()
    if (Buffer.from(root).toString('base64') !== expectedRoot(warm, length)) {
      throw new Error('the log has another root than its entries give')
    }
    return measured
  }

  /** The next `count` entries. */
  readonly next = (count: number): Uint8Array[] => {
    const first = this.#added
    this.#added += count
    return Array.from({ length: count }, (_, i) => indexedEntry(first + i, this.#length))
  }
}

/** Runs `work` `count` times, and gives the milliseconds of each. `prepare` is not timed. */
export async function timeEach<T>(
  count: number,
  prepare: () => T,
  work: (prepared: T) => Promise<unknown>,
): Promise<number[]> {
  const samples: number[] = []
  for (let i = 0; i < count; i += 1) {
    const prepared = prepare()
    const begin = performance.now()
    await work(prepared)
    samples.push(performance.now() - begin)
  }
  return samples
}
