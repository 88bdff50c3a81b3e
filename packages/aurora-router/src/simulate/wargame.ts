/** The predecessor's war-game: its configuration, the demand it drew, and what its policy answered. */
import { cell, cellPlace, numberCell, readCsv } from '../csv.ts'
import { readJson } from '../json.ts'
import {
  attempt,
  type Parsed,
  readArray,
  readInteger,
  readNumber,
  readObject,
  readText,
  refuse,
} from '../reading.ts'
import {
  type Demand,
  eventKinds,
  type Workload,
  type World,
  type WorldEvent,
  type WorldProvider,
  type WorldTenant,
} from './world.ts'

/** The most bytes of any file of a war-game. */
export const maxWargameBytes: number = 64 * 1024 * 1024

const maxRows = 1_000_000

/** One row of what the predecessor answered. */
export interface WargameAnswer {
  readonly step: number
  readonly tenantId: string
  /** Null where the request was dropped. */
  readonly providerId: string | null
  /** Rounded to 4 digits. */
  readonly usdPerHour: number
  /** Rounded to 1 digit. */
  readonly latencyMs: number
  readonly reason: string
}

function mapOf<T>(
  value: unknown,
  at: string,
  read: (value: unknown, at: string) => T,
): Map<string, T> {
  if (typeof value !== 'object' || value === null) return refuse(at, 'must be an object')
  return new Map(
    Object.entries(value).map(([name, each]) => {
      readText(name, at, 100)
      return [name, read(each, `${at}.${name}`)]
    }),
  )
}

const positive = (value: unknown, at: string): number => readNumber(value, at, 0, 1e6)

function readTexts(value: unknown, at: string): string[] {
  return readArray(value, at, 100).map((each, index) => readText(each, `${at}[${index}]`, 100))
}

function readProvider(value: unknown, at: string): WorldProvider {
  const raw = readObject(value, at, [
    ...(['id', 'name', 'bridge', 'regions', 'gpu_types', 'credits_per_hour'] as const),
    ...(['base_price_usd_per_hour', 'base_latency_ms', 'reputation'] as const),
    'capacity_gpu_hours_per_step',
  ])
  const prices = mapOf(raw.base_price_usd_per_hour, `${at}.base_price_usd_per_hour`, (it, where) =>
    readNumber(it, where, 0, 2000),
  )
  const gpus = readTexts(raw.gpu_types, `${at}.gpu_types`)
  for (const gpu of gpus) {
    if (!prices.has(gpu)) refuse(`${at}.base_price_usd_per_hour`, `has no price for ${gpu}`)
  }
  return {
    id: readText(raw.id, `${at}.id`, 60),
    regions: readTexts(raw.regions, `${at}.regions`),
    usdPerHour: new Map([...prices].filter(([gpu]) => gpus.includes(gpu))),
    latencyMs: positive(raw.base_latency_ms, `${at}.base_latency_ms`),
    capacity: positive(raw.capacity_gpu_hours_per_step, `${at}.capacity_gpu_hours_per_step`),
    reputation: readNumber(raw.reputation, `${at}.reputation`, 0, 100),
  }
}

function readTenant(value: unknown, at: string): WorldTenant {
  const raw = readObject(value, at, [
    ...(['id', 'name', 'region', 'budget_usd_per_step', 'weights', 'min_reputation'] as const),
    ...(['max_latency_ms', 'mix', 'avg_requests_per_step'] as const),
  ])
  const weights = readObject(raw.weights, `${at}.weights`, [
    ...(['price', 'latency', 'reputation', 'availability'] as const),
  ])
  const weight = (name: keyof typeof weights): number =>
    readNumber(weights[name], `${at}.weights.${name}`, 0, 1000)
  return {
    id: readText(raw.id, `${at}.id`, 100),
    region: readText(raw.region, `${at}.region`, 100),
    budgetUsd: positive(raw.budget_usd_per_step, `${at}.budget_usd_per_step`),
    weights: {
      price: weight('price'),
      latency: weight('latency'),
      reputation: weight('reputation'),
      availability: weight('availability'),
    },
    minReputation: readNumber(raw.min_reputation, `${at}.min_reputation`, 0, 100),
    maxLatencyMs: readNumber(raw.max_latency_ms, `${at}.max_latency_ms`, 1, 1e6),
    mix: mapOf(raw.mix, `${at}.mix`, (it, where) => readNumber(it, where, 0, 1000)),
    requests: readInteger(raw.avg_requests_per_step, `${at}.avg_requests_per_step`, 0, 10_000),
  }
}

function readWorkload(value: unknown, at: string): Workload {
  const raw = readObject(value, at, ['gpu_type', 'gpu_hours'])
  const [least, most, ...rest] = readArray(raw.gpu_hours, `${at}.gpu_hours`, 2)
  if (most === undefined || rest.length > 0) refuse(`${at}.gpu_hours`, 'must be two numbers')
  const low = readNumber(least, `${at}.gpu_hours[0]`, 1e-6, 8000)
  return {
    gpu: readText(raw.gpu_type, `${at}.gpu_type`, 60),
    gpuHours: [low, readNumber(most, `${at}.gpu_hours[1]`, low, 8000)],
  }
}

