/**
 * The compression function of SHA-256 (FIPS 180-4) on four messages at once: lane i of each vector
 * holds a word of message i.
 */
import {
  type Call,
  type Code,
  i32,
  i32x4,
  type Local,
  type Module,
  repeatWhile,
  sequence,
  v128,
} from './assembler.ts'

/** The address 0, to which offsets are added. */
export const zero: Code = i32.const(0)

// Memory, below what the caller sees: the constants, the block's words and the hash's words.
const roundsAt = 0
const initialAt = 256
const wordsAt = 512
const stateAt = 768

function firstPrimes(count: number): number[] {
  const primes: number[] = []
  for (let n = 2; primes.length < count; n += 1) {
    if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  }
  return primes
}

/** The first 32 bits of the fractional part. */
function fraction(value: number): number {
  return Math.floor((value % 1) * 2 ** 32)
}

/** What memory begins with: K (section 4.2.2) and H(0) (section 5.3.3), little-endian. */
export const constants: Code = [
  ...firstPrimes(64).map((prime) => fraction(Math.cbrt(prime))),
  ...firstPrimes(8).map((prime) => fraction(Math.sqrt(prime))),
].flatMap((word) => [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff))

/** Word `i` (0 to 15) of the block. */
export function word(i: number): Code {
  return v128.load(zero, wordsAt + 16 * i)
}

/** Sets word `i` (0 to 15) of the block. */
export function setWord(i: number, value: Code): Code {
  return v128.store(zero, value, wordsAt + 16 * i)
}

/** Word `i` (0 to 7) of the hash. */
export function stateWord(i: number): Code {
  return v128.load(zero, stateAt + 16 * i)
}

function setState(wordOf: (i: number) => Code): Code {
  const indexes = [0, 1, 2, 3, 4, 5, 6, 7]
  return sequence(...indexes.map((i) => v128.store(zero, wordOf(i), stateAt + 16 * i)))
}

/** Sets the hash to H(0). */
export const initialise: Code = setState((i) => v128.loadSplat(zero, initialAt + 4 * i))

function sum(...terms: readonly [Code, ...Code[]]): Code {
  return terms.reduce((left, right) => i32x4.add(left, right))
}

function xor3(x: Code, y: Code, z: Code): Code {
  return v128.xor(v128.xor(x, y), z)
}

function shr(x: Local, n: number): Code {
  return i32x4.shr(x.get, i32.const(n))
}

function rotr(x: Local, n: number): Code {
  return v128.or(shr(x, n), i32x4.shl(x.get, i32.const(32 - n)))
}

// Section 4.1.2, (4.2) and (4.4) to (4.7). V8 has no vector rotation: two shifts and an or.
const ch = (x: Local, y: Local, z: Local): Code => v128.select(y.get, z.get, x.get)
const bigSigma0 = (x: Local): Code => xor3(rotr(x, 2), rotr(x, 13), rotr(x, 22))
const bigSigma1 = (x: Local): Code => xor3(rotr(x, 6), rotr(x, 11), rotr(x, 25))
const smallSigma0 = (x: Local): Code => xor3(rotr(x, 7), rotr(x, 18), shr(x, 3))
const smallSigma1 = (x: Local): Code => xor3(rotr(x, 17), rotr(x, 19), shr(x, 10))

function ring(items: readonly Local[], i: number): Local {
  const item = items[i % items.length]
  if (item === undefined) throw new RangeError('an empty ring')
  return item
}

/** The round `t` of section 6.2.2, step 3. The words change their names, not their places. */
function round(t: number, state: readonly Local[], xors: readonly Local[], kw: Code): Code {
  const named = (i: number): Local => ring(state, i + 7 * t)
  const [a, b, d, e] = [named(0), named(1), named(3), named(4)]
  const [f, g, h] = [named(5), named(6), named(7)]
  // Maj (4.3) is b ^ ((a ^ b) & (b ^ c)), and b ^ c was a ^ b in the round before.
  const xor = ring(xors, t).tee(v128.xor(a.get, b.get))
  const maj = v128.xor(b.get, v128.and(xor, ring(xors, t + 1).get))
  return sequence(
    h.set(sum(h.get, kw, bigSigma1(e), ch(e, f, g))),
    d.set(sum(d.get, h.get)),
    h.set(sum(h.get, bigSigma0(a), maj)),
  )
}

/**
 * Defines section 6.2.2: takes the block's words into the hash, in the lanes where the operand has
 * ones.
 */
export function defineCompress(module: Module): Call {
  const vectors = Array.from({ length: 8 + 2 + 16 }, () => 'v128' as const)
  return module.define({ params: ['v128'], locals: ['i32', ...vectors] }, (mask, k, ...rest) => {
    const [state, xors, words] = [rest.slice(0, 8), rest.slice(8, 10), rest.slice(10)]
    const first = words.map((w, t) =>
      round(t, state, xors, sum(v128.loadSplat(zero, roundsAt + 4 * t), w.tee(word(t)))),
    )
    const next = words.map((w, t) => {
      const [w2, w7, w15] = [ring(words, t + 14), ring(words, t + 9), ring(words, t + 1)]
      const value = w.tee(sum(smallSigma1(w2), w7.get, smallSigma0(w15), w.get))
      return round(t, state, xors, sum(v128.loadSplat(k.get, roundsAt + 64 + 4 * t), value))
    })
    return sequence(
      ...state.map((local, i) => local.set(stateWord(i))),
      ring(xors, 1).set(v128.xor(stateWord(1), stateWord(2))),
      ...first,
      // 16 rounds at a time: after so many every word has its name, and its place in the ring, back.
      repeatWhile(
        sequence(...next),
        i32.less(k.tee(i32.add(k.get, i32.const(64))), i32.const(192)),
      ),
      setState((i) => sum(stateWord(i), v128.and(ring(state, i).get, mask.get))),
    )
  })
}
