/** A log that asks its witness to cosign a second history gives evidence against itself. */
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { type OpenedAddCheckpoint, witnessCheckpointPath } from '@vaultmesh/merkle/witness'
import { openHead, type SignedHead } from '../head.ts'
import { compare, type Seen } from './compare.ts'
import type { NodeContext } from './context.ts'
import { proveFork } from './fork.ts'
import { sourceOf } from './layered-source.ts'

/** What of two heads that are here the other one can be held against, the most telling first. */
async function knownOf(node: NodeContext, origin: string): Promise<Seen[]> {
  const mirror = node.mirrors.get(origin)
  const policy = node.policies.get(origin)
  const head = await mirror?.head()
  const mirrored =
    mirror === undefined || head === undefined ? [] : [{ head, source: sourceOf(mirror.tiles) }]
  const kept = await node.witness?.store.kept(witnessCheckpointPath(origin))
  if (kept === undefined || policy === undefined) return mirrored
  const opened = await openHead(kept, origin, policy, nodeVerifyEd25519)
  return opened.ok ? [...mirrored, bare(opened.head)] : mirrored
}

/** A head whose tiles nobody has shown. */
function bare(head: SignedHead): Seen {
  return { head, source: async () => undefined }
}

/**
 * Keeps the proof, where a head that the witness did not cosign is proven to contradict the mirror or
 * what was cosigned last. That it merely does not follow proves nothing: the log may be behind.
 */
export async function keepRefused(
  node: NodeContext,
  { head: { origin }, checkpoint }: OpenedAddCheckpoint,
): Promise<void> {
  const policy = node.policies.get(origin)
  if (policy === undefined) return
  const opened = await openHead(checkpoint, origin, policy, nodeVerifyEd25519)
  if (!opened.ok) return
  const theirs = bare(opened.head)
  for (const ours of await knownOf(node, origin)) {
    if ((await compare(ours, theirs)).relation !== 'forked') continue
    const proven = await proveFork(ours, theirs)
    if (proven.ok) await node.evidence.add(proven.bytes)
    return
  }
}
