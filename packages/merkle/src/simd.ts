/**
 * SHA-256 of four messages at once, by WebAssembly SIMD. For building and checking whole logs, and
 * for nothing else: a {@link BatchHasher} is no hasher that a proof could be checked with.
 */
import { decodeBase64 } from './bytes.ts'
import { countPairs, requirePowerOfTwo } from './rfc6962/batch.ts'
import { type BatchHasher, hashLength, sha256Hasher } from './rfc6962.ts'
import { batchSize, layout, maxSlotEntry } from './simd/layout.ts'
import { moduleBase64 } from './simd/module.ts'

/** What the module exports. Its functions call nothing, so that calls never overlap. */
interface SimdModule {
  readonly memory: WebAssembly.Memory
  readonly hashNodes: (count: number) => void
  readonly hashLeaves: () => void
}

function isSimdModule(exports: object): exports is SimdModule {
  return 'memory' in exports && 'hashNodes' in exports && 'hashLeaves' in exports
}

/** The hashes of `count` things, which are made of a batch of them at a time. */
function inBatches(count: number, hash: (begin: number, end: number) => Uint8Array): Uint8Array {
  if (count <= batchSize) return hash(0, count)
  const hashes = new Uint8Array(count * hashLength)
  for (let begin = 0; begin < count; begin += batchSize) {
    hashes.set(hash(begin, Math.min(begin + batchSize, count)), begin * hashLength)
  }
  return hashes
}

/** How many blocks SHA-256 makes of a leaf: its prefix, the entry, 0x80 and 8 bytes of length. */
function blocksOf(entry: Uint8Array): number {
  return Math.ceil((1 + entry.length + 1 + 8) / 64)
}

/**
 * The indexes of a batch's entries, in the order in which to hash them: four of a kind are as fast
 * as the longest of them.
 */
function orderByBlocks(entries: readonly Uint8Array[]): Uint32Array {
  const keys = new Uint32Array(entries.length)
  for (const [i, entry] of entries.entries()) keys[i] = blocksOf(entry) * batchSize + i
  keys.sort()
  for (let i = 0; i < keys.length; i += 1) keys[i] = (keys[i] ?? 0) % batchSize
  return keys
}

const nothing = new Uint8Array()

class SimdHasher implements BatchHasher {
  readonly #module: SimdModule
  readonly #bytes: Uint8Array
  readonly #lengths: Uint32Array
  readonly #places: Uint32Array

  constructor(module: SimdModule) {
    const { buffer } = module.memory
    this.#module = module
    this.#bytes = new Uint8Array(buffer)
    this.#lengths = new Uint32Array(buffer, layout.lengths, 4)
    this.#places = new Uint32Array(buffer, layout.places, 4)
  }

  hashLeaves(entries: readonly Uint8Array[]): Uint8Array {
    return inBatches(entries.length, (begin, end) => this.#hashLeaves(entries.slice(begin, end)))
  }

  hashNodes(children: Uint8Array): Uint8Array {
    return inBatches(countPairs(children), (begin, end) => {
      this.#bytes.set(
        children.subarray(2 * begin * hashLength, 2 * end * hashLength),
        layout.hashes,
      )
      this.#module.hashNodes(end - begin)
      return this.#hashes(end - begin)
    })
  }

  hashSubtree(hashes: Uint8Array): Uint8Array {
    requirePowerOfTwo(hashes)
    let level = hashes
    while (level.length > 2 * batchSize * hashLength) level = this.hashNodes(level)
    this.#bytes.set(level, layout.hashes)
    for (let pairs = level.length / hashLength / 2; pairs >= 1; pairs /= 2) {
      this.#module.hashNodes(pairs)
    }
    return this.#hashes(1)
  }

  /** The first hashes in memory. A copy: the memory's next use changes it. */
  #hashes(count: number): Uint8Array {
    return this.#bytes.slice(layout.hashes, layout.hashes + count * hashLength)
  }

  #hashLeaves(entries: readonly Uint8Array[]): Uint8Array {
    const order = orderByBlocks(entries)
    for (let at = 0; at < order.length; at += 4) {
      for (let lane = 0; lane < 4; lane += 1) this.#fill(lane, entries, order[at + lane])
      this.#module.hashLeaves()
    }
    return this.#hashes(entries.length)
  }

  /** Puts entry `i` into a slot; nothing where there is none. */
  #fill(lane: number, entries: readonly Uint8Array[], i: number | undefined): void {
    let entry = i === undefined ? nothing : (entries[i] ?? nothing)
    let place = i === undefined ? layout.spareHash : layout.hashes + i * hashLength
    if (entry.length > maxSlotEntry) {
      this.#bytes.set(sha256Hasher.hashLeaf(entry), place)
      entry = nothing
      place = layout.spareHash
    }
    this.#bytes.set(entry, layout.slots + lane * layout.slotLength + 1)
    this.#lengths[lane] = entry.length
    this.#places[lane] = place
  }
}

/**
 * A {@link BatchHasher} that hashes four messages at once.
 *
 * Undefined where WebAssembly or its SIMD instructions are missing, or a content security policy
 * without `'wasm-unsafe-eval'` forbids them. `batchHasherFrom` makes one that runs anywhere.
 */
export async function loadSimdHasher(): Promise<BatchHasher | undefined> {
  try {
    const wasm = decodeBase64(moduleBase64) ?? nothing
    const { instance } = await WebAssembly.instantiate(wasm)
    return isSimdModule(instance.exports) ? new SimdHasher(instance.exports) : undefined
  } catch {
    return undefined
  }
}
