/** Decisions of the router as an agent is shown them. */
import type { Candidate, Decision } from '@vaultmesh/aurora-router'
import { z } from 'zod'
import { visible } from './untrusted.ts'

/** Offers that are shown one by one; of the others their number. */
const maxShown = 20

/** Refused offers that are named for one reason. */
const maxExamples = 3

const utilities = z.record(z.string(), z.number())

/** A decision with its reasons, bounded however large the catalog is. */
export interface DecisionView {
  readonly outcome: 'routed' | 'refused'
  readonly decision: string
  readonly chosen: {
    readonly id: string
    readonly provider: string
    readonly gpu: string
    readonly gpus: number
    readonly region: string
    readonly spot: boolean
    readonly priceMicroUsd: number
  } | null
  readonly costMicroUsd: number | null
  readonly catalog: { readonly hash: string; readonly version: string; readonly ageMs: number }
  readonly policy: string
  readonly feasible: {
    readonly offerId: string
    readonly score: number
    readonly utilities: Record<string, number>
  }[]
  readonly feasibleTotal: number
  readonly refused: {
    readonly reason: string
    readonly total: number
    readonly examples: string[]
  }[]
}

/** The schema of a {@link DecisionView}. */
export const decisionSchema: z.ZodType<DecisionView, DecisionView> = z.object({
  outcome: z.enum(['routed', 'refused']).describe('refused: no offer will do'),
  decision: z.string().describe('sha256: of the whole decision'),
  chosen: z
    .object({
      id: z.string(),
      provider: z.string(),
      gpu: z.string(),
      gpus: z.int(),
      region: z.string(),
      spot: z.boolean(),
      priceMicroUsd: z.int().describe('an instance and hour, in 1e-6 USD'),
    })
    .nullable(),
  costMicroUsd: z.int().nullable().describe('the whole run, in 1e-6 USD'),
  catalog: z.object({ hash: z.string(), version: z.string(), ageMs: z.number() }),
  policy: z.string().describe('the version of the routing policy'),
  feasible: z
    .array(
      z.object({
        offerId: z.string(),
        score: z.int().describe('weighted mean of the utilities, in millionths'),
        utilities: utilities.describe('in millionths: price, latency, reputation, free'),
      }),
    )
    .describe('the best first'),
  feasibleTotal: z.int(),
  refused: z
    .array(
      z.object({
        reason: z.string(),
        total: z.int(),
        examples: z.array(z.string()).describe('ids of offers'),
      }),
    )
    .describe('the first reason against each other offer of the catalog'),
})

function byVerdict(one: Candidate, other: Candidate): number {
  if (one.verdict !== other.verdict) return one.verdict === 'chosen' ? -1 : 1
  return (other.score ?? 0) - (one.score ?? 0)
}

/** A decision with its reasons. */
export function shownDecision(decision: Decision): DecisionView {
  const { chosen, candidates, costMicroUsd, hash, inputs, ageMs } = decision
  const feasible = candidates.filter(({ verdict }) => verdict !== 'refused').toSorted(byVerdict)
  const refused = Map.groupBy(
    candidates.filter(({ verdict }) => verdict === 'refused'),
    ({ reasonCode }) => reasonCode ?? '',
  )
  return {
    outcome: chosen === null ? 'refused' : 'routed',
    decision: hash,
    chosen:
      chosen === null
        ? null
        : {
            id: visible(chosen.id),
            provider: visible(chosen.provider),
            gpu: visible(chosen.gpu),
            gpus: chosen.gpus,
            region: visible(chosen.region),
            spot: chosen.spot,
            priceMicroUsd: chosen.priceMicroUsd,
          },
    costMicroUsd,
    catalog: {
      hash: inputs.snapshot.hash,
      version: visible(inputs.snapshot.version),
      ageMs,
    },
    policy: visible(inputs.policy.version),
    feasible: feasible.slice(0, maxShown).map(({ offerId, score, utilities: parts }) => ({
      offerId: visible(offerId),
      score: score ?? 0,
      utilities: { ...parts },
    })),
    feasibleTotal: feasible.length,
    refused: [...refused].map(([reason, all]) => ({
      reason,
      total: all.length,
      examples: all.slice(0, maxExamples).map(({ offerId }) => visible(offerId)),
    })),
  }
}
