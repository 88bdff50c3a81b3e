/** Where things are in the memory of the WebAssembly module, in bytes. */

/** How many leaves or nodes lie in memory at a time. */
export const batchSize = 256

/** The longest entry that a slot holds: tlog-tiles has none longer. */
export const maxSlotEntry = 0xffff

const hashes = 1024
const spareHash = hashes + 2 * 32 * batchSize
const lengths = spareHash + 32
const places = lengths + 16

/** The places that the module and its caller share. What is below them is the module's own. */
interface Layout {
  /** A batch of pairs of hashes goes in here, and a batch of hashes comes out. */
  readonly hashes: number
  /** Room for a hash that nobody wants. */
  readonly spareHash: number
  /** The lengths of the entries in the four slots, as 32 bits each, little-endian. */
  readonly lengths: number
  /** The addresses that their hashes go to, likewise. */
  readonly places: number
  /** Four messages: each a byte for the prefix, an entry, and room for its padding. */
  readonly slots: number
  /** The distance of the slots: 1 + 65,535 + 9 bytes in blocks of 64, and a block more. */
  readonly slotLength: number
  /** The size of the memory in pages of 64 KiB. */
  readonly pages: number
}

/** Addresses, in bytes. */
export const layout: Layout = {
  hashes,
  spareHash,
  lengths,
  places,
  slots: places + 16,
  slotLength: 64 * 1026,
  pages: 5,
}
