import type { LogSync, OwnLogSighting, PeerSync } from '@vaultmesh/federation/node'
import type { Failure, Handler, Json, Outcome } from '../command.ts'
import type { federationSyncArguments } from '../commands/federation.ts'
import { VmError } from '../errors.ts'
import { forkFailure } from '../federation-forks.ts'
import { type OpenNode, withNode } from '../federation-node.ts'
import { type Line, type Span, toned } from '../text.ts'

const good = toned('good', '\u2713')
const bad = toned('bad', '\u2717')

/** What came of a log, in words. */
function logWords({ outcome, isCosigned }: LogSync): readonly [Span, string] {
  const cosigned = isCosigned ? ', cosigned' : ''
  switch (outcome.status) {
    case 'advanced':
      return [good, `advanced ${outcome.from} -> ${outcome.head.size}${cosigned}`]
    case 'in-sync':
      return [good, `in sync at ${outcome.head.size}${cosigned}`]
    case 'behind':
      return [
        good,
        `behind: it has ${outcome.sourceSize} there, and ${outcome.head.size} here${cosigned}`,
      ]
    case 'forked':
      return [bad, `forked: its key signed two histories (proof ${outcome.proof})`]
    case 'quarantined':
      return [bad, `quarantined: it forked, and stays at ${outcome.head?.size ?? 0} here`]
    case 'not-offered':
      return [bad, 'not offered by this peer']
    case 'failed':
    case 'broken':
      return [bad, `failed: ${outcome.detail} [${outcome.code}]`]
  }
}

function logJson({ origin, outcome, isCosigned }: LogSync): Json {
  const { status } = outcome
  const head = 'head' in outcome ? outcome.head : undefined
  return {
    code: 'code' in outcome ? outcome.code : undefined,
    cosigned: isCosigned,
    detail: 'detail' in outcome ? outcome.detail : undefined,
    from: 'from' in outcome ? String(outcome.from) : undefined,
    origin,
    proof: 'proof' in outcome ? outcome.proof : undefined,
    size: head === undefined ? undefined : String(head.size),
    sourceSize: 'sourceSize' in outcome ? String(outcome.sourceSize) : undefined,
    status,
  }
}

/** What a peer has of the log of this workspace. */
function sightingLine({ origin, size, ownSize, relation }: OwnLogSighting): Line {
  const words = {
    same: `the same ${size} entries of your log`,
    behind: `${size} of the ${ownSize} entries of your log`,
    ahead: `${size} entries of your log, which has ${ownSize} here`,
    forked: `another history of your log, of ${size} entries`,
  }
  const isWrong = relation === 'ahead' || relation === 'forked'
  return ['  ', isWrong ? bad : good, ` ${origin}  it has ${words[relation]}`]
}

/** A log that was longer than it is must not be written to. */
function aheadFailure(peers: readonly PeerSync[]): Failure | undefined {
  const seen = peers.flatMap(({ ownLogs }) => ownLogs)
  const ahead = seen.find(({ relation }) => relation === 'ahead')
  if (ahead === undefined) return undefined
  const { where, origin, size, ownSize } = ahead
  return {
    code: 'LOG_TREE_BEHIND',
    message: `${where} has ${size} entries of your log ${origin}, which has ${ownSize} here: an older copy was restored`,
    hint: 'record nothing; bring the newer files back, with `vm log repair --from` and a mirror',
  }
}

function peerLines(peer: PeerSync): Line[] {
  const { name, status, logs, ownLogs, problems, proofsReceived } = peer
  const lines: Line[] = [[toned('strong', name), `: ${status}`]]
  for (const log of logs) {
    const [mark, words] = logWords(log)
    lines.push(['  ', mark, ` ${log.origin}  ${words}`])
  }
  lines.push(...ownLogs.map(sightingLine))
  for (const id of proofsReceived) lines.push(['  ', bad, ` it gave a fork proof: ${id}`])
  // Those of a log stand in its line.
  const others = problems.filter((it) => !logs.some(({ origin }) => it.startsWith(`${origin}: `)))
  for (const problem of others) lines.push(['  ', bad, ` ${problem}`])
  return lines
}

function requireKnown({ federation }: OpenNode, names: readonly string[]): void {
  const known = federation.config.peers.map((peer) => peer.name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new VmError('VM_USAGE', `there is no peer "${unknown}"`, {
      hint:
        known.length === 0 ? 'add one with `vm federation join`' : `there is ${known.join(', ')}`,
    })
  }
}

/** Whether a log could not be brought up to date, for a reason other than a fork. */
function hasFailed({ status, logs }: PeerSync): boolean {
  const wrong: readonly LogSync['outcome']['status'][] = ['failed', 'broken', 'not-offered']
  const isDone = status === 'in-sync' || status === 'synced'
  return !isDone || logs.some(({ outcome }) => wrong.includes(outcome.status))
}

/**
 * The logs that have forked: what this round has shown, and what is known of the logs that it was
 * about. A peer in which nothing has changed says nothing of them.
 */
async function forkedOrigins(
  { federation }: OpenNode,
  peers: readonly PeerSync[],
): Promise<readonly string[]> {
  const shown = peers.flatMap(({ logs, ownLogs }) => [
    ...logs.filter(({ outcome }) => outcome.status === 'forked').map(({ origin }) => origin),
    ...ownLogs.filter(({ relation }) => relation === 'forked').map(({ origin }) => origin),
  ])
  const asked = federation.config.peers
    .filter(({ name }) => peers.some((peer) => peer.name === name))
    .flatMap(({ logs }) => logs.map(({ origin }) => origin))
  const { logs } = await federation.status()
  const divided = logs
    .filter(({ isQuarantined, origin, role }) => {
      return isQuarantined && (role === 'own' || asked.includes(origin))
    })
    .map(({ origin }) => origin)
  return [...new Set([...shown, ...divided])]
}

/** `vm federation sync` */
export const run: Handler<typeof federationSyncArguments> = (context, values) =>
  withNode(context, { passphraseFile: values['passphrase-file'], cosigns: true }, async (node) => {
    const { federation } = node
    requireKnown(node, values.peers)
    const peers = await federation.sync({
      ...(values.peers.length === 0 ? {} : { peers: values.peers }),
      signal: context.signal,
      // Whoever types the command wants to know now.
      isForced: true,
      onProgress: ({ origin, done, size }) => context.talk.status(`${origin}: ${done} of ${size}`),
    })
    const outcome: Outcome = {
      json: peers.map((peer) => ({
        logs: peer.logs.map(logJson),
        name: peer.name,
        ownLogs: peer.ownLogs.map(({ origin, ownSize, relation, size }) => ({
          origin,
          ownSize: String(ownSize),
          relation,
          size: String(size),
        })),
        problems: peer.problems,
        proofsReceived: peer.proofsReceived,
        proofsSent: peer.proofsSent,
        requests: peer.requests,
        status: peer.status,
      })),
      text: peers.length === 0 ? ['no peers'] : peers.flatMap(peerLines),
      ...(peers.length === 0 ? { next: ['vm federation join NAME URL'] } : {}),
    }
    const received = peers.flatMap(({ proofsReceived }) => proofsReceived)
    const forked = await forkedOrigins(node, peers)
    const fork = await forkFailure(node, context.cwd, forked, received)
    const failure = fork ?? aheadFailure(peers)
    if (failure !== undefined) return { ...outcome, failure }
    const failed = peers.filter(hasFailed).map(({ name }) => name)
    if (failed.length === 0) return outcome
    const message = `not all could be had from ${failed.join(', ')}`
    return { ...outcome, failure: { code: 'VM_FAILED', message } }
  })
