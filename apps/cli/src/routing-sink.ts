/** Decisions of the router as records of the workspace. */
import type { Decision, ReceiptSink } from '@vaultmesh/aurora-router'
import { routingDraft } from '@vaultmesh/remembrancer/workspace'
import type { Context, Outcome } from './command.ts'
import { recordedOutcome } from './record.ts'
import { withWorkspace } from './with-workspace.ts'

/** Records decisions in the workspace that holds the working folder. */
export class WorkspaceSink implements ReceiptSink {
  readonly #context: Context
  readonly #passphraseFile: string | undefined
  /** What to say of the last decision that was recorded. */
  said: Outcome | undefined

  constructor(context: Context, passphraseFile: string | undefined) {
    this.#context = context
    this.#passphraseFile = passphraseFile
  }

  async record(decision: Decision): Promise<void> {
    this.said = await withWorkspace(this.#context, this.#passphraseFile, async (workspace) =>
      recordedOutcome(workspace, await workspace.record(routingDraft(decision))),
    )
  }
}
