/** The merged view: the trusted entries of several logs, in an order that is the same everywhere. */
import { encodeHex, equalBytes } from '@vaultmesh/merkle/bytes'
import { CompactRange } from '@vaultmesh/merkle/compact'
import { hashLeaf, sha256 } from '@vaultmesh/merkle/rfc6962'
import type { TreeHead } from '@vaultmesh/merkle/tiles'
import { compareText } from '../head.ts'

/** Where an entry is. */
export interface EntryPlace {
  readonly origin: string
  readonly index: bigint
}

/** An entry of the merged view. */
export interface MergedEntry extends EntryPlace {
  /** SHA-256 of the bytes, in hex. */
  readonly id: string
  readonly entry: Uint8Array
  /** The first place (by origin, then index) with the same bytes. Absent where that is this one. */
  readonly duplicateOf?: EntryPlace
}

/** The trusted entries of one log. */
export interface TrustedEntries {
  readonly origin: string
  /** The prefix that is trusted; see `trustedPrefix`. */
  readonly prefix: TreeHead
  /** The bytes of its entries, in order: as many as the prefix has. */
  readonly entries: readonly Uint8Array[]
}

/** Why there is no view. */
export interface ViewFailure {
  readonly ok: false
  /** The log whose entries are not the trusted ones. */
  readonly origin: string
  readonly detail: string
}

function isPrefixOf({ prefix, entries }: TrustedEntries): boolean {
  const tree = CompactRange.empty()
  for (const entry of entries) tree.append(hashLeaf(entry))
  return tree.size === prefix.size && equalBytes(tree.root(), prefix.root)
}

/**
 * All trusted entries of some logs, in the canonical order: by origin (code units), then index.
 * Entries with the same bytes are marked, and never left out. Each log's entries are held to the
 * root of its prefix first, so that the view is made of nothing else. Never throws.
 */
export function mergeEntries(
  logs: readonly TrustedEntries[],
): { readonly ok: true; readonly entries: readonly MergedEntry[] } | ViewFailure {
  const sorted = logs.toSorted((a, b) => compareText(a.origin, b.origin))
  const firsts = new Map<string, EntryPlace>()
  const merged: MergedEntry[] = []
  for (const [i, log] of sorted.entries()) {
    const { origin, entries } = log
    if (sorted[i - 1]?.origin === origin) return { ok: false, origin, detail: 'it is given twice' }
    if (!isPrefixOf(log)) {
      const detail = `these ${entries.length} entries are not the trusted prefix, which has ${log.prefix.size}`
      return { ok: false, origin, detail }
    }
    for (const [at, entry] of entries.entries()) {
      const place = { origin, index: BigInt(at) }
      const id = encodeHex(sha256(entry))
      const duplicateOf = firsts.get(id)
      if (duplicateOf === undefined) firsts.set(id, place)
      merged.push({ ...place, id, entry, ...(duplicateOf && { duplicateOf }) })
    }
  }
  return { ok: true, entries: merged }
}

function compare<T extends bigint | number>(a: T, b: T): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/**
 * The same entries by time, then by origin and index. `timeOf` gives an entry's time in any unit, as
 * its writer claims it; those that have none, or no number, come last.
 */
export function byTime(
  entries: readonly MergedEntry[],
  timeOf: (entry: MergedEntry) => number | undefined,
): readonly MergedEntry[] {
  const timed = entries.map((entry) => {
    const time = timeOf(entry) ?? Number.NaN
    return { entry, time: Number.isNaN(time) ? Number.POSITIVE_INFINITY : time }
  })
  return timed
    .toSorted(
      (a, b) =>
        compare(a.time, b.time) ||
        compareText(a.entry.origin, b.entry.origin) ||
        compare(a.entry.index, b.entry.index),
    )
    .map(({ entry }) => entry)
}
