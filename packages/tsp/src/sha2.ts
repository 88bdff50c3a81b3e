/**
 * SHA-2 piece by piece (FIPS 180-4), for streams: WebCrypto hashes only what is all in memory.
 *
 * The constants are computed, as the standard defines them, in place of tables of 88 numbers.
 */
import type { Bytes } from './bytes.ts'
import type { DigestName } from './digest.ts'
import type { IncrementalHash } from './verdict.ts'

/** 64 bits of the fraction of the root (2 or 3) of each of the first `count` primes (section 4.2). */
function fractionsOfRoots(count: number, degree: 2n | 3n): bigint[] {
  const primes: bigint[] = []
  for (let n = 2n; primes.length < count; n += 1n) {
    if (primes.every((prime) => n % prime !== 0n)) primes.push(n)
  }
  return primes.map((prime) => {
    const scaled = prime << (64n * degree)
    // The greatest number whose power is not above, by halving; no prime here has a root over 32.
    let low = 0n
    let high = 1n << 69n
    while (high - low > 1n) {
      const middle = (low + high) >> 1n
      if (middle ** degree <= scaled) low = middle
      else high = middle
    }
    return BigInt.asUintN(64, low)
  })
}

/** The upper and lower halves of 64-bit numbers, one after the other. */
function halves(numbers: readonly bigint[]): Int32Array {
  return Int32Array.from(
    numbers.flatMap((n) => [Number(BigInt.asIntN(32, n >> 32n)), Number(BigInt.asIntN(32, n))]),
  )
}

interface Constants {
  readonly rounds: Int32Array
  /** Of SHA-512, then SHA-384. */
  readonly starts: Int32Array
}

let computed: Constants | undefined
function constants(): Constants {
  computed ??= {
    rounds: halves(fractionsOfRoots(80, 3n)),
    starts: halves(fractionsOfRoots(16, 2n)),
  }
  return computed
}

const upper = (pairs: Int32Array): Int32Array => pairs.filter((_, index) => index % 2 === 0)

/** Makes a hash in JavaScript. */
export function createSha2(name: DigestName): IncrementalHash {
  const { rounds, starts } = constants()
  if (name === 'SHA-256') {
    const state = upper(starts.subarray(0, 16))
    const keys = upper(rounds).subarray(0, 64)
    return createHash(state, 64, 32, (block) => mix256(state, keys, block))
  }
  const isShort = name === 'SHA-384'
  const state = starts.slice(isShort ? 16 : 0, isShort ? 32 : 16)
  return createHash(state, 128, isShort ? 48 : 64, (block) => mix512(state, rounds, block))
}

/** Cuts into blocks and pads (section 5.1). */
function createHash(
  state: Int32Array,
  blockLength: 64 | 128,
  digestLength: number,
  mix: (block: DataView) => void,
): IncrementalHash {
  const block = new Uint8Array(blockLength)
  const view = new DataView(block.buffer)
  let filled = 0
  let length = 0
  const update = (bytes: Uint8Array) => {
    length += bytes.length
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(blockLength - filled, bytes.length - at)
      block.set(bytes.subarray(at, at + taken), filled)
      filled += taken
      at += taken
      if (filled === blockLength) {
        mix(view)
        filled = 0
      }
    }
  }
  return {
    update,
    digest(): Bytes {
      const bits = BigInt(length) * 8n
      const zeros = (2 * blockLength - filled - 1 - 8) % blockLength
      // The length has 8 or 16 bytes; the upper 8 of 16 are zero for all that can be counted.
      const extra = blockLength === 128 && zeros < 8 ? blockLength : 0
      const padding = new Uint8Array(1 + zeros + extra + 8)
      padding[0] = 0x80
      new DataView(padding.buffer).setBigUint64(padding.length - 8, bits)
      update(padding)
      const digest = new DataView(new ArrayBuffer(state.length * 4))
      state.forEach((word, index) => {
        digest.setInt32(index * 4, word)
      })
      return new Uint8Array(digest.buffer, 0, digestLength)
    },
  }
}

const words256 = new Int32Array(64)

