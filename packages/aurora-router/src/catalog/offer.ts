/** What a provider sells: one kind of instance in one region at one price. */
import { maxPriceMicroUsd } from '../money.ts'
import {
  nullable,
  readFlag,
  readInteger,
  readNumber,
  readObject,
  readText,
  refuse,
} from '../reading.ts'

/** The region of an offer that serves every region. */
export const everywhere = 'global'

/** The most units that an offer may have. */
export const maxUnits: number = 2 ** 50

/** An offer. What is not known is null: nothing is guessed in its place. */
export interface Offer {
  /** Unique in its snapshot. */
  readonly id: string
  readonly provider: string
  /** The name that `gpuName` gives. */
  readonly gpu: string
  /** GPUs in one instance. */
  readonly gpus: number
  /** A region of the provider, or {@link everywhere}. */
  readonly region: string
  /** Of one instance for one hour, in micro-USD. */
  readonly priceMicroUsd: number
  /** Whether the provider may take it back at any time. */
  readonly spot: boolean
  /** Whether it can be bought at this time. */
  readonly open: boolean
  /** Milliseconds to the one who asks. */
  readonly latencyMs: number | null
  /** From 0 to 100. */
  readonly reputation: number | null
  /** Units there are in all. A unit is an instance, unless the catalog's maker counts otherwise. */
  readonly capacity: number | null
  /** Units that nobody has; null exactly where `capacity` is. */
  readonly free: number | null
}

const members = [
  'id',
  'provider',
  'gpu',
  'gpus',
  'region',
  'priceMicroUsd',
  'spot',
  'open',
  'latencyMs',
  'reputation',
  'capacity',
  'free',
] as const

/** Reads an offer as a snapshot holds it: every member is there. */
export function readOffer(value: unknown, at: string): Offer {
  const raw = readObject(value, at, members)
  const in_ = (name: (typeof members)[number]): string => `${at}.${name}`
  const units = (name: 'capacity' | 'free'): number | null =>
    nullable(raw[name], (it) => readInteger(it, in_(name), 0, maxUnits))
  const offer: Offer = {
    id: readText(raw.id, in_('id'), 200),
    provider: readText(raw.provider, in_('provider'), 100),
    gpu: readText(raw.gpu, in_('gpu'), 60),
    gpus: readInteger(raw.gpus, in_('gpus'), 1, 1024),
    region: readText(raw.region, in_('region'), 100),
    priceMicroUsd: readInteger(raw.priceMicroUsd, in_('priceMicroUsd'), 0, maxPriceMicroUsd),
    spot: readFlag(raw.spot, in_('spot')),
    open: readFlag(raw.open, in_('open')),
    latencyMs: nullable(raw.latencyMs, (it) => readNumber(it, in_('latencyMs'), 0, 1e9)),
    reputation: nullable(raw.reputation, (it) => readNumber(it, in_('reputation'), 0, 100)),
    capacity: units('capacity'),
    free: units('free'),
  }
  refuseUnevenUnits(offer, at)
  return offer
}

function refuseUnevenUnits({ capacity, free }: Offer, at: string): void {
  if ((capacity === null) !== (free === null)) {
    refuse(at, 'capacity and free must both be known or both be null')
  }
  if (capacity !== null && free !== null && free > capacity) {
    refuse(at, 'has more units free than it has units')
  }
}
