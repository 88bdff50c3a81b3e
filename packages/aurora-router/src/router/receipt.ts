/** What is remembered of a decision: enough to record it, and small. */
import type { Decision } from '../decide/decision.ts'

/** The part of a {@link Decision} that a record of it is made from; any decision is one. */
export interface Receipt {
  readonly hash: string
  readonly chosen: { readonly id: string } | null
  readonly costMicroUsd: number | null
  readonly inputs: {
    readonly snapshot: { readonly hash: string }
    readonly policy: { readonly version: string }
    readonly request: { readonly gpu: string; readonly gpus: number; readonly tenant: string }
    /** Milliseconds since 1970. */
    readonly clock: number
  }
}

/** The receipt of a decision, and nothing else of it: JSON gives it back as it is. */
export function receiptOf({ hash, chosen, costMicroUsd, inputs }: Decision): Receipt {
  const { snapshot, policy, request, clock } = inputs
  return {
    hash,
    chosen: chosen === null ? null : { id: chosen.id },
    costMicroUsd,
    inputs: {
      snapshot: { hash: snapshot.hash },
      policy: { version: policy.version },
      request: { gpu: request.gpu, gpus: request.gpus, tenant: request.tenant },
      clock,
    },
  }
}
