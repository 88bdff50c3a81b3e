/** What adding an entry gives, and how repeated entries are recognised. */

/** An entry has its index, for ever, and is on durable storage. */
export interface Sequenced {
  readonly index: bigint
  /** Whether an entry with this key and content was there before; `index` is the one it has. */
  readonly isRepeated: boolean
}

/** A checkpoint that covers the entry is signed and in the lock. */
export interface Integrated extends Sequenced {
  /** The signed checkpoint (a C2SP signed note) that covers the entry. */
  readonly checkpoint: string
}

/** An entry on its way: each promise may be awaited or left alone; none is ever unhandled. */
export interface Addition {
  /** Resolves once the entry's index is on durable storage: it is never lost, nor moved. */
  readonly sequenced: Promise<Sequenced>
  /** Resolves once a signed checkpoint covers it. */
  readonly integrated: Promise<Integrated>
  /** Resolves once every reader sees it, under the checkpoint that is given, cosignatures included. */
  readonly published: Promise<Integrated>
}

/** Which entries count as the same. */
export interface DedupeKey {
  /** Entries with equal keys are repetitions of one, or conflict. Any text, also a long one. */
  readonly key: string
  /** What must be equal, for a repetition: the whole entry by default. */
  readonly content?: Uint8Array
}

/**
 * Reads an entry's key, or undefined for one without. Pure, and the same for ever: the index of keys
 * is rebuilt from the entries with it.
 */
export type DedupeKeyOf = (entry: Uint8Array) => DedupeKey | undefined

/** How to add an entry. */
export interface AddOptions {
  /** The key that the caller means. Must be the one that the log's `dedupeKeyOf` reads. */
  readonly dedupeKey?: string
}

/** Adds entries to a log. */
export interface Appender {
  /**
   * Adds an entry of 1 to 65,535 bytes, of which a copy is made. Entries get their indexes in the
   * order of the calls, and those that come while others are staged share one sync, so call it many
   * times without waiting where there are many.
   *
   * The promises reject with ENTRY_EMPTY, ENTRY_TOO_LARGE, LOG_OPTIONS (a `dedupeKey` that is not
   * the entry's), LOG_CONFLICT (the key has an entry with other content) or LOG_NO_SPACE, all of
   * which leave the log usable without the entry; with LOG_CLOSED; or with LOG_FAILED, where only
   * opening the log again shows whether the entry is in it. `published` alone rejects with
   * LOG_NOT_WITNESSED where the entry is in the log but witnesses withheld their cosignatures.
   */
  add(entry: Uint8Array, options?: AddOptions): Addition
}
