/** The logs that are written on this machine: what is known of them, and who has seen more. */
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { maxNoteLength } from '@vaultmesh/merkle/note'
import { posixTiles, type TileReader } from '@vaultmesh/tlog'
import { FederationError } from '../errors.ts'
import { openHead, type SignedHead } from '../head.ts'
import { compare } from './compare.ts'
import type { EvidenceStore } from './evidence-store.ts'
import { toFederationError } from './files.ts'
import { proveFork } from './fork.ts'
import { sourceOf } from './layered-source.ts'
import { withWitnesses } from './policies.ts'
import type { OwnLog, OwnLogSighting } from './types.ts'

/** The published files of an own log. */
export function tilesOf({ directory }: OwnLog): TileReader {
  return posixTiles(directory)
}

/**
 * The head that an own log publishes; undefined where it publishes none. `witnesses` are further
 * vkeys whose cosignatures are kept. Rejects with LOG_DAMAGED or FEDERATION_IO.
 */
export async function ownHead(
  own: OwnLog,
  witnesses: readonly string[],
): Promise<SignedHead | undefined> {
  const { origin, directory, policy } = own
  let bytes: Uint8Array | undefined
  try {
    bytes = await tilesOf(own).read('checkpoint', maxNoteLength)
  } catch (error) {
    throw toFederationError(error, `reading the checkpoint in ${directory}`)
  }
  if (bytes === undefined) return undefined
  const keys = withWitnesses(policy, witnesses)
  const opened = await openHead(bytes, origin, keys, nodeVerifyEd25519)
  if (opened.ok) return opened.head
  throw new FederationError(
    'LOG_DAMAGED',
    `the log in ${directory} publishes a checkpoint that is not one of ${origin}: ${opened.detail}`,
  )
}

/** What is wrong with the files of an own log. */
export function ownDamaged(directory: string, why: string): FederationError {
  const detail = `the log in ${directory} is damaged: ${why}; check it, and repair it from a mirror`
  return new FederationError('LOG_DAMAGED', detail)
}

/** A head of an own log, as somebody has it: not verified yet. */
export interface Sighted {
  /** The peer's name, or `mirror`. */
  readonly where: string
  readonly checkpoint: string
  /** Where its tiles are. */
  readonly tiles: TileReader
}

/**
 * How a head that somebody has of an own log stands to what is published here; undefined where the
 * log did not sign it, which says nothing. A fork is proven, and the proof kept.
 *
 * That a head is ahead is believed without its tiles: the log signed it. Rejects with LOG_DAMAGED
 * where the own tree is wrong, FEDERATION_IO or FEDERATION_NO_SPACE.
 */
export async function sightingOf(
  own: OwnLog,
  { where, checkpoint, tiles }: Sighted,
  evidence: EvidenceStore,
): Promise<OwnLogSighting | undefined> {
  const { origin, policy, directory } = own
  const opened = await openHead(checkpoint, origin, policy, nodeVerifyEd25519)
  if (!opened.ok) return undefined
  const ours = await ownHead(own, [])
  const { size } = opened.head
  const sighting = { origin, where, size, ownSize: ours?.size ?? 0n }
  if (ours === undefined) return { ...sighting, relation: 'ahead' }
  const mine = { head: ours, source: sourceOf(tilesOf(own)) }
  const theirs = { head: opened.head, source: sourceOf(tiles) }
  const found = await compare(mine, theirs)
  if (found.relation === 'unknown') {
    if (found.whose === 'theirs') return { ...sighting, relation: 'ahead' }
    throw ownDamaged(directory, found.failure.detail)
  }
  if (found.relation !== 'forked') return { ...sighting, relation: found.relation }
  const proven = await proveFork(mine, theirs)
  const receipt = proven.ok ? await evidence.add(proven.bytes) : undefined
  const isKept = receipt !== undefined && receipt.status !== 'refused'
  return { ...sighting, relation: 'forked', ...(isKept ? { proof: receipt.id } : {}) }
}
