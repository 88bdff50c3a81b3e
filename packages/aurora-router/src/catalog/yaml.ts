/** A catalog that people write, in YAML: providers, and what each sells. */
import { maxPriceMicroUsd, parseUsd } from '../money.ts'
import {
  attempt,
  type Parsed,
  readArray,
  readFlag,
  readInteger,
  readNumber,
  readObject,
  readText,
  refuse,
} from '../reading.ts'
import { readYaml } from '../yaml.ts'
import { readGpu } from './gpu-names.ts'
import { everywhere, maxUnits, type Offer } from './offer.ts'
import { maxOffers } from './snapshot.ts'

/** The most bytes of a YAML catalog. */
export const maxYamlBytes: number = 4 * 1024 * 1024

/** A price as YAML may give it: a number, or a text that keeps its digits. */
function readPrice(value: unknown, at: string): number {
  const micro = typeof value === 'number' || typeof value === 'string' ? parseUsd(`${value}`) : null
  if (micro == null || micro > maxPriceMicroUsd) {
    return refuse(at, 'must be US dollars an hour, such as 1.39, at most 2000')
  }
  return micro
}

/** A value, or null where it is absent or null. */
function known<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === undefined || value === null ? null : read(value)
}

function readProvider(value: unknown, at: string): Offer[] {
  const raw = readObject(value, at, ['id', 'latencyMs', 'reputation', 'offers'])
  const provider = readText(raw.id, `${at}.id`, 60)
  const latencyMs = known(raw.latencyMs, (it) => readNumber(it, `${at}.latencyMs`, 0, 1e9))
  const reputation = known(raw.reputation, (it) => readNumber(it, `${at}.reputation`, 0, 100))
  const offers = readArray(raw.offers, `${at}.offers`, maxOffers)
  return offers.flatMap((each, index) =>
    readOffers(each, `${at}.offers[${index}]`, { provider, latencyMs, reputation }),
  )
}

type FromProvider = Pick<Offer, 'provider' | 'latencyMs' | 'reputation'>

/** One entry gives an offer for each of its regions, each with the entry's capacity. */
function readOffers(value: unknown, at: string, from: FromProvider): Offer[] {
  const raw = readObject(value, at, [
    'gpu',
    'gpus',
    'regions',
    'usdPerHour',
    'spot',
    'open',
    'capacity',
    'free',
  ])
  const gpu = readGpu(raw.gpu, `${at}.gpu`)
  const gpus = readInteger(raw.gpus ?? 1, `${at}.gpus`, 1, 1024)
  const spot = readFlag(raw.spot ?? false, `${at}.spot`)
  const units = (value: unknown, name: string): number | null =>
    known(value, (it) => readInteger(it, `${at}.${name}`, 0, maxUnits))
  const capacity = units(raw.capacity, 'capacity')
  const free = units(raw.free, 'free') ?? capacity
  if (free !== null && (capacity === null || free > capacity)) {
    refuse(`${at}.free`, 'is more than the capacity, or the capacity is not given')
  }
  const regions = readArray(raw.regions ?? [everywhere], `${at}.regions`, 1000)
  const seen = new Set<string>()
  return regions.map((it, index) => {
    const region = readText(it, `${at}.regions[${index}]`, 100)
    if (seen.has(region)) refuse(`${at}.regions[${index}]`, 'comes twice')
    seen.add(region)
    return {
      id: readText(offerId({ provider: from.provider, gpu, gpus, region, spot }), at, 200),
      ...from,
      gpu,
      gpus,
      region,
      priceMicroUsd: readPrice(raw.usdPerHour, `${at}.usdPerHour`),
      spot,
      open: readFlag(raw.open ?? true, `${at}.open`),
      capacity,
      free,
    }
  })
}

/** The id of an offer that its catalog gives none: `provider/8xH100/us-west-2`, `…/spot`. */
export function offerId(
  of: Pick<Offer, 'provider' | 'gpu' | 'gpus' | 'region' | 'spot'>,
  zone?: string,
): string {
  const place = zone === undefined || zone === '' ? of.region : `${of.region}/${zone}`
  return `${of.provider}/${of.gpus}x${of.gpu}/${place}${of.spot ? '/spot' : ''}`
}

/** The offers of a YAML catalog. Never throws; a problem names the place in the document. */
export function offersFromYaml(bytes: Uint8Array): Parsed<readonly Offer[]> {
  return attempt(() => {
    const raw = readObject(readYaml(bytes, maxYamlBytes), '', ['providers'])
    const providers = readArray(raw.providers, 'providers', 1000)
    const offers = providers.flatMap((each, index) => readProvider(each, `providers[${index}]`))
    if (offers.length > maxOffers) refuse('providers', `sell more than ${maxOffers} offers`)
    const ids = new Set<string>()
    for (const { id } of offers) {
      if (ids.has(id)) refuse('', `${id} is offered twice`)
      ids.add(id)
    }
    return offers
  })
}
