/**
 * Makes `ed25519.json`: Ed25519 keys and signatures on which implementations are known to differ,
 * with the verdict that this package gives. Without chance, so that a test can hold the file to it.
 */
import { createHash } from 'node:crypto'
import { Point } from '@noble/ed25519'
import { concatBytes, encodeHex, encodeUtf8 } from '../../src/bytes.ts'

/** One signature and the verdict on it. Bytes are in hex. */
export interface Ed25519Vector {
  readonly name: string
  readonly publicKey: string
  readonly message: string
  readonly signature: string
  readonly valid: boolean
}

const { p: fieldPrime, n: groupOrder } = Point.CURVE()
const signBit = 2n ** 255n
const { BASE: base, ZERO: identity } = Point

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${encodeHex(Uint8Array.from(bytes).reverse())}`)
}

function encodeNumber(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex')).reverse()
}

function challengeOf(encodedR: Uint8Array, key: Uint8Array, message: Uint8Array): bigint {
  const digest = createHash('sha512').update(encodedR).update(key).update(message).digest()
  return littleEndian(digest) % groupOrder
}

/** A generator of the eight points whose order divides the cofactor. */
const torsion = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')
const smallOrder = Array.from({ length: 8 }, (_, i) => torsion.multiplyUnsafe(BigInt(i)))

/** The secret numbers of the honest key and of the honest R. */
const [a, r] = [7n, 5n]
const honestKey = base.multiplyUnsafe(a)
const honestR = base.multiplyUnsafe(r)

/** What a forger knows: encodings of R and A, and the numbers that S is made of. */
interface Forgery {
  readonly encodedR: Uint8Array
  readonly key: Uint8Array
  readonly r: bigint
  readonly a: bigint
}

const honest: Forgery = { encodedR: honestR.toBytes(), key: honestKey.toBytes(), r, a }

function messageOf(number: number): Uint8Array {
  return encodeUtf8(`message ${number}`)
}

function vector(
  name: string,
  forgery: Forgery,
  message: Uint8Array,
  valid: boolean,
  scalarOffset = 0n,
): Ed25519Vector {
  const { encodedR, key } = forgery
  const challenge = challengeOf(encodedR, key, message)
  const scalar = ((forgery.r + challenge * forgery.a) % groupOrder) + scalarOffset
  return {
    name,
    publicKey: encodeHex(key),
    message: encodeHex(message),
    signature: encodeHex(concatBytes(encodedR, encodeNumber(scalar))),
    valid,
  }
}

/** The first message whose challenge is as asked for. */
function findMessage(forgery: Forgery, accept: (challenge: bigint) => boolean): Uint8Array {
  for (let number = 0; ; number += 1) {
    const message = messageOf(number)
    if (accept(challengeOf(forgery.encodedR, forgery.key, message))) return message
  }
}

const unreduced = Array.from({ length: 19 }, (_, i) => fieldPrime + BigInt(i))
/** Every encoding of 32 bytes that is not the one of RFC 8032, whether or not a point belongs to it. */
const nonCanonical = [
  ...unreduced.flatMap((y) => [y, y + signBit]),
  // x is 0, so there is no negative one.
  1n + signBit,
  fieldPrime - 1n + signBit,
].map(encodeNumber)

function honestVectors(): Ed25519Vector[] {
  return [0, 1, 2].map((number) => vector('honest', honest, messageOf(number), true))
}

/** With k a multiple of 8 the key falls out of the equation, so that S = r fits. */
function smallOrderKeys(): Ed25519Vector[] {
  const keys = [...smallOrder.map((point) => point.toBytes()), ...nonCanonical]
  return keys.flatMap((key) => {
    const forgery = { ...honest, key, a: 0n }
    const name = `key of small order or not canonical: ${encodeHex(key)}`
    return [
      vector(
        name,
        forgery,
        findMessage(forgery, (k) => k % 8n === 0n),
        false,
      ),
      vector(
        name,
        forgery,
        findMessage(forgery, (k) => k % 8n !== 0n),
        false,
      ),
    ]
  })
}

/** The signature with which some versions of OpenSSL accept the identity for every message. */
function identityKey(): Ed25519Vector[] {
  const everything: Forgery = {
    encodedR: identity.toBytes(),
    key: identity.toBytes(),
    r: 0n,
    a: 0n,
  }
  return [0, 1, 2].map((number) =>
    vector('the identity as key and R, S = 0', everything, messageOf(number), false),
  )
}

function smallOrderR(): Ed25519Vector[] {
  const encodings = [...smallOrder.map((point) => point.toBytes()), ...nonCanonical]
  return encodings.map((encodedR) =>
    vector(
      `R of small order or not canonical: ${encodeHex(encodedR)}`,
      { ...honest, encodedR, r: 0n },
      messageOf(0),
      false,
    ),
  )
}

/** A = aB + T. The equation without the cofactor holds where kT vanishes; with it, always. */
function mixedKeys(): Ed25519Vector[] {
  return smallOrder.slice(1).flatMap((point, i) => {
    const forgery = { ...honest, key: honestKey.add(point).toBytes() }
    const isZero = (k: bigint): boolean => point.multiplyUnsafe(k % 8n).is0()
    return [true, false].map((fits) =>
      vector(
        `key of mixed order, torsion ${i + 1}, ${fits ? 'without' : 'with'} a rest`,
        forgery,
        findMessage(forgery, (k) => isZero(k) === fits),
        fits,
      ),
    )
  })
}

/** R = rB + T: the equation without the cofactor never holds; with it, always. */
function mixedR(): Ed25519Vector[] {
  return smallOrder.slice(1).map((point, i) => {
    const forgery = { ...honest, encodedR: honestR.add(point).toBytes() }
    return vector(`R of mixed order, torsion ${i + 1}`, forgery, messageOf(0), false)
  })
}

/** A = aB + T and R = rB + T': without the cofactor the equation holds where T' = -kT. */
function mixedKeyAndR(): Ed25519Vector[] {
  return smallOrder.slice(1).flatMap((point, i) => {
    const forgery = {
      ...honest,
      key: honestKey.add(torsion).toBytes(),
      encodedR: honestR.add(point).toBytes(),
    }
    const cancels = (k: bigint): boolean =>
      torsion
        .multiplyUnsafe(k % 8n)
        .add(point)
        .is0()
    return [true, false].map((fits) =>
      vector(
        `key and R of mixed order, torsion ${i + 1} of R, ${fits ? 'without' : 'with'} a rest`,
        forgery,
        findMessage(forgery, (k) => cancels(k) === fits),
        fits,
      ),
    )
  })
}

/** S + L says the same as S: whoever takes both lets anyone change a signature. */
function largeScalars(): Ed25519Vector[] {
  const offsets = [1n, 2n, 8n, 15n].map((times) => times * groupOrder)
  return offsets.map((offset) =>
    vector('S not below the group order', honest, messageOf(0), false, offset),
  )
}

/** No point has y = 2, whatever the sign. */
function noPoints(): Ed25519Vector[] {
  return [2n, 2n + signBit]
    .map(encodeNumber)
    .flatMap((encoding) => [
      vector('a key that is no point', { ...honest, key: encoding }, messageOf(0), false),
      vector('an R that is no point', { ...honest, encodedR: encoding }, messageOf(0), false),
    ])
}

function wrongLengths(): Ed25519Vector[] {
  const good = vector('', honest, messageOf(0), true)
  const [key, signature] = [good.publicKey, good.signature]
  return [
    { ...good, name: 'a key too short', publicKey: key.slice(2), valid: false },
    { ...good, name: 'a key too long', publicKey: `${key}00`, valid: false },
    { ...good, name: 'no key', publicKey: '', valid: false },
    { ...good, name: 'a signature too short', signature: signature.slice(2), valid: false },
    { ...good, name: 'a signature too long', signature: `${signature}00`, valid: false },
    { ...good, name: 'no signature', signature: '', valid: false },
  ]
}

/** All vectors, in the order of the file. */
export function makeEd25519Vectors(): Ed25519Vector[] {
  return [
    ...honestVectors(),
    ...identityKey(),
    ...smallOrderKeys(),
    ...smallOrderR(),
    ...mixedKeys(),
    ...mixedR(),
    ...mixedKeyAndR(),
    ...largeScalars(),
    ...noPoints(),
    ...wrongLengths(),
  ]
}
