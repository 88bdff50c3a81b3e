/** The pipeline from template to receipt in one call. */
import { join } from 'node:path'
import { type CommitOptions, commit, type SpawnReceipt } from './commit/commit.ts'
import { messageOf, SpawnError } from './errors.ts'
import { plan } from './plan.ts'
import { render } from './render/render.ts'
import type { Template } from './template/load.ts'

/** Where receipts go: to a memory, for one. */
export interface ReceiptSink {
  /** Records that a service was made. */
  record(receipt: SpawnReceipt): Promise<void>
}

/** What {@link spawn} needs. */
export interface SpawnOptions extends Pick<CommitOptions, 'signer' | 'signal' | 'env' | 'onStage'> {
  readonly template: Template
  /** Answers from outside; they are checked. */
  readonly answers: unknown
  /** The folder in which the service gets a folder of its name. */
  readonly parent: string
  readonly sink?: ReceiptSink | undefined
}

/**
 * Plans, renders, checks and commits a service, then hands the receipt to the sink.
 *
 * Throws what the steps throw, and `RECEIPT_NOT_RECORDED` where the sink fails: the service is made
 * then, and stays.
 */
export async function spawn(options: SpawnOptions): Promise<SpawnReceipt> {
  const { template, answers, parent, sink, signer, signal, env, onStage } = options
  const rendered = render(plan({ template, answers }))
  const directory = join(parent, rendered.service)
  const receipt = await commit({ rendered, directory, signer, signal, env, onStage })
  try {
    await sink?.record(receipt)
  } catch (cause) {
    throw new SpawnError(
      'RECEIPT_NOT_RECORDED',
      `${receipt.directory} is made and committed, but that was not recorded: ${messageOf(cause)}`,
      { cause },
    )
  }
  return receipt
}
