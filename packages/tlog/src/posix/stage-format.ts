/**
 * The bytes of the stage: groups, one after the other, each the entries of one sync.
 *
 *     16  the salt that stands in the file's name too
 *     32  SHA-256 of "vaultmesh.cloud/tlog-stage/v0\n" <origin> "\n"
 *      8  size of the last signed tree
 *     32  its root
 *      8  index of the first entry
 *      4  number of entries
 *      4  number of bytes of the entries
 *      .  the entries as in a tlog-tiles entry bundle
 *     32  SHA-256 of all of the group before
 *
 * Numbers are big-endian. After the last group there may be zeros, or what a write left that did
 * not come to its end. That one can't have a whole group after it, so a whole group behind a bad one
 * is damage. Nobody who may add entries knows the salt, so no entry can look like a group.
 */
import { hash } from 'node:crypto'
import { decodeEntryBundle } from '@vaultmesh/merkle/tiles'
import type { Tree } from '../head.ts'

/** What binds groups to one file of one log. */
export interface StageKey {
  /** 16 bytes. */
  readonly salt: Uint8Array
  /** 32 bytes, of {@link bindingOf}. */
  readonly binding: Uint8Array
}

/** Entries that were staged together. */
export interface StageGroup {
  readonly first: bigint
  readonly next: bigint
  /** The last signed tree at that time. */
  readonly base: Tree
  /** Where the group is in its file. */
  readonly at: number
  readonly end: number
}

/** The length of a salt in bytes. */
export const saltLength = 16

const bindingLength = 32
const rootLength = 32
const checkLength = 32
const baseSizeAt = saltLength + bindingLength
const rootAt = baseSizeAt + 8
const firstAt = rootAt + rootLength
const countAt = firstAt + 8
const lengthAt = countAt + 4
const entriesAt = lengthAt + 4

/** How many bytes a group has besides its entries, each of which has 2 bytes of length. */
export const groupOverhead: number = entriesAt + checkLength

/** Ties a stage to its format and its log: 32 bytes. */
export function bindingOf(origin: string): Uint8Array {
  return hash('sha256', `vaultmesh.cloud/tlog-stage/v0\n${origin}\n`, 'buffer')
}

/** A group of at least one entry as bytes. */
export function formatGroup(
  { salt, binding }: StageKey,
  first: bigint,
  entries: readonly Uint8Array[],
  base: Tree,
): Uint8Array {
  const length = entries.reduce((sum, entry) => sum + 2 + entry.length, 0)
  const bytes = Buffer.allocUnsafe(groupOverhead + length)
  bytes.set(salt, 0)
  bytes.set(binding, saltLength)
  bytes.writeBigUInt64BE(base.size, baseSizeAt)
  bytes.set(base.root, rootAt)
  bytes.writeBigUInt64BE(first, firstAt)
  bytes.writeUInt32BE(entries.length, countAt)
  bytes.writeUInt32BE(length, lengthAt)
  let at = entriesAt
  for (const entry of entries) {
    bytes.writeUInt16BE(entry.length, at)
    bytes.set(entry, at + 2)
    at += 2 + entry.length
  }
  bytes.set(hash('sha256', bytes.subarray(0, at), 'buffer'), at)
  return bytes
}

/** The whole group at a place, or undefined where there is none. */
function parseGroup(bytes: Buffer, at: number, key: StageKey): StageGroup | undefined {
  if (at + groupOverhead > bytes.length) return undefined
  const head = bytes.subarray(at, at + entriesAt)
  const isOurs =
    head.subarray(0, saltLength).equals(key.salt) &&
    head.subarray(saltLength, baseSizeAt).equals(key.binding)
  const count = head.readUInt32BE(countAt)
  const end = at + groupOverhead + head.readUInt32BE(lengthAt)
  if (!isOurs || count === 0 || end > bytes.length) return undefined
  const checked = bytes.subarray(at, end - checkLength)
  if (!hash('sha256', checked, 'buffer').equals(bytes.subarray(end - checkLength, end))) {
    return undefined
  }
  const first = head.readBigUInt64BE(firstAt)
  const root = Uint8Array.from(head.subarray(rootAt, firstAt))
  const base = { size: head.readBigUInt64BE(baseSizeAt), root }
  return { first, next: first + BigInt(count), base, at, end }
}

/** The entries of a group of these bytes; undefined where they are not as they should be. */
export function entriesOf(
  bytes: Uint8Array,
  { first, next, at, end }: StageGroup,
): Uint8Array[] | undefined {
  return decodeEntryBundle(bytes.subarray(at + entriesAt, end - checkLength), Number(next - first))
}

/**
 * The whole groups at the beginning of a file, each of which continues the one before. Undefined
 * where another one follows something bad: the file was damaged.
 */
export function parseGroups(input: Uint8Array, key: StageKey): readonly StageGroup[] | undefined {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.byteLength)
  const groups: StageGroup[] = []
  let at = 0
  for (;;) {
    const group = parseGroup(bytes, at, key)
    if (group === undefined) break
    const before = groups.at(-1)
    if (before !== undefined && before.next !== group.first) return undefined
    groups.push(group)
    at = group.end
  }
  for (let next = at; ; next += 1) {
    next = bytes.indexOf(key.salt, next)
    if (next === -1) return groups
    if (parseGroup(bytes, next, key) !== undefined) return undefined
  }
}
