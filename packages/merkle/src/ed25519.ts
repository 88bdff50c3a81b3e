/**
 * Ed25519 with one verdict everywhere.
 *
 * RFC 8032 leaves room: backends differ on small-order points, on encodings that are not reduced,
 * and on whether the cofactor is multiplied in. Here such keys and signatures are refused before a
 * backend sees them, and every backend uses the equation without the cofactor.
 */
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes } from './bytes.ts'

/** The length of a public key, in bytes. */
export const publicKeyLength = 32
/** The length of a signature, in bytes. */
export const signatureLength = 64

/** A private key that signs: kept where the caller wants it. */
export interface Ed25519Signer {
  /** The 32 bytes of RFC 8032. */
  readonly publicKey: Uint8Array
  /** The 64 bytes of RFC 8032 over `message`. */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** Checks a signature: 32 bytes of key, the message, 64 bytes of signature. Never throws. */
export type Ed25519Verify = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>

const fieldPrime = 2n ** 255n - 19n
const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n

/** The y of one of the four points of order 8; minus it is the y of the other two pairs. */
const orderEightY = 2707385501144840649318225287225658788936804267575313519463743609750303402022n

/**
 * The y coordinates of the points whose order divides 8. With such a key one signature verifies
 * for many messages; with the identity, for all of them.
 */
const smallOrderY: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  fieldPrime - 1n,
  orderEightY,
  fieldPrime - orderEightY,
])

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

/** Whether an encoded point has a reduced y and no small order. Both signs of x are covered. */
function isAcceptablePoint(encoded: Uint8Array): boolean {
  const y = BigInt.asUintN(255, littleEndian(encoded))
  return y < fieldPrime && !smallOrderY.has(y)
}

/**
 * Whether `publicKey` may be trusted with anything: 32 bytes, canonical, not of small order. Bytes
 * that are no point at all may pass; no signature verifies with them.
 */
export function isAcceptablePublicKey(publicKey: Uint8Array): boolean {
  return publicKey.length === publicKeyLength && isAcceptablePoint(publicKey)
}

/**
 * Whether key and signature have a shape that every backend judges alike: lengths of 32 and 64
 * bytes, points acceptable, and S below the group order (RFC 8032 section 5.1.7).
 */
export function isAcceptableSignature(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return (
    isAcceptablePublicKey(publicKey) &&
    signature.length === signatureLength &&
    isAcceptablePoint(signature.subarray(0, 32)) &&
    littleEndian(signature.subarray(32)) < groupOrder
  )
}

function importKey(publicKey: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', concatBytes(publicKey), 'Ed25519', false, ['verify'])
}

/** The key of RFC 8032 section 7.1, test 1: a backend that can't import it has no Ed25519. */
const knownKey = Uint8Array.from([
  ...[0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07],
  ...[0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07],
  ...[0x51, 0x1a],
])

let webCrypto: Promise<boolean> | undefined

/** Whether there is WebCrypto (a page without TLS has none) and it knows Ed25519. Asked once. */
function hasWebCrypto(): Promise<boolean> {
  webCrypto ??= Promise.resolve(knownKey)
    .then(importKey)
    .then(
      () => true,
      () => false,
    )
  return webCrypto
}

async function verifyWithWebCrypto(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  try {
    const key = await importKey(publicKey)
    return await crypto.subtle.verify('Ed25519', key, concatBytes(signature), concatBytes(message))
  } catch {
    // The key is not a point of the curve.
    return false
  }
}

/** Checks [S]B = R + [k]A by comparing encodings, as WebCrypto and OpenSSL do. */
async function verifyWithNoble(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const { Point } = await import('@noble/ed25519')
  const encodedR = signature.subarray(0, 32)
  const scalar = littleEndian(signature.subarray(32))
  const challenge = littleEndian(sha512(concatBytes(encodedR, publicKey, message))) % groupOrder
  try {
    const key = Point.fromBytes(publicKey)
    const expected = Point.BASE.multiplyUnsafe(scalar).subtract(key.multiplyUnsafe(challenge))
    return equalBytes(expected.toBytes(), encodedR)
  } catch {
    // The key is not a point of the curve.
    return false
  }
}

/**
 * Checks an Ed25519 signature (RFC 8032 section 5.1.7, without the cofactor) with WebCrypto, or
 * with `@noble/ed25519`, loaded on first use, where WebCrypto has no Ed25519.
 *
 * `publicKey` has 32 bytes, `signature` 64. Refused keys and signatures give false; nothing throws.
 */
export async function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (!isAcceptableSignature(publicKey, signature)) return false
  const verify = (await hasWebCrypto()) ? verifyWithWebCrypto : verifyWithNoble
  return verify(publicKey, message, signature)
}
