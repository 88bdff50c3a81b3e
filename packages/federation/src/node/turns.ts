/** Which peers are asked at once, and which one after the other. */
import type { PeerConfig } from './config.ts'

/**
 * Peers that have a log in common are asked one after the other, so that each has a time of its own:
 * one that stalls keeps the mirror to itself only until its own is over. Those of which `hasFailed`
 * come last.
 */
export function inTurns(
  peers: readonly PeerConfig[],
  hasFailed: (peer: PeerConfig) => boolean,
): readonly (readonly PeerConfig[])[] {
  let turns: (readonly PeerConfig[])[] = []
  for (const peer of peers) {
    const origins = new Set(peer.logs.map(({ origin }) => origin))
    const hasOneOf = ({ logs }: PeerConfig): boolean =>
      logs.some(({ origin }) => origins.has(origin))
    const joined = turns.filter((turn) => turn.some(hasOneOf))
    turns = [...turns.filter((turn) => !joined.includes(turn)), [...joined.flat(), peer]]
  }
  return turns.map((turn) => turn.toSorted((a, b) => Number(hasFailed(a)) - Number(hasFailed(b))))
}
