/** How a peer is asked, wherever it is. Nothing that it gives is trusted. */
import type { TileReader } from '@vaultmesh/tlog'
import type { PeerLog } from './config.ts'
import type { HeadsDocument } from './heads.ts'

/** What a peer has to offer. */
export type PeerHeads =
  /** What it had when it gave the tag that it was asked with. */
  | { readonly status: 'unchanged' }
  | {
      readonly status: 'changed'
      readonly document: HeadsDocument
      /** To ask with next time: an entity tag, with its quotes. */
      readonly etag?: string | undefined
    }

/** A peer. Its methods reject with an Error that says what happened, or with the signal's reason. */
export interface Peer {
  /** Where it is, for people. */
  readonly location: string
  /** How many requests were made. */
  readonly requests: number
  /** What it has; with the tag of an earlier answer, only if that changed. */
  heads(etag: string | undefined): Promise<PeerHeads>
  /** The published files of a log. */
  tiles(log: PeerLog): TileReader
  /** The bytes of a fork proof; undefined where it has none of this id. */
  proof(id: string): Promise<Uint8Array | undefined>
  /** Gives it a fork proof, and says whether it has it now. */
  offer(proof: Uint8Array): Promise<boolean>
}
