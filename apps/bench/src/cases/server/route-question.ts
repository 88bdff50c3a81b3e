/** What is asked of both servers. */
import type { Offer, Request } from '@vaultmesh/aurora-router'

/** Whose budget pays. */
export const tenant = 'bench'

/** The question. Several offers will do, and others are refused for several reasons. */
export const question: { readonly request: Request } = {
  request: {
    tenant,
    gpu: 'A100',
    gpus: 1,
    durationMs: 3_600_000,
    regions: ['region-0', 'region-1'],
    maxPriceMicroUsd: 3_000_000,
    maxLatencyMs: 400,
  },
}

/** Offers with more units than a run takes. */
export function makeOffers(count: number): Offer[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `offer-${at}`,
    provider: `provider-${at % 10}`,
    gpu: at % 4 === 3 ? 'H100' : 'A100',
    gpus: 1,
    region: `region-${at % 3}`,
    priceMicroUsd: 1_000_000 + 170_000 * at,
    spot: false,
    open: true,
    latencyMs: 20 + 37 * at,
    reputation: 60 + (at % 40),
    capacity: 1_000_000_000,
    free: 1_000_000_000,
  }))
}
