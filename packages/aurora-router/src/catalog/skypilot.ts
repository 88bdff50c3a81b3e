/**
 * SkyPilot's price catalog (`catalogs/v8/<cloud>/vms.csv` of skypilot-org/skypilot-catalog).
 *
 * What is odd about it, and what is done: the order of columns differs by cloud, so they are found
 * by name. `GpuInfo` is the repr of a Python dictionary, and RunPod's `SizeInMiB` in it is GB: it is
 * not read. Rows without an accelerator are of CPUs, and rows with a part of one (0.5) can't be asked
 * for: both are skipped. A price is of the whole instance.
 * Vast writes a spot price of 0.00 where it knows none: a spot price that is empty or 0 is no offer.
 * RunPod gives every pod a spot price equal to its price, which is no spot market: a spot price that
 * is not below the price is no offer either. The same instance may be listed several times in a
 * place: the cheapest is kept.
 */
import { type CsvRow, cell, cellPlace, numberCell, readCsv } from '../csv.ts'
import { maxPriceMicroUsd, parseUsd } from '../money.ts'
import { attempt, type Parsed, readText, refuse } from '../reading.ts'
import { readGpu } from './gpu-names.ts'
import type { Offer } from './offer.ts'
import { maxOffers } from './snapshot.ts'
import { offerId } from './yaml.ts'

/** The most bytes of a SkyPilot CSV; the largest stored one has 4 MB. */
export const maxCsvBytes: number = 64 * 1024 * 1024

const columns = ['InstanceType', 'AcceleratorName', 'AcceleratorCount', 'Price', 'Region'] as const

/** What the CSV doesn't say, for all of its offers. */
export interface SkypilotDefaults {
  readonly provider: string
  readonly latencyMs?: number | null
  readonly reputation?: number | null
  /** Instances of each offer. */
  readonly capacity?: number | null
}

function priceCell(row: CsvRow, column: string): number | undefined {
  const text = cell(row, column).trim()
  if (text === '') return undefined
  const micro = parseUsd(text)
  if (micro === undefined || micro > maxPriceMicroUsd) {
    return refuse(cellPlace(row, column), 'must be US dollars an hour, at most 2000')
  }
  return micro
}

function offersOfRow(row: CsvRow, defaults: SkypilotDefaults): Offer[] {
  const name = cell(row, 'AcceleratorName').trim()
  if (name === '') return []
  const gpus = numberCell(row, 'AcceleratorCount', 0, 1024)
  if (!Number.isInteger(gpus) || gpus === 0) return []
  const capacity = defaults.capacity ?? null
  const base = {
    provider: defaults.provider,
    gpu: readGpu(name, cellPlace(row, 'AcceleratorName')),
    gpus,
    region: readText(cell(row, 'Region'), cellPlace(row, 'Region'), 100),
  }
  const instance = readText(cell(row, 'InstanceType'), cellPlace(row, 'InstanceType'), 60)
  const zone = cell(row, 'AvailabilityZone')
  const priced = (priceMicroUsd: number, spot: boolean): Offer => ({
    id: `${offerId({ ...base, spot }, zone)}/${instance}`,
    ...base,
    priceMicroUsd,
    spot,
    open: true,
    latencyMs: defaults.latencyMs ?? null,
    reputation: defaults.reputation ?? null,
    capacity,
    free: capacity,
  })
  const price = priceCell(row, 'Price')
  const spot = priceCell(row, 'SpotPrice')
  const offers: Offer[] = price === undefined ? [] : [priced(price, false)]
  if (spot !== undefined && spot > 0 && spot < (price ?? Number.POSITIVE_INFINITY)) {
    offers.push(priced(spot, true))
  }
  return offers
}

/**
 * The offers of one cloud's `vms.csv`. Never throws; a problem names row and column. The provider is
 * named by the caller, as the file doesn't say whose it is.
 */
export function offersFromSkypilot(
  bytes: Uint8Array,
  defaults: SkypilotDefaults,
): Parsed<readonly Offer[]> {
  return attempt(() => {
    readText(defaults.provider, 'provider', 60)
    const rows = readCsv(bytes, { maxBytes: maxCsvBytes, maxRows: maxOffers, columns })
    const cheapest = new Map<string, Offer>()
    for (const row of rows) {
      for (const offer of offersOfRow(row, defaults)) {
        readText(offer.id, cellPlace(row, 'InstanceType'), 200)
        const before = cheapest.get(offer.id)
        if (before === undefined || offer.priceMicroUsd < before.priceMicroUsd) {
          cheapest.set(offer.id, offer)
        }
      }
    }
    return [...cheapest.values()]
  })
}
