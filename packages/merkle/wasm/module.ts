/** The module: reads four messages in, compresses their blocks, and writes four hashes out. */
import { layout } from '../src/simd/layout.ts'
import {
  type Call,
  type Code,
  either,
  i32,
  i32x4,
  type Local,
  Module,
  repeatWhile,
  sequence,
  v128,
} from './assembler.ts'
import { constants, defineCompress, initialise, setWord, stateWord, word, zero } from './sha256.ts'

type Four<T> = readonly [T, T, T, T]

const eightVectors = Array.from({ length: 8 }, () => 'v128' as const)
const everyLane = i32x4.splat(i32.const(-1))
const noLane = i32x4.splat(zero)

function add(value: Code, constant: number): Code {
  return i32.add(value, i32.const(constant))
}

/** SHA-256 is big-endian, WebAssembly little-endian. */
const swappedBytes = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]
const lowWords = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23]
const highWords = lowWords.map((byte) => byte + 8)
const lowHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]
const highHalves = lowHalves.map((byte) => byte + 8)

/** Swaps the bytes of each word of four vectors, and uses word i of all of them as vector i. */
function transpose(
  rows: Four<Code>,
  [r0, r1, r2, r3, ...halves]: readonly [...Four<Local>, ...Four<Local>],
  use: (column: Code, i: number) => Code,
): Code {
  const [h0, h1, h2, h3] = halves
  const swap = (local: Local, row: Code): Code =>
    local.set(v128.shuffle(local.tee(row), local.get, swappedBytes))
  return sequence(
    swap(r0, rows[0]),
    swap(r1, rows[1]),
    swap(r2, rows[2]),
    swap(r3, rows[3]),
    h0.set(v128.shuffle(r0.get, r1.get, lowWords)),
    h1.set(v128.shuffle(r2.get, r3.get, lowWords)),
    h2.set(v128.shuffle(r0.get, r1.get, highWords)),
    h3.set(v128.shuffle(r2.get, r3.get, highWords)),
    use(v128.shuffle(h0.get, h1.get, lowHalves), 0),
    use(v128.shuffle(h0.get, h1.get, highHalves), 1),
    use(v128.shuffle(h2.get, h3.get, lowHalves), 2),
    use(v128.shuffle(h2.get, h3.get, highHalves), 3),
  )
}

/** Defines: reads the 64 bytes at each of four addresses as the block. */
function defineReadBlock(module: Module): Call {
  return module.define(
    { params: ['i32', 'i32', 'i32', 'i32'], locals: eightVectors },
    (m0, m1, m2, m3, r0, r1, r2, r3, h0, h1, h2, h3) => {
      const quarter = (i: number): Code => {
        const row = (message: Local): Code => v128.load(message.get, 16 * i)
        return transpose(
          [row(m0), row(m1), row(m2), row(m3)],
          [r0, r1, r2, r3, h0, h1, h2, h3],
          (column, j) => setWord(4 * i + j, column),
        )
      }
      return sequence(quarter(0), quarter(1), quarter(2), quarter(3))
    },
  )
}

/** Defines: writes the four hashes of 32 bytes to four addresses. */
function defineWriteHashes(module: Module): Call {
  return module.define(
    { params: ['i32', 'i32', 'i32', 'i32'], locals: eightVectors },
    (to0, to1, to2, to3, r0, r1, r2, r3, h0, h1, h2, h3) => {
      const to = [to0.get, to1.get, to2.get, to3.get]
      const half = (i: number): Code =>
        transpose(
          [stateWord(4 * i), stateWord(4 * i + 1), stateWord(4 * i + 2), stateWord(4 * i + 3)],
          [r0, r1, r2, r3, h0, h1, h2, h3],
          (column, j) => v128.store(to[j] ?? [], column, 16 * i),
        )
      return sequence(half(0), half(1))
    },
  )
}

const nodeLength = 1 + 32 + 32

/** The last byte of a pair, then the padding: what the second block of a node begins with. */
function nodeTail(pair: Code): Code {
  return i32.or(i32.shl(i32.load8(pair, 63), i32.const(24)), i32.const(0x80_0000))
}

/**
 * Defines `hashNodes(count)`: hashes `count` pairs, and up to 3 behind them, in place: every four
 * pairs are read before their hashes are written, which never reach the pair after them.
 */
