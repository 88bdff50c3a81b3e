/** What is said where a log has forked: where the proofs are, and how anyone checks them. */
import { join, relative } from 'node:path'
import type { KeptProof } from '@vaultmesh/federation/node'
import type { Failure } from './command.ts'
import type { OpenNode } from './federation-node.ts'
import { shellWord } from './shell.ts'

/** The file of a proof that is kept. */
export function proofFile({ federation }: OpenNode, id: string): string {
  return join(federation.paths.evidence, `${id}.vmfork.json`)
}

/** The command with which anyone checks a proof, as it is typed in `cwd`. */
export function verifyCommand(node: OpenNode, proof: KeptProof, cwd: string): string {
  const file = relative(cwd, proofFile(node, proof.id))
  const keys = node.policies.get(proof.fork.origin)?.logs ?? []
  const words = ['vm', 'verify', file, ...keys.flatMap(({ vkey }) => ['--log-key', vkey])]
  return words.map(shellWord).join(' ')
}

/**
 * The failure of logs that have forked, with the proof of it: undefined where none has. `received`
 * are the ids of proofs that somebody gave.
 */
export async function forkFailure(
  node: OpenNode,
  cwd: string,
  origins: readonly string[],
  received: readonly string[],
): Promise<Failure | undefined> {
  const kept = await node.federation.evidence.list()
  const proofs = kept.filter(
    ({ id, fork }) => origins.includes(fork.origin) || received.includes(id),
  )
  const forked = [...new Set([...origins, ...proofs.map(({ fork }) => fork.origin)])]
  if (forked.length === 0) return undefined
  const files = proofs.map(({ id }) => `the proof is ${proofFile(node, id)}`)
  const [first] = proofs
  return {
    code: 'VM_FORKED',
    message: [`two histories were signed of ${forked.join(', ')}`, ...files].join('\n'),
    hint: first === undefined ? undefined : `check it with \`${verifyCommand(node, first, cwd)}\``,
  }
}
