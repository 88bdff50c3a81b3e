/**
 * A snapshot: all offers as they were known at one time, never changed, named by its digest.
 *
 * Inside, the open offers stand in buckets by GPU and region, cheapest first, so that a decision
 * looks at the few that can win and not at all of them.
 */
import { RouterError } from '../errors.ts'
import { canonicalText, digestOf, readCanonicalJson } from '../json.ts'
import {
  attempt,
  type Parsed,
  problemText,
  readArray,
  readObject,
  readText,
  refuse,
} from '../reading.ts'
import { type Bucket, bucketOf } from './bucket.ts'
import { maxUnits, type Offer, readOffer } from './offer.ts'

/** The most offers in a snapshot. */
export const maxOffers = 200_000

/** The most bytes of a snapshot's JSON. */
export const maxSnapshotBytes: number = 128 * 1024 * 1024

/** The media type of a snapshot's JSON. */
export const snapshotMediaType = 'application/vnd.vaultmesh.catalog.v0+json'

/** What a snapshot is made of. */
export interface SnapshotParts {
  /** A name for this state of the catalog, chosen by its maker. */
  readonly version: string
  /** When the prices were known: RFC 3339 with `Z` and 0 or 3 digits of a second. */
  readonly takenAt: string
  readonly offers: readonly Offer[]
}

const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{3})?Z$/

/** Milliseconds since 1970 of an RFC 3339 time with `Z`, refused where there is no such time. */
function readTime(value: unknown, at: string): number {
  const text = readText(value, at, 24)
  const ms = time.test(text) ? Date.parse(text) : Number.NaN
  // Date.parse takes 30 February for 1 or 2 March.
  if (Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text.slice(0, 19))) {
    return refuse(at, 'must be a time such as 2026-01-31T12:00:00Z')
  }
  return ms
}

function byId(one: Offer, other: Offer): number {
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0
}

function readParts(value: unknown): SnapshotParts {
  const raw = readObject(value, '', ['mediaType', 'version', 'takenAt', 'offers'])
  if (raw.mediaType !== snapshotMediaType) refuse('mediaType', `must be ${snapshotMediaType}`)
  readTime(raw.takenAt, 'takenAt')
  const offers = readArray(raw.offers, 'offers', maxOffers).map((each, index) =>
    readOffer(each, `offers[${index}]`),
  )
  offers.forEach((offer, index) => {
    const before = offers[index - 1]
    if (before !== undefined && byId(before, offer) >= 0) {
      refuse(`offers[${index}].id`, 'must come after the id before it, and once')
    }
  })
  return {
    version: readText(raw.version, 'version', 200),
    takenAt: readText(raw.takenAt, 'takenAt', 24),
    offers,
  }
}

/** The open offers of one GPU: all of them, for whoever takes any region, and by region. @internal */
export interface GpuBuckets {
  readonly anywhere: Bucket
  readonly byRegion: ReadonlyMap<string, Bucket>
}

/** By GPU. @internal */
export type Buckets = ReadonlyMap<string, GpuBuckets>

function bucketsOf(offers: readonly Offer[]): Buckets {
  const open = offers.filter((offer) => offer.open)
  const buckets = new Map<string, GpuBuckets>()
  for (const [gpu, ofGpu] of Map.groupBy(open, (offer) => offer.gpu)) {
    const byRegion = new Map<string, Bucket>()
    for (const [region, inRegion] of Map.groupBy(ofGpu, (offer) => offer.region)) {
      byRegion.set(region, bucketOf(inRegion))
    }
    buckets.set(gpu, { anywhere: bucketOf(ofGpu), byRegion })
  }
  return buckets
}

function renewedBuckets(buckets: Buckets, changed: ReadonlyMap<string, Offer>): Buckets {
  const renew = ({ offers }: Bucket): Bucket =>
    bucketOf(offers.map((offer) => changed.get(offer.id) ?? offer))
  const renewed = new Map(buckets)
  for (const [gpu, ofGpu] of Map.groupBy(changed.values(), (offer) => offer.gpu)) {
    const old = buckets.get(gpu)
    if (old === undefined) continue
    const byRegion = new Map(old.byRegion)
    for (const region of new Set(ofGpu.map((offer) => offer.region))) {
      const bucket = old.byRegion.get(region)
      if (bucket !== undefined) byRegion.set(region, renew(bucket))
    }
    renewed.set(gpu, { anywhere: renew(old.anywhere), byRegion })
  }
  return renewed
}