function defineHashNodes(module: Module, { compress, readBlock, writeHashes }: Parts): void {
  module.define(
    { exported: 'hashNodes', params: ['i32'], locals: ['i32', 'i32', 'i32'] },
    (count, done, pairs, hashes) => {
      const pair = (lane: number): Code => add(pairs.get, 64 * lane)
      const hash = (lane: number): Code => add(hashes.get, 32 * lane)
      const prefixed = v128.or(
        v128.and(word(0), i32x4.splat(i32.const(0x00ff_ffff))),
        i32x4.splat(i32.const(0x0100_0000)),
      )
      const tails = [0, 1, 2, 3].reduce(
        (vector, lane) => i32x4.replace(vector, lane, nodeTail(pair(lane))),
        noLane,
      )
      const four = sequence(
        pairs.set(add(i32.shl(done.get, i32.const(6)), layout.hashes)),
        hashes.set(add(i32.shl(done.get, i32.const(5)), layout.hashes)),
        initialise,
        // The first block. Its first byte is the one before the pair, which becomes the prefix.
        readBlock(...[0, 1, 2, 3].map((lane) => add(pair(lane), -1))),
        setWord(0, prefixed),
        compress(everyLane),
        // The second: one byte, the padding, and the length in bits.
        setWord(0, tails),
        ...Array.from({ length: 14 }, (_, i) => setWord(i + 1, noLane)),
        setWord(15, i32x4.splat(i32.const(8 * nodeLength))),
        compress(everyLane),
        writeHashes(hash(0), hash(1), hash(2), hash(3)),
      )
      return repeatWhile(four, i32.less(done.tee(add(done.get, 4)), count.get))
    },
  )
}

/** The 32 bits of `value` as big-endian bytes. */
function bigEndian(value: Local): Code {
  return i32.or(
    i32.and(i32.rotl(value.get, i32.const(8)), i32.const(0x00ff_00ff)),
    i32.and(i32.rotl(value.get, i32.const(24)), i32.const(0xff00_ff00 | 0)),
  )
}

/**
 * Defines `hashLeaves()`: hashes the entries in the four slots, whose lengths stand at
 * `layout.lengths`, to the addresses at `layout.places`. The first byte of a slot is the prefix's.
 */
function defineHashLeaves(module: Module, { compress, readBlock, writeHashes }: Parts): void {
  module.define(
    { exported: 'hashLeaves', params: [], locals: ['v128', 'i32', 'i32', 'i32', 'i32', 'i32'] },
    (blocks, most, done, length, count, bits) => {
      const slot = (lane: number): number => layout.slots + lane * layout.slotLength

      /** Puts the prefix before an entry and the padding behind it, and counts its blocks. */
      const pad = (lane: number): Code =>
        sequence(
          length.set(i32.load(zero, layout.lengths + 4 * lane)),
          i32.store8(zero, zero, slot(lane)),
          ...[0, 16, 32, 48, 64].map((at) => v128.store(length.get, noLane, slot(lane) + 1 + at)),
          i32.store8(length.get, i32.const(0x80), slot(lane) + 1),
          // One byte of prefix, one of 0x80 and eight of length; rounded up.
          count.set(i32.shr(add(length.get, 1 + 1 + 8 + 63), i32.const(6))),
          bits.set(i32.shl(add(length.get, 1), i32.const(3))),
          i32.store(i32.shl(count.get, i32.const(6)), bigEndian(bits), slot(lane) - 4),
          blocks.set(i32x4.replace(blocks.get, lane, count.get)),
          most.set(either(count.get, most.get, i32.less(most.get, count.get))),
        )

      const block = (lane: number): Code => add(i32.shl(done.get, i32.const(6)), slot(lane))
      const place = (lane: number): Code => i32.load(zero, layout.places + 4 * lane)
      return sequence(
        ...[0, 1, 2, 3].map(pad),
        initialise,
        repeatWhile(
          sequence(
            readBlock(block(0), block(1), block(2), block(3)),
            // Whoever has no more blocks keeps its hash.
            compress(i32x4.less(i32x4.splat(done.get), blocks.get)),
          ),
          i32.less(done.tee(add(done.get, 1)), most.get),
        ),
        writeHashes(place(0), place(1), place(2), place(3)),
      )
    },
  )
}

interface Parts {
  readonly compress: Call
  readonly readBlock: Call
  readonly writeHashes: Call
}

/** The bytes of the WebAssembly module. */
export function encodeModule(): Uint8Array<ArrayBuffer> {
  const module = new Module()
  const parts = {
    compress: defineCompress(module),
    readBlock: defineReadBlock(module),
    writeHashes: defineWriteHashes(module),
  }
  defineHashNodes(module, parts)
  defineHashLeaves(module, parts)
  return module.encode(layout.pages, constants)
}
