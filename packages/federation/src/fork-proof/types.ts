/** A fork proof, as data (`docs/formats/federation.md`). */
import type { TreeHead } from '@vaultmesh/merkle/tiles'
import type { SignedHead } from '../head.ts'

/** The `mediaType` of a fork proof. */
export const forkMediaType = 'application/vnd.vaultmesh.fork.v0+json'

/** A fork proof has at most this many bytes. */
export const maxForkProofBytes: number = 256 * 1024

/** One of the two heads: its signed checkpoint, verbatim, and what that says. */
export interface ForkHead extends TreeHead {
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string
  /** What of it is signed. */
  readonly text: string
}

/** That the later head's tree has `root`, and not the earlier head's root, at the earlier size. */
export interface Contradiction {
  /** 32 bytes. */
  readonly root: Uint8Array
  /** The consistency proof of `root` at the earlier size to the later head (RFC 6962). */
  readonly hashes: readonly Uint8Array[]
}

/** One head's side of a {@link Divergence}. */
export interface Branch {
  /** The consistency proof of the common root to this head. Empty for size 0. */
  readonly consistency: readonly Uint8Array[]
  /** The inclusion proof of the first leaf that differs. */
  readonly inclusion: readonly Uint8Array[]
  /** The hash of that leaf: 32 bytes. */
  readonly leafHash: Uint8Array
}

/** Where exactly the two trees part. */
export interface Divergence extends TreeHead {
  /** In the order of the heads. `size` leaves are common, and the leaf at index `size` differs. */
  readonly branches: readonly [Branch, Branch]
}

/** Two heads of one log, and what shows that they contradict each other. */
export interface ForkProof {
  readonly origin: string
  /** In order: by size, then by root, then by text. */
  readonly heads: readonly [ForkHead, ForkHead]
  /** Where the sizes differ and the earlier one is not 0; otherwise the roots say it all. */
  readonly contradiction?: Contradiction
  /** Where the tiles of both trees were at hand. */
  readonly divergence?: Divergence
}

/** A fork that was verified: a fork proof whose heads are signed. Made by `verifyForkProof`. */
export interface ProvenFork extends ForkProof {
  /** SHA-256, in hex, over what the two heads say: the same for every proof of this fork. */
  readonly id: string
  readonly heads: readonly [SignedHead, SignedHead]
}
