/** Decisions of a router as records. */
import type { RecordDraft } from '../draft.ts'

/** What a record of a routing decision is made from; a `Decision` of aurora-router has it all. */
export interface RoutingDecision {
  /** `sha256:` and the SHA-256 of the whole decision, in hex. */
  readonly hash: string
  /** The offer that was chosen; null where every offer was refused. */
  readonly chosen: { readonly id: string } | null
  readonly costMicroUsd: number | null
  readonly inputs: {
    /** `sha256:` and the SHA-256 of the catalog, in hex. */
    readonly snapshot: { readonly hash: string }
    readonly policy: { readonly version: string }
    readonly request: { readonly gpu: string; readonly gpus: number; readonly tenant: string }
    /** Milliseconds since 1970. */
    readonly clock: number
  }
}

/**
 * What is recorded of a decision: its digest, that of the catalog, and what came of it. The same
 * decision, recorded again, is the same record.
 */
export function routingDraft(decision: RoutingDecision): RecordDraft {
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
    idempotencyKey: `routing/${hash}`,
  }
}
