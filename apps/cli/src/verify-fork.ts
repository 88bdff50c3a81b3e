/** `vm verify` for the proof of a fork. */
import {
  claimsFork,
  type ProvenFork,
  shownFork,
  type TrustOf,
  verifyForkProof,
} from '@vaultmesh/federation'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { checkLines, checksAsJson, verdictFailure } from './checks.ts'
import type { Outcome } from './command.ts'
import { asJson } from './json.ts'
import { type Line, table, toned } from './text.ts'

/** Whether a file is to be read as the proof of a fork: by its name, or by what it says it is. */
export function isForkProof(name: string, bytes: Uint8Array): boolean {
  return name.endsWith('.vmfork.json') || claimsFork(bytes)
}

function headRows({ heads, divergence }: ProvenFork): [string, string][] {
  const rows = heads.map(({ size, root }, i): [string, string] => [
    `history ${i + 1}`,
    `${size} entries, root ${encodeHex(root)}`,
  ])
  return divergence === undefined
    ? rows
    : [...rows, ['they part', `after ${divergence.size} entries`]]
}

function proven(fork: ProvenFork, keys: readonly string[]): Line[] {
  const whose = keys.length === 1 ? 'the key' : 'the keys'
  return [
    '',
    [
      toned('good', 'fork proven'),
      `: the owner of ${whose} ${keys.join(' and ')} signed two histories`,
    ],
    ...table([['log', fork.origin], ...headRows(fork)], '  '),
  ]
}

/** The verdict over a fork proof. */
export async function verifiedFork(bytes: Uint8Array, trustOf: TrustOf): Promise<Outcome> {
  const verdict = await verifyForkProof(bytes, trustOf, { verify: nodeVerifyEd25519 })
  const { checks, fork } = verdict
  const shown = shownFork(verdict)
  const failure = verdictFailure(checks)
  return {
    json: {
      checks: checksAsJson(checks),
      fork: shown === undefined ? null : asJson(shown),
      ok: verdict.ok,
    },
    text: [...checkLines(checks), ...(fork === undefined ? [] : proven(fork, shown?.keys ?? []))],
    ...(failure === undefined ? {} : { failure }),
  }
}
