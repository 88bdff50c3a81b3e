import { maxForkProofBytes } from '@vaultmesh/federation'
import type { Handler } from '../command.ts'
import type { federationEvidenceAddArguments } from '../commands/federation.ts'
import { VmError } from '../errors.ts'
import { proofFile } from '../federation-forks.ts'
import { withNode } from '../federation-node.ts'
import { readNamed } from '../files.ts'
import { table, toned } from '../text.ts'

const words = {
  kept: 'taken in',
  known: 'known already',
  surplus: 'holds, and is not kept: enough others show the same',
} as const

/** `vm federation evidence add` */
export const run: Handler<typeof federationEvidenceAddArguments> = (context, { file }) =>
  withNode(context, {}, async (node) => {
    const receipt = await node.federation.evidence.add(
      await readNamed(context, file, maxForkProofBytes),
    )
    if (receipt.status === 'refused') {
      throw receipt.code === 'UNKNOWN_LOG'
        ? new VmError('VM_NOT_TRUSTED', `${file} is not taken in: ${receipt.detail}`, {
            hint: 'it is about a log that this node does not know; `vm federation join` adds its owner',
          })
        : new VmError('VM_NOT_VERIFIED', `${file} is not taken in: ${receipt.detail}`)
    }
    const { id, origin, status } = receipt
    return {
      json: { id, origin, status },
      text: [
        [toned('good', '\u2713'), ` ${words[status]}: a proof that ${origin} forked`],
        ...table(
          status === 'surplus'
            ? [['id', id]]
            : [
                ['id', id],
                ['file', proofFile(node, id)],
              ],
          '  ',
        ),
      ],
      next: ['vm federation status', 'vm federation sync   # gives it to the peers'],
    }
  })