/** An immutable catalog. Make one with {@link createSnapshot} or {@link parseSnapshot}. */
export class Snapshot {
  readonly version: string
  readonly takenAt: string
  /** `takenAt` in milliseconds since 1970. */
  readonly takenAtMs: number
  /** By id, in UTF-16 order. */
  readonly offers: readonly Offer[]
  readonly buckets: Buckets
  #text: string | undefined
  #hash: string | undefined

  /** Offers must be in order and checked; `buckets` must be theirs. @internal */
  constructor(parts: SnapshotParts, buckets: Buckets = bucketsOf(parts.offers)) {
    this.version = parts.version
    this.takenAt = parts.takenAt
    this.takenAtMs = Date.parse(parts.takenAt)
    this.offers = parts.offers
    this.buckets = buckets
  }

  /** The canonical JSON (RFC 8785) of the snapshot. */
  get text(): string {
    this.#text ??= canonicalText({
      mediaType: snapshotMediaType,
      offers: this.offers,
      takenAt: this.takenAt,
      version: this.version,
    })
    return this.#text
  }

  /** `sha256:` and the SHA-256 of {@link text} in hex: computed once, when it is first asked for. */
  get hash(): string {
    this.#hash ??= digestOf(this.text)
    return this.#hash
  }

  /** The offer with an id, or undefined. */
  offer(id: string): Offer | undefined {
    return this.offers[this.indexOf(id)]
  }

  /** Where the offer with an id stands, or -1. @internal */
  indexOf(id: string): number {
    let low = 0
    let high = this.offers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const offer = this.offers[middle]
      if (offer?.id === id) return middle
      if (offer !== undefined && offer.id < id) low = middle + 1
      else high = middle
    }
    return -1
  }
}

/**
 * A snapshot of offers in any order.
 *
 * @throws {RouterError} `INVALID_ARGUMENT` for an offer that is out of bounds or an id that comes
 * twice.
 */
export function createSnapshot(parts: SnapshotParts): Snapshot {
  const read = attempt(() =>
    readParts({ ...parts, mediaType: snapshotMediaType, offers: parts.offers.toSorted(byId) }),
  )
  if (!read.ok) throw new RouterError('INVALID_ARGUMENT', problemText(read.problem))
  return new Snapshot(read.value)
}

/** The snapshot in canonical JSON bytes. Never throws: bytes that are not one are refused. */
export function parseSnapshot(bytes: Uint8Array): Parsed<Snapshot> {
  return attempt(() => new Snapshot(readParts(readCanonicalJson(bytes, maxSnapshotBytes))))
}

/** How many units an offer has, and how many of them nobody has. */
export interface Units {
  readonly capacity: number
  readonly free: number
}

/**
 * The snapshot with other numbers of free units, by offer id. Everything else stays.
 *
 * @throws {RouterError} `INVALID_ARGUMENT` for an offer that is not there or whose capacity is not
 * known, and for a number below 0 or above the capacity.
 */
export function withFree(snapshot: Snapshot, free: ReadonlyMap<string, number>): Snapshot {
  const units = new Map<string, Units>()
  for (const [id, count] of free) {
    const capacity = snapshot.offer(id)?.capacity
    if (capacity == null) {
      throw new RouterError('INVALID_ARGUMENT', `no offer ${id} with a known capacity`)
    }
    units.set(id, { capacity, free: count })
  }
  return withUnits(snapshot, units)
}

/**
 * The snapshot with other units, by offer id. Everything else stays.
 *
 * @throws {RouterError} `INVALID_ARGUMENT` for an offer that is not there, and for numbers that are
 * not whole, below 0, above {@link maxUnits}, or more free than there are.
 */
export function withUnits(snapshot: Snapshot, units: ReadonlyMap<string, Units>): Snapshot {
  if (units.size === 0) return snapshot
  const changed = new Map<string, Offer>()
  for (const [id, { capacity, free }] of units) {
    const offer = snapshot.offer(id)
    if (offer === undefined) throw new RouterError('INVALID_ARGUMENT', `no offer ${id}`)
    const isWhole = Number.isSafeInteger(capacity) && Number.isSafeInteger(free)
    if (!isWhole || free < 0 || free > capacity || capacity > maxUnits) {
      throw new RouterError('INVALID_ARGUMENT', `${id} can't have ${free} of ${capacity} free`)
    }
    changed.set(id, { ...offer, capacity, free })
  }
  const { version, takenAt } = snapshot
  const offers = [...snapshot.offers]
  for (const [id, offer] of changed) offers[snapshot.indexOf(id)] = offer
  const buckets = renewedBuckets(snapshot.buckets, changed)
  return new Snapshot({ version, takenAt, offers }, buckets)
}
