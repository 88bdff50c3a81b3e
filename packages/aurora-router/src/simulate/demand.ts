/** Demand of our own, drawn from a seed: each tenant has a random sequence of its own. */
import { createHash } from 'node:crypto'
import type { Demand, World, WorldTenant } from './world.ts'

/**
 * sfc32 of PractRand: whole numbers below 2^32, by additions and shifts only, so the same on every
 * Node. Not for secrets.
 */
export class Random {
  readonly #state: Uint32Array

  /** Seeded with the SHA-256 of a text. */
  constructor(seed: string) {
    const digest = createHash('sha256').update(seed).digest()
    this.#state = Uint32Array.of(
      ...[digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8)],
      digest.readUInt32LE(12),
    )
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    const [a = 0, b = 0, c = 0, counter = 0] = this.#state
    const value = (a + b + counter) >>> 0
    this.#state[3] = counter + 1
    this.#state[0] = b ^ (b >>> 9)
    this.#state[1] = c + (c << 3)
    this.#state[2] = ((c << 21) | (c >>> 11)) + value
    return value
  }

  /** A whole number below `bound` (at most 2^32), each as likely. */
  below(bound: number): number {
    const fair = 2 ** 32 - (2 ** 32 % bound)
    for (;;) {
      const value = this.next()
      if (value < fair) return value % bound
    }
  }
}

/** The name whose part a number below the sum of all parts falls into. */
function pick(mix: readonly (readonly [string, number])[], drawn: number): string {
  let before = 0
  for (const [name, part] of mix) {
    before += part
    if (drawn < before) return name
  }
  return ''
}

/** The tenant's requests in one step: a binomial number about its mean, from whole numbers alone. */
function requestsOf(tenant: WorldTenant, world: World, step: number, random: Random): Demand[] {
  let count = 0
  for (let toss = 0; toss < tenant.requests * 2; toss += 1) count += random.below(2)
  const mix = [...tenant.mix].map(([name, part]) => [name, Math.round(part * 1000)] as const)
  const total = mix.reduce((sum, [, part]) => sum + part, 0)
  return Array.from({ length: total === 0 ? 0 : count }, () => {
    const workload = pick(mix, random.below(total))
    const { gpu = '', gpuHours: [least, most] = [1, 1] } = world.workloads.get(workload) ?? {}
    // In thousandths of an hour.
    const [low, high] = [Math.ceil(least * 1000), Math.floor(most * 1000)]
    const thousandths = low + random.below(Math.max(1, high - low + 1))
    return { step, tenantId: tenant.id, workload, gpu, gpuHours: thousandths / 1000 }
  })
}

/**
 * The demand of a world for a seed.
 *
 * A tenant's requests follow from the seed and its own name: another tenant that comes, goes or
 * changes doesn't change them.
 */
export function drawDemand(world: World, seed: string): readonly Demand[] {
  const randoms = new Map(
    world.tenants.map(({ id }) => [id, new Random(JSON.stringify([seed, id]))]),
  )
  return Array.from({ length: world.steps }, (_, step) =>
    world.tenants.flatMap((tenant) =>
      requestsOf(tenant, world, step, randoms.get(tenant.id) ?? new Random('')),
    ),
  ).flat()
}
