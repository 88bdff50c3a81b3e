import type { KeptProof } from '@vaultmesh/federation/node'
import type { Context, Handler, Outcome } from '../command.ts'
import type { federationEvidenceArguments } from '../commands/federation.ts'
import { VmError } from '../errors.ts'
import { proofFile, verifyCommand } from '../federation-forks.ts'
import { type OpenNode, withNode } from '../federation-node.ts'
import { writeNamed } from '../files.ts'
import { table, toned } from '../text.ts'

/** The one proof that is meant. */
function chosen(kept: readonly KeptProof[], start: string): KeptProof {
  const found = kept.filter(({ id }) => id.startsWith(start))
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  const problem = first === undefined ? 'no fork proof' : `${found.length} fork proofs`
  throw new VmError('VM_USAGE', `${problem} with an id that begins with "${start}"`, {
    hint: 'see the ids with `vm federation evidence`',
  })
}

async function written(
  context: Context,
  { federation }: OpenNode,
  { id, fork: { origin } }: KeptProof,
  output: string,
): Promise<Outcome> {
  const bytes = await federation.evidence.read(id)
  if (bytes === undefined) throw new VmError('VM_FAILED', `the fork proof ${id} is gone`)
  if (output === '-') return { json: null, text: [], raw: bytes }
  const file = await writeNamed(context, output, bytes)
  return {
    json: { bytes: bytes.length, file, id, origin },
    text: [[toned('good', '\u2713'), ` a proof that ${origin} forked, in ${file}`]],
    next: [`vm verify ${output} --policy POLICY`],
  }
}

function described(node: OpenNode, proof: KeptProof, cwd: string) {
  const { id, fork } = proof
  const { heads, divergence, origin } = fork
  return {
    divergence: divergence === undefined ? undefined : String(divergence.size),
    file: proofFile(node, id),
    id,
    origin,
    sizes: heads.map(({ size }) => String(size)),
    verify: verifyCommand(node, proof, cwd),
  }
}

/** `vm federation evidence` */
export const run: Handler<typeof federationEvidenceArguments> = (context, values) =>
  withNode(context, {}, async (node) => {
    const kept = await node.federation.evidence.list()
    const { proof, output } = values
    const shown = proof === undefined ? kept : [chosen(kept, proof)]
    if (output !== undefined) {
      const [only, second] = shown
      if (only === undefined || second !== undefined) {
        throw new VmError(
          'VM_USAGE',
          `there are ${shown.length} fork proofs, and --output takes one`,
          {
            hint: 'name it: `vm federation evidence` shows the ids',
          },
        )
      }
      return written(context, node, only, output)
    }
    const proofs = shown.map((each) => described(node, each, context.cwd))
    return {
      json: { proofs },
      text:
        proofs.length === 0
          ? ['no fork is known']
          : proofs.flatMap(({ divergence, file, id, origin, sizes, verify }) => [
              [toned('bad', '\u2717'), ` ${origin}`],
              ...table(
                [
                  ['id', id],
                  ['sizes', sizes.join(' and ')],
                  [
                    'they part',
                    divergence === undefined ? 'not shown' : `after ${divergence} entries`,
                  ],
                  ['file', file],
                  ['check it', verify],
                ],
                '  ',
              ),
            ]),
    }
  })
