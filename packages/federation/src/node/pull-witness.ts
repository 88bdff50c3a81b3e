/** A witness that cosigns what its own mirrors have verified, without being asked. */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { nodeEd25519NoteVerifier } from '@vaultmesh/merkle/node'
import type { NoteSigner, NoteVerifier } from '@vaultmesh/merkle/note'
import type { TlogPolicy } from '@vaultmesh/merkle/policy'
import {
  addCheckpoint,
  cosignCheckpoint,
  type OpenedAddCheckpoint,
  openAddCheckpoint,
  witnessCheckpointPath,
} from '@vaultmesh/merkle/witness'
import { FederationError } from '../errors.ts'
import type { SignedHead } from '../head.ts'
import { openTiles } from './compare.ts'
import { sourceOf } from './layered-source.ts'
import type { Mirror } from './mirror-types.ts'
import type { OpenWitnessStore } from './witness-store.ts'

/** What a witness is made of. */
export interface PullWitness {
  readonly store: OpenWitnessStore
  readonly signers: readonly NoteSigner[]
}

/** Another request may come between two looks at the store, but not for ever. */
const maxAttempts = 3

/** The verifiers of a log's own keys: those of its policy that are named after it. */
export function logVerifiersOf(policy: TlogPolicy, origin: string): NoteVerifier[] {
  return policy.logs
    .map(({ vkey }) => nodeEd25519NoteVerifier(vkey))
    .filter(({ name }) => name === origin)
}

function hasSigned({ signatures }: SignedHead, signers: readonly NoteSigner[]): boolean {
  return signers.every(({ name, keyId }) =>
    signatures.some(({ signature }) => signature.name === name && signature.keyId === keyId),
  )
}

/**
 * Ends a witness whose signature is on more than it remembers, or on another tree: an older copy of
 * its state was put back, and what else it has signed since is not known.
 */
async function requireRemembered(store: OpenWitnessStore, head: SignedHead): Promise<void> {
  const { origin, size } = head
  const known = await store.state(origin)
  const isAhead = known !== undefined && known.size > size
  if (isAhead || (known?.size === size && equalBytes(known.root, head.root))) return
  const remembered = known?.size === size ? 'another tree of them' : `${known?.size ?? 0n}`
  const reason = `it cosigned ${size} entries of ${origin} and remembers ${remembered}: an older copy was put back`
  await store.end(reason)
  throw new FederationError(
    'WITNESS_STATE_DAMAGED',
    `the witness cosigns nothing any more: ${reason}; give it a new key`,
  )
}

/** The consistency proof up to a mirror's head, out of tiles that lead to it. */
async function prove(
  mirror: Mirror,
  head: SignedHead,
  from: bigint,
): Promise<readonly Uint8Array[]> {
  const opened = await openTiles({ head, source: sourceOf(mirror.tiles) })
  const proof = opened.ok ? await opened.tiles.consistency(from) : opened
  if (proof.ok) return proof.hashes
  throw new FederationError(
    'MIRROR_DAMAGED',
    `the mirror of ${head.origin} in ${mirror.tiles.name} gives no proof of its growth: ${proof.detail}`,
  )
}

/**
 * Brings what a witness remembers up to the head of a mirror; undefined where the head does not follow
 * what it has cosigned. The same rules hold as for a log that asks.
 */
async function remember(
  store: OpenWitnessStore,
  mirror: Mirror,
  policy: TlogPolicy,
  head: SignedHead,
): Promise<OpenedAddCheckpoint | undefined> {
  const { origin, size, checkpoint } = head
  for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
    const oldSize = (await store.state(origin))?.size ?? 0n
    if (oldSize > size) return undefined
    const hashes = await prove(mirror, head, oldSize)
    const opened = await openAddCheckpoint({ oldSize, hashes, checkpoint }, (name) =>
      logVerifiersOf(policy, name),
    )
    if (!opened.ok) return undefined
    const decision = await store.update(origin, (state) => addCheckpoint(state, opened))
    if (decision.ok) return opened
    if (decision.status !== 409) return undefined
  }
  return undefined
}

/**
 * Lets a witness remember what a mirror has verified, before a log that asks is compared with it: else
 * it would cosign another history than the one that its own node has. Rejects as
 * {@link cosignMirror} does.
 */
export async function catchUp(
  { store, signers }: PullWitness,
  mirror: Mirror,
  policy: TlogPolicy,
): Promise<void> {
  const head = await mirror.head()
  if (head === undefined) return
  if (hasSigned(head, signers)) return requireRemembered(store, head)
  const known = (await store.state(mirror.origin))?.size ?? 0n
  if (known >= head.size || (await mirror.isQuarantined())) return
  await remember(store, mirror, policy, head)
}

/**
 * Cosigns the head of a mirror, unless that is done, and adds the cosignature to what the mirror
 * publishes. Says whether the head carries the witness's cosignature now: it does not where there is
 * none, where the mirror is quarantined, and where the witness has cosigned more, or another history.
 *
 * What is cosigned is stored first, and follows what was cosigned before. Rejects as the mirror and
 * the store do, and with WITNESS_STATE_DAMAGED where the head carries a cosignature of this witness
 * that its store knows nothing of.
 */
export async function cosignMirror(
  { store, signers }: PullWitness,
  mirror: Mirror,
  policy: TlogPolicy,
): Promise<boolean> {
  const head = await mirror.head()
  if (head === undefined || (await mirror.isQuarantined())) return false
  if (hasSigned(head, signers)) {
    await requireRemembered(store, head)
    return true
  }
  const opened = await remember(store, mirror, policy, head)
  if (opened === undefined) return false
  const cosigned = await cosignCheckpoint(opened, signers)
  await store.keep(witnessCheckpointPath(head.origin), cosigned.checkpoint)
  await mirror.addCosignatures(cosigned.checkpoint)
  return true
}
