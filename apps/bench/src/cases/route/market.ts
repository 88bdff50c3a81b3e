/** Offers and requests out of a seed: no catalog that is published says all that a choice weighs. */
import { everywhere, type Offer, type Policy, type Request } from '@vaultmesh/aurora-router'
import { randomNumbers } from '../../harness/random.ts'

/** What there is to choose from and for whom. */
export interface Market {
  readonly offers: readonly Offer[]
  readonly requests: readonly Request[]
}

/** How much of each there is. */
export interface MarketSize {
  readonly offers: number
  readonly providers: number
  readonly gpus: number
  readonly regions: number
  readonly requests: number
}

const gpuNames = ['A100', 'H100', 'L4', 'T4', 'V100', 'A10G', 'L40S', 'H200']

/** When the offers were known, and the time of the decisions. */
export const takenAt = '2026-11-23T11:00:00Z'
export const clock: number = Date.parse('2026-11-23T12:00:00Z')

/** A policy with every kind of limit. */
export const policy: Policy = {
  version: 'bench',
  weights: { price: 50, latency: 20, reputation: 20, free: 10 },
  latencySloMs: 500,
  minReputation: 10,
  maxPriceMicroUsd: 15_000_000,
  maxAgeMs: 86_400_000,
  deny: ['provider-0', 'provider-99'],
}

/** The same for the same size. Prices are so fine that no two offers have one score. */
export function makeMarket(size: MarketSize): Market {
  const random = randomNumbers(size.offers)
  const upTo = (limit: number): number => Math.floor(random() * limit)
  const isOneIn = (times: number): boolean => upTo(times) === 0
  const gpu = (): string => gpuNames[upTo(size.gpus)] ?? 'A100'
  const region = (): string => `region-${upTo(size.regions)}`

  const offers = Array.from({ length: size.offers }, (_, at): Offer => {
    const capacity = isOneIn(10) ? null : 1 + upTo(64)
    return {
      id: `offer-${String(at).padStart(5, '0')}`,
      provider: `provider-${at % size.providers}`,
      gpu: gpu(),
      gpus: [1, 1, 2, 4, 8][upTo(5)] ?? 1,
      region: isOneIn(20) ? everywhere : region(),
      priceMicroUsd: 500_000 + upTo(19_500_000),
      spot: isOneIn(4),
      open: !isOneIn(10),
      latencyMs: isOneIn(10) ? null : 20 + upTo(600),
      reputation: isOneIn(10) ? null : upTo(101),
      capacity,
      free: capacity === null ? null : upTo(capacity + 1),
    }
  })
  const requests = Array.from(
    { length: size.requests },
    (): Request => ({
      tenant: 'bench',
      gpu: gpu(),
      gpus: isOneIn(4) ? 4 : 1,
      durationMs: 60_000 + upTo(86_400_000),
      ...(isOneIn(4) ? {} : { regions: isOneIn(2) ? [region()] : [region(), region()] }),
      ...(isOneIn(2) ? { maxLatencyMs: 200 + upTo(400) } : {}),
      ...(isOneIn(4) ? { minReputation: 40 } : {}),
      ...(isOneIn(4) ? { budgetMicroUsd: 1_000_000 + upTo(99_000_000) } : {}),
      ...(isOneIn(4) ? { units: 1 + upTo(8) } : {}),
      ...(isOneIn(3) ? { spot: true } : {}),
    }),
  )
  return { offers, requests }
}
