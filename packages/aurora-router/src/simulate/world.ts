/** A world to simulate: providers, tenants, what they run, and what happens to the providers. */

/** A provider with one pool of capacity for all that it sells. */
export interface WorldProvider {
  readonly id: string
  readonly regions: readonly string[]
  /** US dollars per GPU-hour, by GPU. */
  readonly usdPerHour: ReadonlyMap<string, number>
  readonly latencyMs: number
  /** GPU-hours in each step. */
  readonly capacity: number
  /** From 0 to 100. */
  readonly reputation: number
}

/** What a tenant weighs, in any proportions. */
export interface WorldWeights {
  readonly price: number
  readonly latency: number
  readonly reputation: number
  readonly availability: number
}

/** A tenant. */
export interface WorldTenant {
  readonly id: string
  readonly region: string
  /** US dollars in each step. */
  readonly budgetUsd: number
  readonly weights: WorldWeights
  readonly minReputation: number
  readonly maxLatencyMs: number
  /** Parts of its requests by workload, in any proportions. */
  readonly mix: ReadonlyMap<string, number>
  /** The mean number of its requests in a step. */
  readonly requests: number
}

/** What a workload needs. */
export interface Workload {
  readonly gpu: string
  /** The least and the most GPU-hours. */
  readonly gpuHours: readonly [number, number]
}

/** What may happen to a provider. */
export const eventKinds = [
  'price_spike',
  'outage',
  'latency_spike',
  'capacity_surge',
  'reputation_drop',
] as const

/** Something that happens to a provider at a step, and ends `duration` steps later. */
export interface WorldEvent {
  readonly step: number
  readonly kind: (typeof eventKinds)[number]
  readonly providerId: string
  /** A factor of a price or capacity, or what is added to a latency or reputation. */
  readonly amount: number
  readonly duration: number
}

/** A world. */
export interface World {
  readonly providers: readonly WorldProvider[]
  readonly tenants: readonly WorldTenant[]
  readonly workloads: ReadonlyMap<string, Workload>
  readonly events: readonly WorldEvent[]
  readonly steps: number
}

/** One request of a demand; within a step they come in this order. */
export interface Demand {
  readonly step: number
  readonly tenantId: string
  readonly workload: string
  readonly gpu: string
  readonly gpuHours: number
}

/** A provider as it is at one step. */
export interface ProviderState {
  readonly provider: WorldProvider
  readonly open: boolean
  readonly latencyMs: number
  /** GPU-hours in this step. */
  readonly capacity: number
  readonly reputation: number
  /** US dollars per GPU-hour, or undefined where it doesn't sell that GPU. */
  usdPerHour(gpu: string): number | undefined
}

interface Changes {
  open: boolean
  latency: number
  capacity: number
  price: number
  reputation: number
}

const unchanged: Readonly<Changes> = {
  open: true,
  latency: 0,
  capacity: 1,
  price: 1,
  reputation: 0,
}

/**
 * Plays a world's events, step by step. An effect that ends is taken back by the inverse operation,
 * in double precision, as the predecessor did: its prices are compared with ours to the last digit.
 */
export class Timeline {
  readonly #world: World
  readonly #changes = new Map<string, Changes>()
  #running: readonly WorldEvent[] = []

  constructor(world: World) {
    this.#world = world
    for (const { id } of world.providers) this.#changes.set(id, { ...unchanged })
  }

  /** The providers at a step. Steps must be asked for in order, each once. */
  at(step: number): readonly ProviderState[] {
    for (const event of this.#running) {
      if (step >= event.step + event.duration) this.#apply(event, 'end')
    }
    this.#running = this.#running.filter((event) => step < event.step + event.duration)
    for (const event of this.#world.events) {
      if (event.step !== step) continue
      this.#apply(event, 'begin')
      this.#running = [...this.#running, event]
    }
    return this.#world.providers.map((provider) => this.#state(provider))
  }

  #apply({ kind, providerId, amount }: WorldEvent, edge: 'begin' | 'end'): void {
    const changes = this.#changes.get(providerId)
    if (changes === undefined) return
    const begins = edge === 'begin'
    if (kind === 'outage') changes.open = !begins
    else if (kind === 'latency_spike') changes.latency += begins ? amount : -amount
    else if (kind === 'reputation_drop') changes.reputation += begins ? amount : -amount
    else if (kind === 'price_spike') changes.price = scaled(changes.price, amount, begins)
    else changes.capacity = scaled(changes.capacity, amount, begins)
  }

  #state(provider: WorldProvider): ProviderState {
    const { open, latency, capacity, price, reputation } =
      this.#changes.get(provider.id) ?? unchanged
    return {
      provider,
      open,
      latencyMs: Math.max(1, provider.latencyMs + latency),
      capacity: Math.max(0, provider.capacity * capacity),
      reputation: Math.max(0, Math.min(100, provider.reputation + reputation)),
      usdPerHour: (gpu) => {
        const usd = provider.usdPerHour.get(gpu)
        return usd === undefined ? undefined : usd * price
      },
    }
  }
}

function scaled(value: number, factor: number, begins: boolean): number {
  return begins ? value * factor : value / factor
}
