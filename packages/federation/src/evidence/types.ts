/** What is known of one log, as data. */
import type { TreeHead } from '@vaultmesh/merkle/tiles'
import type { ProvenFork } from '../fork-proof/types.ts'
import type { SignedHead } from '../head.ts'

/** That one tree is a prefix of another: proven by a consistency proof. Made by `proveLink`. */
export interface Link {
  readonly earlier: TreeHead
  readonly later: TreeHead
  /** The consistency proof (RFC 6962). */
  readonly hashes: readonly Uint8Array[]
}

/**
 * All that is known of one log: a set that only grows. Made by `evidenceOf` and `joinEvidence`,
 * which give equal values for equal sets.
 */
export interface Evidence {
  readonly origin: string
  /** Each text once, with all its signatures. Sorted; those of the forks are among them. */
  readonly heads: readonly SignedHead[]
  /** Sorted, each once. */
  readonly links: readonly Link[]
  /** Sorted by id, each once. */
  readonly forks: readonly ProvenFork[]
}

/** What {@link Evidence} is made of: any of it may be missing, in any order, any number of times. */
export interface EvidenceParts {
  readonly heads?: Iterable<SignedHead>
  readonly links?: Iterable<Link>
  readonly forks?: Iterable<ProvenFork>
}
