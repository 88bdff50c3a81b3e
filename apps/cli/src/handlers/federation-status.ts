import { standingOf } from '@vaultmesh/federation'
import type { LogStatus, PeerStatus } from '@vaultmesh/federation/node'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { noQuorum } from '@vaultmesh/merkle/policy'
import { describeQuorum } from '@vaultmesh/remembrancer/workspace'
import type { Handler, Json } from '../command.ts'
import type { federationStatusArguments } from '../commands/federation.ts'
import { proofFile } from '../federation-forks.ts'
import { type OpenNode, withNode } from '../federation-node.ts'
import { type Line, type Span, table, toned } from '../text.ts'

/** The names of the witnesses in the policy of a log that cosigned its head. */
function cosignersOf({ policies }: OpenNode, { origin, head }: LogStatus): readonly string[] {
  const policy = policies.get(origin)
  return head === undefined || policy === undefined ? [] : standingOf(head, policy).cosigners
}

/** Whether this node's own witness cosigned the head of a log. */
function isCosignedHere({ federation }: OpenNode, { head }: LogStatus): boolean {
  const own = federation.config.witness?.vkey
  return head?.signatures.some(({ vkey }) => vkey === own) === true
}

/** How much is trusted, and because of whom. */
function trustWords({ policies }: OpenNode, log: LogStatus): Span {
  const { origin, head, trustedSize } = log
  const policy = policies.get(origin)
  const size = head?.size ?? 0n
  const share = trustedSize >= size ? `all ${trustedSize}` : `${trustedSize} of ${size}`
  if (policy === undefined || policy.quorum === noQuorum) {
    return `${share}: its key alone says so, no witness is asked for`
  }
  return `${share}: what the quorum cosigned (${describeQuorum(policy)})`
}

function logLines(node: OpenNode, log: LogStatus): Line[] {
  const { origin, role, isShared, head, isQuarantined, forkProofs, problem } = log
  const wrong = isQuarantined || forkProofs.length > 0 || problem !== undefined
  const rows: (readonly [string, Span])[] = [
    ['is', `${role === 'own' ? 'yours' : 'a mirror'}, ${isShared ? 'shared' : 'private'}`],
    ['size', String(head?.size ?? 0n)],
  ]
  if (head !== undefined) {
    const here = isCosignedHere(node, log) ? ['this node'] : []
    const cosigners = [...cosignersOf(node, log), ...here]
    rows.push(['root', encodeHex(head.root)])
    rows.push(['cosigned by', cosigners.length === 0 ? 'nobody' : cosigners.join(', ')])
  }
  rows.push(['trusted', trustWords(node, log)])
  if (isQuarantined) rows.push(['quarantined', 'it forked: nothing more is taken from it'])
  for (const id of forkProofs) rows.push(['fork proof', proofFile(node, id)])
  if (problem !== undefined) rows.push(['problem', problem])
  return [
    [toned(wrong ? 'bad' : 'good', wrong ? '\u2717' : '\u2713'), ` ${origin}`],
    ...table(rows, '  '),
  ]
}

function peerWords({ location, lastSuccess, lastFailure }: PeerStatus): string {
  const seen = lastSuccess === undefined ? 'never seen' : `seen ${lastSuccess.toISOString()}`
  const failed =
    lastFailure === undefined
      ? ''
      : `; failed ${lastFailure.at.toISOString()}: ${lastFailure.detail}`
  return `${location}, ${seen}${failed}`
}

function logJson(node: OpenNode, log: LogStatus): Json {
  const { origin, role, isShared, head, trustedSize, isQuarantined, forkProofs } = log
  const policy = node.policies.get(origin)
  return {
    cosignedHere: isCosignedHere(node, log),
    cosigners: cosignersOf(node, log),
    forkProofs,
    origin,
    problem: log.problem,
    quarantined: isQuarantined,
    quorum: policy === undefined ? noQuorum : describeQuorum(policy),
    role,
    root: head === undefined ? undefined : encodeHex(head.root),
    shared: isShared,
    size: String(head?.size ?? 0n),
    trustedSize: String(trustedSize),
  }
}

function peerJson({ name, location, lastSuccess, lastFailure }: PeerStatus): Json {
  return {
    lastFailure:
      lastFailure === undefined
        ? undefined
        : { at: lastFailure.at.toISOString(), detail: lastFailure.detail },
    lastSuccess: lastSuccess?.toISOString(),
    location,
    name,
  }
}

/** `vm federation status` */
export const run: Handler<typeof federationStatusArguments> = (context) =>
  withNode(context, {}, async (node) => {
    const { name, logs, peers, frontier } = await node.federation.status()
    const { url, witness } = node.federation.config
    return {
      json: {
        frontier,
        logs: logs.map((log) => logJson(node, log)),
        name,
        peers: peers.map(peerJson),
        url,
        witness: witness?.vkey,
      },
      text: [
        ...table([
          ['node', toned('strong', name)],
          ['frontier', frontier],
          ['witness', witness?.vkey ?? 'none'],
          ...peers.map((peer) => [`peer ${peer.name}`, peerWords(peer)] as const),
        ]),
        ...logs.flatMap((log) => ['', ...logLines(node, log)]),
      ],
      next: peers.length === 0 ? ['vm federation join NAME URL'] : ['vm federation sync'],
    }
  })
