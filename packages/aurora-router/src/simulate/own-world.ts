/** A world of our own, with invented providers, in which capacity is scarce enough to tell policies apart. */
import type { World } from './world.ts'

const gpus = (...prices: (readonly [string, number])[]): ReadonlyMap<string, number> =>
  new Map(prices)

/** The world of `vm route simulate` where no war-game is given. */
export const ownWorld: World = {
  steps: 60,
  providers: [
    {
      id: 'alder',
      regions: ['eu-west', 'us-west'],
      usdPerHour: gpus(['H100', 3.1], ['A100', 1.9]),
      latencyMs: 120,
      capacity: 32,
      reputation: 92,
    },
    {
      id: 'birch',
      regions: ['eu-west'],
      usdPerHour: gpus(['A100', 1.45], ['RTX4090', 0.62]),
      latencyMs: 210,
      capacity: 26,
      reputation: 78,
    },
    {
      id: 'cedar',
      regions: ['us-west'],
      usdPerHour: gpus(['H100', 2.6], ['RTX4090', 0.55]),
      latencyMs: 180,
      capacity: 28,
      reputation: 74,
    },
    {
      id: 'dogwood',
      regions: ['global'],
      usdPerHour: gpus(['RTX4090', 0.38], ['A100', 1.1]),
      latencyMs: 340,
      capacity: 22,
      reputation: 61,
    },
  ],
  tenants: [
    {
      id: 'research',
      region: 'eu-west',
      budgetUsd: 90,
      weights: { price: 0.5, latency: 0.1, reputation: 0.3, availability: 0.1 },
      minReputation: 60,
      maxLatencyMs: 400,
      mix: new Map([
        ['training', 0.5],
        ['batch', 0.5],
      ]),
      requests: 8,
    },
    {
      id: 'studio',
      region: 'us-west',
      budgetUsd: 60,
      weights: { price: 0.2, latency: 0.5, reputation: 0.2, availability: 0.1 },
      minReputation: 50,
      maxLatencyMs: 350,
      mix: new Map([
        ['rendering', 0.7],
        ['inference', 0.3],
      ]),
      requests: 12,
    },
    {
      id: 'assistant',
      region: 'eu-west',
      budgetUsd: 40,
      weights: { price: 0.25, latency: 0.5, reputation: 0.15, availability: 0.1 },
      minReputation: 0,
      maxLatencyMs: 250,
      mix: new Map([['inference', 1]]),
      requests: 10,
    },
  ],
  workloads: new Map([
    ['training', { gpu: 'H100', gpuHours: [2, 8] }],
    ['batch', { gpu: 'A100', gpuHours: [1, 4] }],
    ['rendering', { gpu: 'RTX4090', gpuHours: [1, 5] }],
    ['inference', { gpu: 'A100', gpuHours: [0.2, 1.5] }],
  ]),
  events: [
    { step: 10, kind: 'price_spike', providerId: 'dogwood', amount: 1.8, duration: 8 },
    { step: 20, kind: 'outage', providerId: 'birch', amount: 0, duration: 6 },
    { step: 32, kind: 'latency_spike', providerId: 'alder', amount: 200, duration: 6 },
    { step: 44, kind: 'capacity_surge', providerId: 'cedar', amount: 0.5, duration: 8 },
  ],
}
