/** Whose logs are to be believed, as the user says, held against what a peer says of itself. */

import type { FederationConfig, PeerConfig, PeerLog } from '@vaultmesh/federation/node'
import { parseVkey } from '@vaultmesh/merkle/note'
import type { TrustPolicy } from '@vaultmesh/remembrancer/verify'
import { VmError } from './errors.ts'
import type { Offer } from './federation-offer.ts'
import { byOrigin, policyText, withKeys } from './log-keys.ts'

/** What the user says. */
export interface Trust {
  readonly logKeys: readonly string[]
  readonly policy: TrustPolicy | undefined
  readonly witnessKey: string | undefined
}

/** The texts of the tlog-policies in a policy, by origin. They were read before, so they hold. */
function textsIn({ document }: TrustPolicy): ReadonlyMap<string, string> {
  const logs: readonly unknown[] = Array.isArray(document['logs']) ? document['logs'] : []
  return new Map(
    logs.flatMap((log) => {
      if (typeof log !== 'object' || log === null) return []
      const { origin, policy } = log as { readonly origin?: unknown; readonly policy?: unknown }
      return typeof origin === 'string' && typeof policy === 'string'
        ? [[origin, policy] as const]
        : []
    }),
  )
}

function untrusted(message: string, hint: string): VmError {
  return new VmError('VM_NOT_TRUSTED', message, { hint })
}

/** A key that the peer does not have shows that this is another peer, or that a key was mistyped. */
function requireKnown(kind: string, named: string, offered: readonly string[]): void {
  if (offered.length === 0 || offered.includes(named)) return
  throw untrusted(
    `the peer does not say that it has the ${kind} ${named}: it says ${offered.join(', ')}`,
    'compare them with what its owner gives you in another way; one of the two is wrong',
  )
}

/** What the user says must fit what the peer says: otherwise this is another peer. */
function requireFit(offer: Offer, { logKeys, witnessKey }: Trust): void {
  for (const vkey of logKeys) {
    const origin = parseVkey(vkey)?.name ?? ''
    if (!offer.origins.includes(origin)) {
      throw untrusted(
        `the peer has no log ${origin}: it has ${offer.origins.join(', ')}`,
        'check the key, and the place of the peer',
      )
    }
    const ofLog = offer.logKeys.filter((offered) => parseVkey(offered)?.name === origin)
    requireKnown('key', vkey, ofLog)
  }
  if (witnessKey !== undefined) requireKnown('witness key', witnessKey, offer.witnessKeys)
}

/** The policies that are pinned already, by origin. There is one for each log, whoever gives it. */
function pinnedIn(peers: readonly PeerConfig[]): ReadonlyMap<string, string> {
  return new Map(peers.flatMap(({ logs }) => logs.map((log) => [log.origin, log.policy] as const)))
}

/**
 * The logs of a peer that are mirrored from now on. Keys that are named are believed beside those
 * that are pinned already; a policy file is taken as it is.
 *
 * @throws {VmError} `VM_NOT_TRUSTED` where the peer has no such log or key, `VM_EXISTS` where another
 * policy is pinned
 */
export function pinsOf(offer: Offer, trust: Trust, peers: readonly PeerConfig[]): PeerLog[] {
  const { logKeys, policy } = trust
  const named = byOrigin(logKeys)
  requireFit(offer, trust)
  const told = policy === undefined ? new Map<string, string>() : textsIn(policy)
  const pinned = pinnedIn(peers)
  const pins = offer.origins.flatMap((origin) => {
    const before = pinned.get(origin)
    const base = told.get(origin) ?? before
    if (told.has(origin) && before !== undefined && base !== before) {
      throw new VmError('VM_EXISTS', `another policy is pinned for ${origin}`, {
        hint: 'replace it by hand in .vaultmesh/federation.yaml, once you know why it differs',
      })
    }
    const keys = named.get(origin)
    if (keys === undefined && !told.has(origin)) return []
    const text = base === undefined ? policyText(keys ?? []) : withKeys(base, keys ?? [])
    return [{ origin, policy: text }]
  })
  if (policy !== undefined && pins.length === 0) {
    throw untrusted(
      `the policy has none of the logs of the peer: ${offer.origins.join(', ')}`,
      'ask its owner for the file that `vm trust export` writes there',
    )
  }
  return pins
}

/** The configuration with a peer at a place, its pins, and what is shown to others of them. */
export function withPeer(
  config: FederationConfig,
  name: string,
  at: Pick<PeerConfig, 'url' | 'folder'>,
  pins: readonly PeerLog[],
  shared: readonly string[],
): FederationConfig {
  const fresh = (logs: readonly PeerLog[]): PeerLog[] =>
    logs.map((log) => ({ ...log, ...pins.find(({ origin }) => origin === log.origin) }))
  const peers = config.peers.map((peer): PeerConfig => ({ ...peer, logs: fresh(peer.logs) }))
  const before = peers.find((peer) => peer.name === name)
  const kept = before?.logs ?? []
  const added = pins.filter((pin) => !kept.some(({ origin }) => origin === pin.origin))
  const peer: PeerConfig = { name, ...at, logs: [...kept, ...added] }
  return {
    ...config,
    share: [...new Set([...config.share, ...shared])],
    peers: before === undefined ? [...peers, peer] : peers.with(peers.indexOf(before), peer),
  }
}
