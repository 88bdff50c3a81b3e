/** `vm verify` for the proof of a fork. */
import {
  type ForkVerdict,
  forkMediaType,
  type ProvenFork,
  type TrustOf,
  verifyForkProof,
} from '@vaultmesh/federation'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { checkLines, checksAsJson, verdictFailure } from './checks.ts'
import type { Json, Outcome } from './command.ts'
import { type Line, table, toned } from './text.ts'

/** Whether a file is to be read as the proof of a fork: by its name, or by what it says it is. */
export function isForkProof(name: string, bytes: Uint8Array): boolean {
  return name.endsWith('.vmfork.json') || Buffer.from(bytes).includes(`"${forkMediaType}"`)
}

/** The keys of the log that signed both heads, or else all that signed one. */
function signersOf({ heads }: ProvenFork): string[] {
  const [first = [], second = []] = heads.map(({ signatures }) =>
    signatures.filter(({ by }) => by === 'log').map(({ vkey }) => vkey),
  )
  const both = first.filter((vkey) => second.includes(vkey))
  return both.length > 0 ? both : [...new Set([...first, ...second])]
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

function forkJson({ fork, standing }: ForkVerdict): Json {
  if (fork === undefined) return null
  const { id, origin, heads, divergence } = fork
  return {
    divergence: divergence === undefined ? undefined : String(divergence.size),
    heads: heads.map(({ size, root, checkpoint }, i) => ({
      checkpoint,
      cosigners: standing?.[i]?.cosigners ?? [],
      root: encodeHex(root),
      size: String(size),
    })),
    id,
    keys: signersOf(fork),
    origin,
  }
}

function proven(fork: ProvenFork): Line[] {
  const keys = signersOf(fork)
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
  const failure = verdictFailure(checks)
  return {
    json: { checks: checksAsJson(checks), fork: forkJson(verdict), ok: verdict.ok },
    text: [...checkLines(checks), ...(fork === undefined ? [] : proven(fork))],
    ...(failure === undefined ? {} : { failure }),
  }
}
