/** What is asked for. */
import { readGpu } from '../catalog/gpu-names.ts'
import { everywhere, maxUnits } from '../catalog/offer.ts'
import { maxDurationMs } from '../money.ts'
import {
  attempt,
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

function readRegions(value: unknown): readonly string[] {
  return readArray(value, 'regions', 100).map((each, at) => readText(each, `regions[${at}]`, 100))
}

type Changing<T> = { -readonly [K in keyof T]: T[K] }

/** Reads a request from a JSON value of any origin; a GPU may have any of its names. Never throws. */
export function parseRequest(value: unknown): Parsed<Request> {
  return attempt(() => {
    const raw = readObject(value, '', members)
    // Filled step by step: this is done for every request of a server.
    const request: Changing<Request> = {
      tenant: readText(raw.tenant, 'tenant', 200),
      gpu: readGpu(raw.gpu, 'gpu'),
      gpus: readInteger(raw.gpus, 'gpus', 1, 1024),
      durationMs: readInteger(raw.durationMs, 'durationMs', 1, maxDurationMs),
    }
    const { units, regions, maxPriceMicroUsd, budgetMicroUsd } = raw
    const { maxLatencyMs, minReputation, spot } = raw
    if (units !== undefined) request.units = readInteger(units, 'units', 1, maxUnits)
    if (regions !== undefined) request.regions = readRegions(regions)
    if (maxPriceMicroUsd !== undefined) {
      request.maxPriceMicroUsd = readInteger(maxPriceMicroUsd, 'maxPriceMicroUsd', 0, largest)
    }
    if (budgetMicroUsd !== undefined) {
      request.budgetMicroUsd = readInteger(budgetMicroUsd, 'budgetMicroUsd', 0, largest)
    }
    if (maxLatencyMs !== undefined) {
      request.maxLatencyMs = readNumber(maxLatencyMs, 'maxLatencyMs', 0, 1e9)
    }
    if (minReputation !== undefined) {
      request.minReputation = readNumber(minReputation, 'minReputation', 0, 100)
    }
    if (spot !== undefined) request.spot = readFlag(spot, 'spot')
    return request
  })
}

/** Whether a request may run in a region. */
export function accepts({ regions }: Request, region: string): boolean {
  return regions === undefined || region === everywhere || regions.includes(region)
}
