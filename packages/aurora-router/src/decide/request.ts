/** What is asked for. */
import { readGpu } from '../catalog/gpu-names.ts'
import { everywhere, maxUnits } from '../catalog/offer.ts'
import { maxDurationMs } from '../money.ts'
import {
  attempt,
  optional,
  type Parsed,
  readArray,
  readFlag,
  readInteger,
  readNumber,
  readObject,
  readText,
} from '../reading.ts'

/** A request. A limit that is left out does not apply; a limit of 0 does. */
export interface Request {
  readonly tenant: string
  /** The name that `gpuName` gives. */
  readonly gpu: string
  /** GPUs that must be in one instance; the whole instance is taken and paid for. */
  readonly gpus: number
  /** How long it runs, in milliseconds: what it costs follows from that. */
  readonly durationMs: number
  /** Units of an offer's capacity that it takes; 1 unless given. */
  readonly units?: number
  /** Regions that will do; any, where left out. An offer for every region always will. */
  readonly regions?: readonly string[]
  /** The most that an instance may cost in an hour. */
  readonly maxPriceMicroUsd?: number
  /** The most that the whole run may cost. */
  readonly budgetMicroUsd?: number
  readonly maxLatencyMs?: number
  readonly minReputation?: number
  /** Whether an offer that can be taken back will do; not, where left out. */
  readonly spot?: boolean
}

const members = [
  'tenant',
  'gpu',
  'gpus',
  'durationMs',
  'units',
  'regions',
  'maxPriceMicroUsd',
  'budgetMicroUsd',
  'maxLatencyMs',
  'minReputation',
  'spot',
] as const

const largest = Number.MAX_SAFE_INTEGER

/** Reads a request from a JSON value of any origin; a GPU may have any of its names. Never throws. */
export function parseRequest(value: unknown): Parsed<Request> {
  return attempt(() => {
    const raw = readObject(value, '', members)
    const found = {
      units: optional(raw.units, (it) => readInteger(it, 'units', 1, maxUnits)),
      regions: optional(raw.regions, (it) =>
        readArray(it, 'regions', 100).map((each, at) => readText(each, `regions[${at}]`, 100)),
      ),
      maxPriceMicroUsd: optional(raw.maxPriceMicroUsd, (it) =>
        readInteger(it, 'maxPriceMicroUsd', 0, largest),
      ),
      budgetMicroUsd: optional(raw.budgetMicroUsd, (it) =>
        readInteger(it, 'budgetMicroUsd', 0, largest),
      ),
      maxLatencyMs: optional(raw.maxLatencyMs, (it) => readNumber(it, 'maxLatencyMs', 0, 1e9)),
      minReputation: optional(raw.minReputation, (it) => readNumber(it, 'minReputation', 0, 100)),
      spot: optional(raw.spot, (it) => readFlag(it, 'spot')),
    }
    return {
      tenant: readText(raw.tenant, 'tenant', 200),
      gpu: readGpu(raw.gpu, 'gpu'),
      gpus: readInteger(raw.gpus, 'gpus', 1, 1024),
      durationMs: readInteger(raw.durationMs, 'durationMs', 1, maxDurationMs),
      ...(Object.fromEntries(
        Object.entries(found).filter(([, each]) => each !== undefined),
      ) as Defined<typeof found>),
    }
  })
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }

/** Whether a request may run in a region. */
export function accepts({ regions }: Request, region: string): boolean {
  return regions === undefined || region === everywhere || regions.includes(region)
}