function readEvent(value: unknown, at: string): WorldEvent {
  const raw = readObject(value, at, [
    ...(['step', 'event', 'provider_id', 'multiplier', 'delta', 'delta_ms', 'duration'] as const),
  ])
  const kind =
    eventKinds.find((each) => each === raw.event) ??
    refuse(`${at}.event`, `must be one of ${eventKinds.join(', ')}`)
  const amounts = {
    outage: 0,
    price_spike: raw.multiplier,
    capacity_surge: raw.multiplier,
    latency_spike: raw.delta_ms,
    reputation_drop: raw.delta,
  }
  const isFactor = kind === 'price_spike' || kind === 'capacity_surge'
  // The predecessor's own durations where the configuration names none.
  const duration = raw.duration ?? (kind === 'outage' ? 5 : 10)
  return {
    step: readInteger(raw.step, `${at}.step`, 0, maxRows),
    kind,
    providerId: readText(raw.provider_id, `${at}.provider_id`, 60),
    amount: readNumber(amounts[kind], `${at} (amount)`, isFactor ? 1e-3 : -1e4, 1e4),
    duration: readInteger(duration, `${at}.duration`, 1, maxRows),
  }
}

/** The world of `providers.json` and `workloads.json`. Never throws. */
export function parseWargameWorld(providers: Uint8Array, workloads: Uint8Array): Parsed<World> {
  return attempt(() => {
    const sellers = readObject(readJson(providers, maxWargameBytes), 'providers.json', [
      ...(['providers', 'credit_currency', 'usd_per_credit'] as const),
    ])
    const buyers = readObject(readJson(workloads, maxWargameBytes), 'workloads.json', [
      ...(['tenants', 'workload_profiles', 'simulation', 'scenarios'] as const),
    ])
    const simulation = readObject(buyers.simulation, 'simulation', ['steps', 'seed'])
    const world: World = {
      providers: readArray(sellers.providers, 'providers', 1000).map((each, at) =>
        readProvider(each, `providers[${at}]`),
      ),
      tenants: readArray(buyers.tenants, 'tenants', 1000).map((each, at) =>
        readTenant(each, `tenants[${at}]`),
      ),
      workloads: mapOf(buyers.workload_profiles, 'workload_profiles', readWorkload),
      events: readArray(buyers.scenarios ?? [], 'scenarios', 10_000).map((each, at) =>
        readEvent(each, `scenarios[${at}]`),
      ),
      steps: readInteger(simulation.steps, 'simulation.steps', 1, 100_000),
    }
    refuseLooseEnds(world)
    return world
  })
}

function refuseLooseEnds({ providers, tenants, workloads, events }: World): void {
  const ids = [...providers, ...tenants].map(({ id }) => id)
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice !== undefined) refuse('', `${twice} is there twice`)
  for (const { providerId } of events) {
    if (!providers.some(({ id }) => id === providerId)) {
      refuse('scenarios', `there is no provider ${providerId}`)
    }
  }
  for (const { id, mix } of tenants) {
    for (const name of mix.keys()) {
      if (!workloads.has(name)) refuse(`tenant ${id}`, `there is no workload ${name}`)
    }
  }
}

/** The demand of a `demand-*.csv`, for a world. Never throws. */
export function parseWargameDemand(bytes: Uint8Array, world: World): Parsed<readonly Demand[]> {
  return attempt(() => {
    const columns = ['step', 'tenant_id', 'workload_type', 'gpu_type', 'gpu_hours']
    const rows = readCsv(bytes, { maxBytes: maxWargameBytes, maxRows, columns })
    const tenants = new Set(world.tenants.map(({ id }) => id))
    let before = 0
    return rows.map((row) => {
      const step = numberCell(row, 'step', before, world.steps - 1)
      if (!Number.isInteger(step)) refuse(cellPlace(row, 'step'), 'must be a whole number')
      before = step
      const tenantId = cell(row, 'tenant_id')
      if (!tenants.has(tenantId)) refuse(cellPlace(row, 'tenant_id'), 'is no tenant of this world')
      return {
        step,
        tenantId,
        workload: readText(cell(row, 'workload_type'), cellPlace(row, 'workload_type'), 100),
        gpu: readText(cell(row, 'gpu_type'), cellPlace(row, 'gpu_type'), 60),
        gpuHours: numberCell(row, 'gpu_hours', 1e-6, 8000),
      }
    })
  })
}

/** What the predecessor answered, from a `decisions-*.csv`. Never throws. */
export function parseWargameAnswers(bytes: Uint8Array): Parsed<readonly WargameAnswer[]> {
  return attempt(() => {
    const columns = [
      ...['step', 'tenant_id', 'provider_id', 'accepted', 'price_usd_per_hour', 'latency_ms'],
      'reason',
    ]
    const rows = readCsv(bytes, { maxBytes: maxWargameBytes, maxRows, columns })
    return rows.map((row) => {
      const accepted = numberCell(row, 'accepted', 0, 1) === 1
      return {
        step: numberCell(row, 'step', 0, maxRows),
        tenantId: cell(row, 'tenant_id'),
        providerId: accepted ? cell(row, 'provider_id') : null,
        usdPerHour: numberCell(row, 'price_usd_per_hour', 0, 1e6),
        latencyMs: numberCell(row, 'latency_ms', 0, 1e6),
        reason: cell(row, 'reason'),
      }
    })
  })
}
