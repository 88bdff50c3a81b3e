import {
  createSnapshot,
  type Offer,
  type Policy,
  type Request,
  type Snapshot,
} from '@vaultmesh/aurora-router'
import fc from 'fast-check'

export const clock: number = Date.parse('2026-03-01T12:00:00Z')

export function offer(id: string, changes: Partial<Offer> = {}): Offer {
  return {
    id,
    provider: id,
    gpu: 'A100',
    gpus: 1,
    region: 'eu-west',
    priceMicroUsd: 1_000_000,
    spot: false,
    open: true,
    latencyMs: 100,
    reputation: 80,
    capacity: 10,
    free: 10,
    ...changes,
  }
}

export function snapshot(...offers: readonly Offer[]): Snapshot {
  return createSnapshot({ version: 'v', takenAt: '2026-03-01T11:00:00Z', offers })
}

export function request(changes: Partial<Request> = {}): Request {
  return { tenant: 't', gpu: 'A100', gpus: 1, durationMs: 3_600_000, ...changes }
}

export function policy(changes: Partial<Policy> = {}): Policy {
  return {
    version: 'p',
    weights: { price: 4, latency: 2, reputation: 2, free: 1 },
    latencySloMs: 500,
    minReputation: 0,
    ...changes,
  }
}

const regions = ['eu-west', 'us-west', 'global']
const gpus = ['A100', 'H100']

function units(): fc.Arbitrary<Pick<Offer, 'capacity' | 'free'>> {
  const known = fc
    .tuple(fc.nat(20), fc.nat(20))
    .map(([one, other]) => ({ capacity: Math.max(one, other), free: Math.min(one, other) }))
  return fc.oneof({ weight: 5, arbitrary: known }, fc.constant({ capacity: null, free: null }))
}

/** Offers with few different values, so that ties and equal prices are common. */
function anOffer(id: string): fc.Arbitrary<Offer> {
  const values = fc.record({
    provider: fc.constantFrom('p', 'q', 'r'),
    gpu: fc.constantFrom(...gpus),
    gpus: fc.constantFrom(1, 8),
    region: fc.constantFrom(...regions),
    priceMicroUsd: fc.oneof(fc.constantFrom(0, 1, 1_000_000, 2_000_000), fc.nat(5_000_000)),
    spot: fc.boolean(),
    open: fc.boolean(),
    latencyMs: fc.option(fc.constantFrom(0, 50, 300, 700)),
    reputation: fc.option(fc.constantFrom(0, 40, 80, 100)),
  })
  return fc.tuple(values, units()).map(([rest, two]) => ({ id, ...rest, ...two }))
}

export function aSnapshot(): fc.Arbitrary<Snapshot> {
  return fc
    .integer({ min: 0, max: 25 })
    .chain((n) => fc.tuple(...Array.from({ length: n }, (_, at) => anOffer(`o${at}`))))
    .chain((offers) => fc.boolean().map((isCrowded) => (isCrowded ? offers.map(crowded) : offers)))
    .map((offers) => snapshot(...offers))
}

/** One GPU in one region, all for sale: there are many to choose from. */
function crowded(each: Offer): Offer {
  return { ...each, gpu: 'A100', gpus: 8, region: 'global', open: true, spot: false }
}

type Limits = Partial<Request>

export function aRequest(): fc.Arbitrary<Request> {
  const limits: fc.Arbitrary<Limits> = fc.record(
    {
      units: fc.constantFrom(1, 5),
      regions: fc.subarray(regions),
      maxPriceMicroUsd: fc.constantFrom(0, 1_000_000, 3_000_000),
      budgetMicroUsd: fc.constantFrom(0, 1_500_000),
      maxLatencyMs: fc.constantFrom(0, 300),
      minReputation: fc.constantFrom(0, 60),
      spot: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  return fc
    .tuple(
      fc.constantFrom(...gpus),
      fc.constantFrom(1, 2),
      fc.integer({ min: 1, max: 9e6 }),
      limits,
    )
    .map(([gpu, count, durationMs, rest]) => request({ gpu, gpus: count, durationMs, ...rest }))
}

export function aPolicy(): fc.Arbitrary<Policy> {
  const weight = fc.nat(20)
  return fc
    .tuple(
      fc.record({ price: weight, latency: weight, reputation: weight, free: weight }),
      fc.constantFrom(0, 50, 100),
      fc.record(
        {
          maxPriceMicroUsd: fc.constantFrom(0, 2_500_000),
          maxAgeMs: fc.constantFrom(0, 3_600_000),
          deny: fc.subarray(['p', 'q']),
          spot: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
    )
    .filter(([{ price, latency, reputation, free }]) => price + latency + reputation + free > 0)
    .map(([weights, minReputation, rest]) => policy({ weights, minReputation, ...rest }))
}
