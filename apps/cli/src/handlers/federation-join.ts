import { relative } from 'node:path'
import { type PeerLog, readFederationConfig } from '@vaultmesh/federation/node'
import { parsePolicy } from '@vaultmesh/merkle/policy'
import { describeQuorum, type NewWitness } from '@vaultmesh/remembrancer/workspace'
import type { Handler, Outcome } from '../command.ts'
import type { federationJoinArguments } from '../commands/federation.ts'
import { VmError } from '../errors.ts'
import { configText, nodePaths, writeNodeConfig } from '../federation-node.ts'
import { askOffer, type Offer, type Place, placeOf } from '../federation-offer.ts'
import { pinsOf, withPeer } from '../federation-pins.ts'
import { readPolicy } from '../manifest-keys.ts'
import { addWitness, quorumWords } from '../own-witness.ts'
import { shellWord } from '../shell.ts'
import { table, toned } from '../text.ts'
import { withWorkspace } from '../with-workspace.ts'

/** What a peer says of itself, and the command with which a user believes it. */
function untrustedOffer(name: string, place: string, offer: Offer): Outcome {
  const { origins, logKeys, witnessKeys } = offer
  const keys = logKeys.length === 0 ? ['VKEY'] : logKeys
  const words = [
    'vm',
    'federation',
    'join',
    name,
    place,
    ...keys.flatMap((key) => ['--log-key', key]),
  ]
  const rows: (readonly [string, string])[] = [
    ['calls itself', offer.name ?? 'nothing'],
    ...origins.map((origin) => ['log', origin] as const),
    ...logKeys.map((key) => ['log key', key] as const),
    ...witnessKeys.map((key) => ['witness key', key] as const),
  ]
  return {
    json: { logKeys, name: offer.name, origins, place, witnessKeys },
    text: [
      [toned('strong', place), ' says of itself, and anyone could say it:'],
      ...table(rows, '  '),
    ],
    failure: {
      code: 'VM_NOT_TRUSTED',
      message: 'nothing is believed because a peer says it, so nothing was joined',
      hint: `compare the keys with what its owner gives you in another way, then run \`${words.map(shellWord).join(' ')}\``,
    },
  }
}

function witnessAt(
  place: Place,
  name: string,
  vkey: string | undefined,
  quorum: bigint | undefined,
): NewWitness | undefined {
  if (vkey === undefined) {
    if (quorum === undefined) return undefined
    throw new VmError('VM_USAGE', '--quorum needs --witness-key')
  }
  if (place.kind === 'folder') {
    throw new VmError(
      'VM_USAGE',
      'a folder cosigns nothing: --witness-key needs the URL of the peer',
    )
  }
  const threshold = quorum === undefined ? {} : { threshold: Number(quorum) }
  return { name, vkey, url: new URL('w/', place.url).href, ...threshold }
}

/** The keys of logs that the peer says it has, and that were not pinned. */
function unbelieved({ logKeys }: Offer, logs: readonly PeerLog[]): readonly string[] {
  const pinned = logs.flatMap(({ policy }) => {
    const parsed = parsePolicy(policy)
    return parsed.ok ? parsed.policy.logs.map(({ vkey }) => vkey) : []
  })
  return logKeys.filter((vkey) => !pinned.includes(vkey))
}

function quorumOf({ policy }: PeerLog): string {
  const parsed = parsePolicy(policy)
  const words = parsed.ok ? describeQuorum(parsed.policy) : 'none'
  return words === 'none' ? 'no witness is asked for' : `witnessed by ${words}`
}

/** `vm federation join` */
export const run: Handler<typeof federationJoinArguments> = (context, values) =>
  withWorkspace(context, values['passphrase-file'], async (workspace) => {
    const { name } = values
    const { config: path } = nodePaths(context, workspace)
    const config = await readFederationConfig(path)
    const place = await placeOf(context, values.place)
    const witness = witnessAt(place, name, values['witness-key'], values.quorum)
    const offer = await askOffer(context, place)
    if (offer.origins.includes(workspace.origin)) {
      throw new VmError('VM_USAGE', `${values.place} is this workspace, or a copy of it`, {
        hint: 'give the place of somebody else',
      })
    }
    const { policy: policyFile } = values
    const trust = {
      logKeys: values['log-key'],
      policy: policyFile === undefined ? undefined : await readPolicy(context, policyFile),
      witnessKey: witness?.vkey,
    }
    const pins = pinsOf(offer, trust, config.peers)
    const before = config.peers.find((peer) => peer.name === name)?.logs ?? []
    // A peer that has moved: whom to believe is known already.
    const isKnown = before.some(({ origin }) => offer.origins.includes(origin))
    if (pins.length === 0 && witness === undefined && !isKnown) {
      return untrustedOffer(name, values.place, offer)
    }
    const at =
      place.kind === 'url' ? { url: place.url } : { folder: relative(workspace.root, place.folder) }
    const shared = values.share ? pins.map(({ origin }) => origin) : []
    const next = withPeer(config, name, at, pins, shared)
    const logs = next.peers.find((peer) => peer.name === name)?.logs ?? []
    // What would be refused is refused before anything is written.
    configText(path, next)
    const added = witness && (await addWitness(context, workspace, witness))
    await writeNodeConfig(context, path, next)
    return {
      json: {
        logs: logs.map(({ origin, policy }) => ({ origin, policy })),
        name,
        place: values.place,
        quorum: added && {
          after: added.change.after,
          before: added.change.before,
          weaker: added.change.isWeaker,
        },
      },
      text: [
        [toned('good', '\u2713'), ' joined: ', toned('strong', name)],
        ...table(
          [
            ['place', values.place],
            ...logs.map((log) => ['mirrors', `${log.origin}, ${quorumOf(log)}`] as const),
            ...(witness === undefined ? [] : [['witness', witness.vkey] as const]),
            ...(added === undefined ? [] : [['quorum', quorumWords(added.change)] as const]),
            ...unbelieved(offer, logs).map((vkey) => ['not believed', vkey] as const),
          ],
          '  ',
        ),
        ...(added?.warnings ?? []),
      ],
      next: [`vm federation sync ${name}`, 'git add .vaultmesh   # whom you believe now'],
    }
  })
