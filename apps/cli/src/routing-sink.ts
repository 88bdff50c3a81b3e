/** Decisions of the router as records of the workspace. */
import type { Decision, ReceiptSink } from '@vaultmesh/aurora-router'
import type { RecordDraft } from '@vaultmesh/remembrancer/workspace'
import type { Context, Outcome } from './command.ts'
import { recordedOutcome } from './record.ts'
import { withWorkspace } from './with-workspace.ts'

/** What is recorded of a decision: its digest, that of the catalog, and what came of it. */
function routingDraft(decision: Decision): RecordDraft {
  const { chosen, costMicroUsd, hash, inputs } = decision
  const { request, policy, snapshot, clock } = inputs
  const to = chosen === null ? 'no offer' : chosen.id
  const title = `Route ${request.gpus}x${request.gpu} for ${request.tenant} to ${to}`
  return {
    kind: 'routing',
    // A title has at most 200 characters; the parts of this one may have more.
    title: [...title].slice(0, 200).join(''),
    occurredAt: new Date(clock),
    subject: [{ name: 'catalog', digest: { sha256: snapshot.hash.slice('sha256:'.length) } }],
    details: {
      decision: hash,
      outcome: chosen === null ? 'refused' : 'routed',
      policy: policy.version,
      tenant: request.tenant,
      ...(chosen === null ? {} : { offer: chosen.id }),
      ...(costMicroUsd === null ? {} : { costMicroUsd }),
    },
    // The same decision, made again, is the same record.
    idempotencyKey: `routing/${hash}`,
  }
}

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
