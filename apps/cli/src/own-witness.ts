/** The witnesses of the log of a workspace. */
import {
  logOptionsOf,
  type NewWitness,
  type QuorumChange,
  type Workspace,
} from '@vaultmesh/remembrancer/workspace'
import { resignLog } from '@vaultmesh/tlog'
import type { Context } from './command.ts'
import { failureOf } from './errors.ts'
import { shellWord } from './shell.ts'
import { type Line, toned } from './text.ts'

/** Publishes the log as it is once more, cosigned; gives what keeps it from that, if anything does. */
async function publishCosigned(
  { signal, talk }: Context,
  workspace: Workspace,
): Promise<string | undefined> {
  talk.status('asking the witnesses to cosign')
  try {
    await resignLog(await logOptionsOf(await workspace.log(), { signal }))
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    return failureOf(error).message
  }
}

/** What became of the quorum of the log of this workspace. */
export interface Witnessed {
  readonly change: QuorumChange
  readonly warnings: readonly Line[]
}

/** A quorum, and what it was before. */
export function quorumWords({ before, after }: QuorumChange): string {
  return before === after ? after : `${after} (before: ${before})`
}

function warning(words: string): Line {
  return ['  ', toned('warn', 'warning'), `: ${words}`]
}

/**
 * Lets the log of a workspace be witnessed by one more witness, and publishes it cosigned, as it is.
 * Where that fails, the witness is there all the same, with a warning.
 *
 * @throws RemembrancerError POLICY_INVALID, and those of the keyring, before anything is changed
 */
export async function addWitness(
  context: Context,
  workspace: Workspace,
  witness: NewWitness,
): Promise<Witnessed> {
  await (await workspace.log()).signers()
  const change = await workspace.trustWitness(witness)
  const warnings = change.isWeaker
    ? [warning('this quorum is weaker: some witnesses are enough now that were not before')]
    : []
  const problem = await publishCosigned(context, workspace)
  if (problem === undefined) return { change, warnings }
  const { origin, keys } = workspace
  return {
    change,
    warnings: [
      ...warnings,
      warning(`not cosigned yet: ${problem}`),
      `  Until it is, records are kept and not published. A witness that does not know`,
      `  ${origin} learns of it there: vm federation join NAME PLACE --log-key ${shellWord(keys.log)}`,
    ],
  }
}
