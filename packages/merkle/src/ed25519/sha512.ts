/**
 * SHA-512 (FIPS 180-4) for the Ed25519 that runs where WebCrypto has none: a page without TLS has
 * no digest by WebCrypto either. Small to load: its constants are computed, not listed.
 */

const blockLength = 128
const rounds = 80

/** The first 64 bits behind the point of a root of `prime`, by Newton's method from above. */
function rootFraction(prime: number, degree: bigint): bigint {
  const scaled = BigInt(prime) << (64n * degree)
  let root = 2n ** 72n
  for (;;) {
    const next = ((degree - 1n) * root + scaled / root ** (degree - 1n)) / degree
    if (next >= root) return BigInt.asUintN(64, root)
    root = next
  }
}

function viewOf(values: readonly bigint[]): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(8 * values.length))
  for (const [i, value] of values.entries()) view.setBigUint64(8 * i, value)
  return view
}

const primes: number[] = []
for (let n = 2; primes.length < rounds; n += 1) {
  if (primes.every((prime) => n % prime !== 0)) primes.push(n)
}
const roundConstants = viewOf(primes.map((prime) => rootFraction(prime, 3n)))
const initialState = viewOf(primes.slice(0, 8).map((prime) => rootFraction(prime, 2n)))

// A number of 64 bits is held as two of 32: BigInts would be several times slower.

/** One half of `value` rotated right: the one that `half` is, where `other` is the other one. */
function rotate(half: number, other: number, count: number): number {
  if (count >= 32) return rotate(other, half, count - 32)
  return (half >>> count) | (other << (32 - count))
}

/** One half of a number rotated right by each of the counts, combined by exclusive or, unsigned. */
function mix(half: number, other: number, counts: readonly number[], shifted = 0): number {
  let mixed = shifted
  for (const count of counts) mixed ^= rotate(half, other, count)
  return mixed >>> 0
}

/** Sets word `i` of a view; `low` may be above 2^32. */
function setWord(view: DataView, i: number, high: number, low: number): void {
  view.setUint32(8 * i, high + Math.floor(low / 2 ** 32))
  view.setUint32(8 * i + 4, low)
}

const earlyCounts = [1, 8] as const
const lateCounts = [19, 61] as const
const aCounts = [28, 34, 39] as const
const eCounts = [14, 18, 41] as const

/** Fills words 16 to 79 of the message schedule (FIPS 180-4 section 6.4.2, step 1). */
function fillSchedule(schedule: DataView): void {
  for (let i = 16; i < rounds; i += 1) {
    const half = (back: number, part: 0 | 4): number => schedule.getUint32(8 * (i - back) + part)
    const [earlyHigh, earlyLow] = [half(15, 0), half(15, 4)]
    const [lateHigh, lateLow] = [half(2, 0), half(2, 4)]
    const high =
      mix(earlyHigh, earlyLow, earlyCounts, earlyHigh >>> 7) +
      mix(lateHigh, lateLow, lateCounts, lateHigh >>> 6)
    const low =
      mix(earlyLow, earlyHigh, earlyCounts, rotate(earlyLow, earlyHigh, 7)) +
      mix(lateLow, lateHigh, lateCounts, rotate(lateLow, lateHigh, 6))
    setWord(schedule, i, high + half(16, 0) + half(7, 0), low + half(16, 4) + half(7, 4))
  }
}

/** One half of what round `i` adds: to d (step 3, T1) and, besides, to make a (T1 + T2). */
function roundSums(state: DataView, schedule: DataView, i: number, part: 0 | 4): [number, number] {
  const word = (n: number): number => state.getUint32(8 * n + part)
  const other = (n: number): number => state.getUint32(8 * n + 4 - part)
  const choice = (word(4) & word(5)) ^ (~word(4) & word(6))
  const majority = (word(0) & word(1)) ^ (word(0) & word(2)) ^ (word(1) & word(2))
  const first =
    word(7) +
    mix(word(4), other(4), eCounts) +
    (choice >>> 0) +
    roundConstants.getUint32(8 * i + part) +
    schedule.getUint32(8 * i + part)
  return [first, mix(word(0), other(0), aCounts) + (majority >>> 0)]
}

/** Takes the block of the schedule's first 16 words into the state. */
function compress(state: Uint8Array<ArrayBuffer>, schedule: DataView): void {
  fillSchedule(schedule)
  const before = new DataView(state.slice().buffer)
  const view = new DataView(state.buffer)
  for (let i = 0; i < rounds; i += 1) {
    const [high1, high2] = roundSums(view, schedule, i, 0)
    const [low1, low2] = roundSums(view, schedule, i, 4)
    state.copyWithin(8, 0, 56)
    setWord(view, 4, view.getUint32(32) + high1, view.getUint32(36) + low1)
    setWord(view, 0, high1 + high2, low1 + low2)
  }
  for (let i = 0; i < 8; i += 1) {
    const at = 8 * i
    setWord(
      view,
      i,
      view.getUint32(at) + before.getUint32(at),
      view.getUint32(at + 4) + before.getUint32(at + 4),
    )
  }
}

/** SHA-512 of `bytes`: 64 bytes. */
export function sha512(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(Math.ceil((bytes.length + 17) / blockLength) * blockLength)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  new DataView(padded.buffer).setBigUint64(padded.length - 8, 8n * BigInt(bytes.length))
  const state = new Uint8Array(initialState.buffer.slice(0))
  const schedule = new Uint8Array(8 * rounds)
  for (let at = 0; at < padded.length; at += blockLength) {
    schedule.set(padded.subarray(at, at + blockLength))
    compress(state, new DataView(schedule.buffer))
  }
  return state
}
