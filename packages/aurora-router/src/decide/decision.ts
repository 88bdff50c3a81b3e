/** What was decided, and everything that it was decided from. */
import type { Offer } from '../catalog/offer.ts'
import type { Snapshot } from '../catalog/snapshot.ts'
import { canonicalText, digestOf } from '../json.ts'
import { costMicroUsd } from '../money.ts'
import { type Limits, type RefusalCode, refusalOf, utilitiesOf, weighted } from './limits.ts'
import type { PerCriterion, Policy } from './policy.ts'
import type { Request } from './request.ts'

/** The media type of a decision's JSON. */
export const decisionMediaType = 'application/vnd.vaultmesh.decision.v0+json'

/** One offer, as the decision saw it. */
export interface Candidate {
  readonly offerId: string
  readonly verdict: 'chosen' | 'feasible' | 'refused'
  /** The first reason in the order of `refusalCodes`; null where the offer is feasible. */
  readonly reasonCode: RefusalCode | null
  /** In millionths, from 0 to 1,000,000; null where it is refused. */
  readonly utilities: PerCriterion | null
  /** The weighted mean of the utilities in millionths, rounded down; null where it is refused. */
  readonly score: number | null
}

/** What goes into a decision. */
export interface DecisionInputs {
  readonly snapshot: Snapshot
  readonly request: Request
  readonly policy: Policy
  /** Milliseconds since 1970. */
  readonly clock: number
  readonly seed: string
}

/**
 * A decision. Its candidates are written down when they are first asked for: they follow from the
 * inputs, none of which can change, so they are the same then as now.
 */
export class Decision {
  readonly inputs: DecisionInputs
  /** The offer that was chosen, or null where every offer is refused. */
  readonly chosen: Offer | null
  readonly #limits: Limits
  readonly #cheapest: number
  #candidates: readonly Candidate[] | undefined
  #text: string | undefined

  /** Made by `decide`. @internal */
  constructor(inputs: DecisionInputs, limits: Limits, chosen: Offer | null, cheapest: number) {
    this.inputs = inputs
    this.chosen = chosen
    this.#limits = limits
    this.#cheapest = cheapest
  }

  /** What the run costs on the chosen offer, in micro-USD, or null. */
  get costMicroUsd(): number | null {
    const { chosen, inputs } = this
    return chosen === null ? null : costMicroUsd(chosen.priceMicroUsd, inputs.request.durationMs)
  }

  /** How old the prices were, in milliseconds; 0 where the snapshot is of a later time. */
  get ageMs(): number {
    return ageOf(this.inputs.snapshot, this.inputs.clock)
  }

  /** Every offer of the snapshot, by id. */
  get candidates(): readonly Candidate[] {
    this.#candidates ??= this.inputs.snapshot.offers.map((offer) => this.candidate(offer))
    return this.#candidates
  }

  /** How one offer of the snapshot did. */
  candidate(offer: Offer): Candidate {
    const limits = this.#limits
    const reasonCode = refusalOf(offer, limits)
    if (reasonCode !== undefined) {
      return { offerId: offer.id, verdict: 'refused', reasonCode, utilities: null, score: null }
    }
    const utilities = utilitiesOf(offer, this.#cheapest, limits)
    return {
      offerId: offer.id,
      verdict: offer === this.chosen ? 'chosen' : 'feasible',
      reasonCode: null,
      utilities,
      score: Math.floor(weighted(limits.weights, utilities) / limits.totalWeight),
    }
  }

  /** The canonical JSON (RFC 8785) of the decision: the same for the same inputs, on every Node. */
  get text(): string {
    const { snapshot, request, policy, clock, seed } = this.inputs
    this.#text ??= canonicalText({
      mediaType: decisionMediaType,
      snapshot: snapshot.hash,
      catalogVersion: snapshot.version,
      ageMs: this.ageMs,
      request,
      policy,
      at: new Date(clock).toISOString(),
      seed,
      chosen: this.chosen?.id ?? null,
      costMicroUsd: this.costMicroUsd,
      candidates: this.candidates,
    })
    return this.#text
  }

  /** `sha256:` and the SHA-256 of {@link text} in hex. */
  get hash(): string {
    return digestOf(this.text)
  }
}

/** How old a snapshot is at a time; a clock that is behind makes none of it older. */
export function ageOf(snapshot: Snapshot, clock: number): number {
  return Math.max(0, clock - snapshot.takenAtMs)
}

/** Where decisions go: to a memory, for one. */
export interface ReceiptSink {
  /** Records that a decision was made. */
  record(decision: Decision): Promise<void>
}