/** One block of SHA-256 (section 6.2.2). */
function mix256(state: Int32Array, keys: Int32Array, block: DataView): void {
  const w = words256
  for (let t = 0; t < 16; t += 1) w[t] = block.getInt32(t * 4)
  for (let t = 16; t < 64; t += 1) {
    const x = w[t - 15] ?? 0
    const y = w[t - 2] ?? 0
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    w[t] = (w[t - 16] ?? 0) + s0 + (w[t - 7] ?? 0) + s1
  }
  // Read one by one: taking an array apart goes through its iterator, for every block.
  let a = state[0] ?? 0
  let b = state[1] ?? 0
  let c = state[2] ?? 0
  let d = state[3] ?? 0
  let e = state[4] ?? 0
  let f = state[5] ?? 0
  let g = state[6] ?? 0
  let h = state[7] ?? 0
  for (let t = 0; t < 64; t += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (keys[t] ?? 0) + (w[t] ?? 0)) | 0
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  const words = [a, b, c, d, e, f, g, h]
  for (let index = 0; index < 8; index += 1) {
    state[index] = (state[index] ?? 0) + (words[index] ?? 0)
  }
}

const words512 = new Int32Array(160)

/** How much of a sum of unsigned words goes into the upper half. */
const carry = (sum: number) => Math.floor(sum / 2 ** 32)

/** One block of SHA-512 (section 6.4.2), in halves of 32 bits: BigInt takes several times as long. */
function mix512(state: Int32Array, keys: Int32Array, block: DataView): void {
  const w = words512
  for (let i = 0; i < 32; i += 1) w[i] = block.getInt32(i * 4)
  for (let i = 32; i < 160; i += 2) {
    const xh = w[i - 30] ?? 0
    const xl = w[i - 29] ?? 0
    const yh = w[i - 4] ?? 0
    const yl = w[i - 3] ?? 0
    const s0h = ((xh >>> 1) | (xl << 31)) ^ ((xh >>> 8) | (xl << 24)) ^ (xh >>> 7)
    const s0l = ((xl >>> 1) | (xh << 31)) ^ ((xl >>> 8) | (xh << 24)) ^ ((xl >>> 7) | (xh << 25))
    const s1h = ((yh >>> 19) | (yl << 13)) ^ ((yl >>> 29) | (yh << 3)) ^ (yh >>> 6)
    const s1l = ((yl >>> 19) | (yh << 13)) ^ ((yh >>> 29) | (yl << 3)) ^ ((yl >>> 6) | (yh << 26))
    const low = (s0l >>> 0) + (s1l >>> 0) + ((w[i - 13] ?? 0) >>> 0) + ((w[i - 31] ?? 0) >>> 0)
    w[i + 1] = low
    w[i] = s0h + s1h + (w[i - 14] ?? 0) + (w[i - 32] ?? 0) + carry(low)
  }
  // a to h, upper and lower halves, as they move on with each round.
  const v = working512
  v.set(state)
  for (let i = 0; i < 160; i += 2) {
    const eh = v[8] ?? 0
    const el = v[9] ?? 0
    const s1h = ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23))
    const s1l = ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23))
    const chh = (eh & (v[10] ?? 0)) ^ (~eh & (v[12] ?? 0))
    const chl = (el & (v[11] ?? 0)) ^ (~el & (v[13] ?? 0))
    const low1 =
      ((v[15] ?? 0) >>> 0) +
      (s1l >>> 0) +
      (chl >>> 0) +
      ((keys[i + 1] ?? 0) >>> 0) +
      ((w[i + 1] ?? 0) >>> 0)
    const t1h = ((v[14] ?? 0) + s1h + chh + (keys[i] ?? 0) + (w[i] ?? 0) + carry(low1)) | 0
    const ah = v[0] ?? 0
    const al = v[1] ?? 0
    const bh = v[2] ?? 0
    const bl = v[3] ?? 0
    const ch = v[4] ?? 0
    const cl = v[5] ?? 0
    const s0h = ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25))
    const s0l = ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25))
    const majh = (ah & bh) ^ (ah & ch) ^ (bh & ch)
    const majl = (al & bl) ^ (al & cl) ^ (bl & cl)
    const t1l = low1 | 0
    const lowE = ((v[7] ?? 0) >>> 0) + (t1l >>> 0)
    const highE = (v[6] ?? 0) + t1h + carry(lowE)
    const lowA = (t1l >>> 0) + (s0l >>> 0) + (majl >>> 0)
    for (let k = 15; k > 1; k -= 1) v[k] = v[k - 2] ?? 0
    v[8] = highE
    v[9] = lowE
    v[0] = t1h + s0h + majh + carry(lowA)
    v[1] = lowA
  }
  for (let i = 0; i < 16; i += 2) {
    const low = ((state[i + 1] ?? 0) >>> 0) + ((v[i + 1] ?? 0) >>> 0)
    state[i + 1] = low
    state[i] = (state[i] ?? 0) + (v[i] ?? 0) + carry(low)
  }
}

const working512 = new Int32Array(16)
